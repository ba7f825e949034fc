// Owns the list of all runs of a store: searched, and paged as far as one asks for.

import React, { useState } from 'react';

import { runTitle } from './format';
import { RunFacts } from './header';
import { Icon } from './icons';
import { useDebounced, useLoad } from './load';
import { Hint, Problem } from './problem';
import type { Run, RunQuery, Store, Transport } from './transport';
import { t, word } from './words';

const SEARCH_REST_MS = 250;
const STATUSES = ['running', 'finished', 'failed', 'killed', 'scheduled'].map(word);

type Narrowed = Pick<RunQuery, 'experiment' | 'status'>;

interface Picking {
  transport: Transport;
  picked: string | null;
  onPick: (run: Run) => void;
}

function RunLine(props: Picking & { run: Run }): React.JSX.Element {
  const { run, picked } = props;
  return (
    <li>
      <button
        type="button"
        className="mlart-Run"
        aria-current={run.run_id === picked}
        title={run.run_id}
        onClick={() => props.onPick(run)}
      >
        <span className="mlart-Run-name">{runTitle(run)}</span>
        <RunFacts run={run} />
      </button>
    </li>
  );
}

function NoRuns({ query }: { query: RunQuery }): React.JSX.Element {
  const { search, experiment, status } = query;
  const all = !search && !experiment && !status;
  return <Hint>{all ? t('This store has no runs yet.') : t('No run matches.')}</Hint>;
}

/** One page, and below it the next one once it is asked for. */
function RunPages(props: Picking & { query: RunQuery }): React.JSX.Element {
  const { transport, query } = props;
  const [more, setMore] = useState(false);
  const page = useLoad(JSON.stringify(query), signal => transport.runs(query, signal));
  if (page.failure) {
    return <Problem failure={page.failure} onRetry={page.again} />;
  }
  if (!page.value) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  const { runs, cursor: next } = page.value;
  if (runs.length === 0 && query.cursor === null) {
    return <NoRuns query={query} />;
  }
  return (
    <>
      <ul className="mlart-RunList">
        {runs.map(run => (
          <RunLine key={run.run_id} {...props} run={run} />
        ))}
      </ul>
      {next !== null && !more && (
        <button type="button" className="mlart-Button" onClick={() => setMore(true)}>
          {t('Load more')}
        </button>
      )}
      {next !== null && more && (
        <RunPages key={next} {...props} query={{ ...query, cursor: next }} />
      )}
    </>
  );
}

function StorePicker(props: {
  stores: Store[];
  store: string;
  onPick: (alias: string) => void;
}): React.JSX.Element | null {
  if (props.stores.length < 2) {
    return null;
  }
  return (
    <select
      className="mlart-Select"
      aria-label={t('Store')}
      value={props.store}
      onChange={event => props.onPick(event.target.value)}
    >
      {props.stores.map(({ alias, label }) => (
        <option key={alias} value={alias}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** By experiment and by status. */
function Narrowing(props: {
  transport: Transport;
  store: string;
  value: Narrowed;
  onChange: (change: Partial<Narrowed>) => void;
}): React.JSX.Element {
  const { transport, store, value, onChange } = props;
  // without an answer there is no choice of experiments, and the runs are there all the same
  const load = useLoad(store, signal => transport.experiments(store, signal));
  return (
    <div className="mlart-Narrowing">
      <select
        className="mlart-Select"
        aria-label={t('Experiment')}
        value={value.experiment}
        onChange={event => onChange({ experiment: event.target.value })}
      >
        <option value="">{t('All experiments')}</option>
        {load.value?.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        className="mlart-Select"
        aria-label={t('Status')}
        value={value.status}
        onChange={event => onChange({ status: event.target.value })}
      >
        <option value="">{t('Any status')}</option>
        {STATUSES.map(status => (
          <option key={status} value={status.toUpperCase()}>
            {t(status)}
          </option>
        ))}
      </select>
    </div>
  );
}

function RunSearch(props: Picking & { suggested: string | null }): React.JSX.Element {
  const [search, setSearch] = useState('');
  const settled = useDebounced(search.trim(), SEARCH_REST_MS);
  const [chosen, setChosen] = useState<string | null>(null);
  const [narrowed, setNarrowed] = useState<Narrowed>({ experiment: '', status: '' });
  const stores = useLoad('stores', signal => props.transport.stores(signal));
  const store = chosen ?? props.suggested ?? stores.value?.[0]?.alias ?? null;
  if (stores.failure && !store) {
    return <Problem failure={stores.failure} onRetry={stores.again} />;
  }
  if (!store) {
    return <Hint>{stores.value ? t('No store is known yet.') : t('Loading …')}</Hint>;
  }
  const query: RunQuery = { store, search: settled, ...narrowed, cursor: null };
  return (
    <>
      <StorePicker
        stores={stores.value ?? []}
        store={store}
        onPick={alias => {
          setChosen(alias);
          setNarrowed({ ...narrowed, experiment: '' });
        }}
      />
      <input
        type="search"
        className="mlart-Search"
        placeholder={t('Search runs')}
        title={t('A part of the name, the id, or tag:name=value')}
        aria-label={t('Search runs')}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <Narrowing
        transport={props.transport}
        store={store}
        value={narrowed}
        onChange={change => setNarrowed({ ...narrowed, ...change })}
      />
      <div className="mlart-Runs-scroll">
        <RunPages key={JSON.stringify(query)} {...props} query={query} />
      </div>
    </>
  );
}

export function OtherRuns(props: Picking & { suggested: string | null; open: boolean }) {
  const [openedByHand, setOpenedByHand] = useState<boolean | null>(null);
  const open = openedByHand ?? props.open;
  const pick = (run: Run) => {
    setOpenedByHand(false);
    props.onPick(run);
  };
  return (
    <section className="mlart-Runs" data-open={open}>
      <button
        type="button"
        className="mlart-Runs-title"
        aria-expanded={open}
        onClick={() => setOpenedByHand(!open)}
      >
        <Icon name="chevron" />
        {t('Other runs')}
      </button>
      {open && <RunSearch {...props} onPick={pick} />}
    </section>
  );
}
