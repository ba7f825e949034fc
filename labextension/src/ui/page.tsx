// Owns how pages are shown: in a sandbox that runs nothing, and after a click in one that runs scripts but reaches nothing.

import React, { useMemo, useRef, useState } from 'react';

import { lookOf, sandboxed } from './sandbox';
import { Hint } from './problem';
import type { PagePreview } from './transport';
import { t } from './words';

function Frame(props: { html: string; name: string; scripts: boolean; onLeave: () => void }) {
  const { scripts } = props;
  const loads = useRef(0);
  return (
    <iframe
      className="mlart-Page"
      title={props.name}
      // never with allow-same-origin: what runs in there has no part in this page
      sandbox={scripts ? 'allow-scripts' : ''}
      srcDoc={props.html}
      onLoad={() => {
        loads.current += 1;
        if (loads.current > 1) {
          props.onLeave();
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

export function Page({ preview, name }: { preview: PagePreview; name: string }): React.JSX.Element {
  const [scripts, setScripts] = useState(false);
  const [left, setLeft] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const { html, kind } = preview;
  const page = useMemo(() => sandboxed(html, lookOf(kind), scripts), [html, kind, scripts]);
  return (
    <div ref={host} className="mlart-PageHost">
      {preview.truncated && (
        <div className="mlart-Preview-note">
          {t('Only the beginning. Download the file for the rest.')}
        </div>
      )}
      {preview.scripts && (
        <ScriptsLine
          running={scripts}
          onStart={() => setScripts(true)}
          onStop={() => {
            setScripts(false);
            setLeft(false);
          }}
        />
      )}
      {left ? (
        <Hint>{t('The page tried to leave for another address, so it was closed.')}</Hint>
      ) : (
        <Frame
          key={String(scripts)}
          html={page}
          name={name}
          scripts={scripts}
          onLeave={() => setLeft(true)}
        />
      )}
    </div>
  );
}
