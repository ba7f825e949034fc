// Owns the list of all runs of a store: searched, and paged as far as one asks for.

import React, { useState } from 'react';

import { runTitle } from './format';
import { RunFacts } from './header';
import { Icon } from './icons';
import { useDebounced, useLoad } from './load';
import { Hint, Problem } from './problem';
import type { Run, Store, Transport } from './transport';

const SEARCH_REST_MS = 250;

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

function NoRuns({ search }: { search: string }): React.JSX.Element {
  return <Hint>{search ? 'No run matches.' : 'This store has no runs yet.'}</Hint>;
}

/** One page, and below it the next one once it is asked for. */
function RunPages(
  props: Picking & { store: string; search: string; cursor: string | null }
): React.JSX.Element {
  const { transport, store, search, cursor } = props;
  const [more, setMore] = useState(false);
  const page = useLoad(`${store}\n${search}\n${cursor ?? ''}`, signal =>
    transport.runs({ store, search, cursor }, signal)
  );
  if (page.failure) {
    return <Problem failure={page.failure} onRetry={page.again} />;
  }
  if (!page.value) {
    return <Hint>Loading …</Hint>;
  }
  const { runs, cursor: next } = page.value;
  if (runs.length === 0 && cursor === null) {
    return <NoRuns search={search} />;
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
          Load more
        </button>
      )}
      {next !== null && more && <RunPages key={next} {...props} cursor={next} />}
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
      aria-label="Store"
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

function RunSearch(props: Picking & { suggested: string | null }): React.JSX.Element {
  const [search, setSearch] = useState('');
  const settled = useDebounced(search.trim(), SEARCH_REST_MS);
  const [chosen, setChosen] = useState<string | null>(null);
  const stores = useLoad('stores', signal => props.transport.stores(signal));
  const store = chosen ?? props.suggested ?? stores.value?.[0]?.alias ?? null;
  if (stores.failure && !store) {
    return <Problem failure={stores.failure} onRetry={stores.again} />;
  }
  if (!store) {
    return <Hint>{stores.value ? 'No store is known yet.' : 'Loading …'}</Hint>;
  }
  return (
    <>
      <StorePicker stores={stores.value ?? []} store={store} onPick={setChosen} />
      <input
        type="search"
        className="mlart-Search"
        placeholder="Search runs"
        aria-label="Search runs"
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <div className="mlart-Runs-scroll">
        <RunPages
          key={`${store}\n${settled}`}
          {...props}
          {...{ store }}
          search={settled}
          cursor={null}
        />
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
        Other runs
      </button>
      {open && <RunSearch {...props} onPick={pick} />}
    </section>
  );
}
