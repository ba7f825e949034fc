// Owns the top of the sidebar: the run of the notebook in front, or the other run that is looked at.

import React from 'react';

import { formatAgo, nameOf, runTitle } from './format';
import type { Run, Session } from './transport';
import { t } from './words';

function Status({ status }: { status: string }): React.JSX.Element {
  const word = status.toLowerCase();
  return <span className={`mlart-Status mlart-Status-${word}`}>{t(word)}</span>;
}

export function RunFacts({ run }: { run: Run }): React.JSX.Element {
  return (
    <span className="mlart-RunFacts">
      <Status status={run.status} />
      <span className="mlart-RunFacts-rest">
        {[run.experiment, formatAgo(run.started)].filter(Boolean).join(' · ')}
      </span>
    </span>
  );
}

function Picker(props: { runs: Run[]; run: Run; onPick: (run: Run) => void }): React.JSX.Element {
  const { runs, run } = props;
  return (
    <select
      className="mlart-Select"
      aria-label={t('Run of this notebook')}
      value={run.run_id}
      onChange={event => {
        const picked = runs.find(({ run_id }) => run_id === event.target.value);
        if (picked) {
          props.onPick(picked);
        }
      }}
    >
      {runs.map(each => (
        <option key={each.run_id} value={each.run_id}>
          {runTitle(each)}
        </option>
      ))}
    </select>
  );
}

export function Header(props: {
  session: Session | null;
  run: Run | null;
  onPick: (run: Run | null) => void;
}): React.JSX.Element | null {
  const { session, run, onPick } = props;
  if (!run) {
    return null;
  }
  const own = session?.runs.some(({ run_id }) => run_id === run.run_id) ?? false;
  const title = own ? t('This notebook · %1', nameOf(session?.notebook ?? '')) : t('Another run');
  return (
    <div className="mlart-Header">
      <div className="mlart-Header-over">
        <span className="mlart-Header-where">{title}</span>
        {!own && session && session.runs.length > 0 && (
          <button type="button" className="mlart-Link" onClick={() => onPick(null)}>
            {t('Back to this notebook')}
          </button>
        )}
      </div>
      {own && session && session.runs.length > 1 ? (
        <Picker runs={session.runs} run={run} onPick={onPick} />
      ) : (
        <h2 title={run.run_id}>{runTitle(run)}</h2>
      )}
      <RunFacts run={run} />
    </div>
  );
}
