// Owns how text is shown: as it is, with the colours of its words, in parts that are asked for one after the other.

import React from 'react';

import { Facts } from './facts';
import { usePages } from './pages';
import { Problem } from './problem';
import type { Place, TextPreview, Transport } from './transport';
import { t } from './words';

const Part = React.memo(function Part({ part }: { part: TextPreview }): React.JSX.Element {
  if (!part.tokens?.length) {
    return <>{part.text}</>;
  }
  return (
    <>
      {part.tokens.map(([kind, text], index) =>
        kind ? (
          <span key={index} className={classOf(kind)}>
            {text}
          </span>
        ) : (
          text
        )
      )}
    </>
  );
});

/** The kinds are words of our own server, but an artifact's may never become a class of the page. */
function classOf(kind: string): string {
  return kind
    .split(' ')
    .filter(word => /^[a-z-]{1,24}$/.test(word))
    .map(word => `mlart-token-${word}`)
    .join(' ');
}

export function Document(props: {
  preview: TextPreview;
  transport: Transport;
  place: Place;
}): React.JSX.Element {
  const { preview } = props;
  const { pages, more, loading, failure, next } = usePages(
    props.transport,
    props.place,
    preview,
    40
  );
  const cut = preview.truncated && !more && pages.at(-1)?.truncated;
  return (
    <>
      <Facts facts={preview.facts} />
      {cut && (
        <div className="mlart-Preview-note">
          {t('Only the beginning. Download the file for the rest.')}
        </div>
      )}
      <pre
        className={`mlart-Text mlart-Text-${preview.kind}`}
        tabIndex={0}
        role="region"
        aria-label={t('Text')}
      >
        {pages.map((part, index) => (
          <Part key={index} part={part} />
        ))}
      </pre>
      {failure && <Problem failure={failure} onRetry={next} />}
      {more && (
        <button type="button" className="mlart-Button mlart-More" disabled={loading} onClick={next}>
          {loading ? t('Loading …') : t('Load more')}
        </button>
      )}
    </>
  );
}
