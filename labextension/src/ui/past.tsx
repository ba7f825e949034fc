// Owns the line of a run's notebook: "Bring this notebook back" and "What changed since", with the changes.

import React, { useState } from 'react';

import { formatCount } from './format';
import type { CellChange, Past } from './host';
import { Hint, Problem } from './problem';
import { asFailure, type Failure, type Place } from './transport';
import { t } from './words';

const WORDS = { '+': 'added', '-': 'removed', ' ': '' };

function Line({ line: [mark, text] }: { line: CellChange['lines'][number] }): React.JSX.Element {
  const word = WORDS[mark];
  return (
    <span className={`mlart-Line mlart-Line-${word || 'same'}`}>
      {`${mark} ${text}`}
      {'\n'}
    </span>
  );
}

function Cell({ change }: { change: CellChange }): React.JSX.Element {
  const title = {
    added: t('Cell %1 was added', change.at + 1),
    removed: t('Cell %1 was removed', change.at + 1),
    changed: t('Cell %1 has changed', change.at + 1)
  };
  return (
    <figure className="mlart-Source">
      <figcaption>{title[change.kind]}</figcaption>
      <pre tabIndex={0}>
        {change.lines.map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </pre>
    </figure>
  );
}

interface Since {
  name: string;
  changes: CellChange[];
}

function Changes({ since }: { since: Since }): React.JSX.Element {
  const { name, changes } = since;
  if (changes.length === 0) {
    return <Hint>{t('%1 has the same cells.', name)}</Hint>;
  }
  return (
    <div className="mlart-Changes" role="region" aria-label={t('What changed since')}>
      <div>{t('Changed in %1 since: %2', name, formatCount(changes.length, 'cell'))}</div>
      {changes.map((change, index) => (
        <Cell key={index} change={change} />
      ))}
    </div>
  );
}

interface Answer {
  path?: string;
  since?: Since;
  failure?: Failure;
}

function usePast(past: Past, place: Place) {
  const [answer, setAnswer] = useState<Answer>({});
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<Answer>) => {
    setBusy(true);
    setAnswer(await work().catch((error: unknown) => ({ failure: asFailure(error) })));
    setBusy(false);
  };
  const bringBack = () => void run(async () => ({ path: await past.bringBack(place) }));
  const compare = () => void run(async () => ({ since: await past.changesSince(place) }));
  return { answer, busy, bringBack, compare };
}

/** Give it the place as its key: what was told of one notebook is not true of another. */
export function PastLine({ past, place }: { past: Past; place: Place }): React.JSX.Element {
  const { answer, busy, bringBack, compare } = usePast(past, place);
  return (
    <div className="mlart-Past" aria-busy={busy}>
      <div className="mlart-Past-line">
        <button type="button" className="mlart-Link" disabled={busy} onClick={bringBack}>
          {t('Bring this notebook back')}
        </button>
        <button type="button" className="mlart-Link" disabled={busy} onClick={compare}>
          {t('What changed since')}
        </button>
      </div>
      {answer.path !== undefined && (
        <div role="status">{t('It is beside yours: %1', answer.path)}</div>
      )}
      {answer.failure && <Problem failure={answer.failure} />}
      {answer.since && <Changes since={answer.since} />}
    </div>
  );
}

export function isNotebook(place: Place): boolean {
  return place.path.endsWith('.ipynb');
}
