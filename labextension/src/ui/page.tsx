// Owns how pages are shown: in a sandbox that runs nothing, and after a click in one that runs scripts but reaches nothing.
// What draws a chart comes with its library's script, which has megabytes: it is asked for after the click.

import React, { useMemo, useRef, useState } from 'react';

import { useLoad } from './load';
import { Hint, Problem } from './problem';
import { lookOf, type PageKind, sandboxed } from './sandbox';
import type { PagePreview, Place, Transport } from './transport';
import { t } from './words';

interface FrameProps {
  html: string;
  name: string;
  kind: PageKind;
  scripts: boolean;
}

/** Give it a key for its page: one that left for another address stays closed. */
function Frame({ html, name, kind, scripts }: FrameProps): React.JSX.Element {
  const [left, setLeft] = useState(false);
  const loads = useRef(0);
  const page = useMemo(() => sandboxed(html, lookOf(kind), scripts), [html, kind, scripts]);
  if (left) {
    return <Hint>{t('The page tried to leave for another address, so it was closed.')}</Hint>;
  }
  return (
    <iframe
      className="mlart-Page"
      title={name}
      // never with allow-same-origin: what runs in there has no part in this page
      sandbox={scripts ? 'allow-scripts' : ''}
      srcDoc={page}
      onLoad={() => {
        loads.current += 1;
        if (loads.current > 1) {
          setLeft(true);
        }
      }}
    />
  );
}

function ScriptsLine(props: { running: boolean; onStart: () => void; onStop: () => void }) {
  return (
    <div className="mlart-Preview-note">
      {props.running ? t('Its scripts run, apart from this page.') : t('Its scripts do not run.')}
      <button
        type="button"
        className="mlart-Link"
        title={t(
          'They see nothing of Jupyter. A hostile one could still leave for an address of its own.'
        )}
        onClick={props.running ? props.onStop : props.onStart}
      >
        {props.running ? t('Stop them') : t('Run scripts')}
      </button>
    </div>
  );
}

interface Shown {
  transport: Transport;
  place: Place;
  version: string;
  name: string;
}

/** A chart, running: only where the user has asked for it. */
export function Drawing({ transport, place, version, name }: Shown): React.JSX.Element {
  const drawing = useLoad(version, signal => transport.drawing(place, signal));
  if (drawing.failure) {
    return <Problem failure={drawing.failure} onRetry={drawing.again} />;
  }
  if (drawing.value === null) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  return <Frame html={drawing.value} name={name} kind="drawing" scripts={true} />;
}

export function Page(props: Shown & { preview: PagePreview }): React.JSX.Element {
  const { preview, name } = props;
  const [scripts, setScripts] = useState(false);
  return (
    <div className="mlart-PageHost">
      {preview.truncated && (
        <div className="mlart-Preview-note">
          {t('Only the beginning. Download the file for the rest.')}
        </div>
      )}
      {preview.scripts && (
        <ScriptsLine
          running={scripts}
          onStart={() => setScripts(true)}
          onStop={() => setScripts(false)}
        />
      )}
      {scripts && preview.drawn ? (
        <Drawing {...props} />
      ) : (
        <Frame
          key={String(scripts)}
          {...{ html: preview.html, kind: preview.kind, name, scripts }}
        />
      )}
    </div>
  );
}
