// Owns the files that were found: the pages fetched so far, and what is asked again when the run changes.

import { useCallback, useEffect, useRef, useState } from 'react';

import {
  asFailure,
  type Entry,
  type Failure,
  type FindQuery,
  isAbort,
  type Transport
} from './transport';

export interface FoundFiles {
  entries: Entry[];
  total: number | null;
  failure: Failure | null;
  more: () => void;
  again: () => void;
}

interface State {
  key: string;
  entries: Entry[];
  total: number | null;
  cursor: string | null;
  failure: Failure | null;
}

const NOTHING: State = { key: '', entries: [], total: null, cursor: null, failure: null };

/** `tick` asks again when it changes; what is on show stays until the answer is here. */
export function useFound(
  transport: Transport,
  query: Omit<FindQuery, 'cursor'>,
  tick: unknown
): FoundFiles {
  const [state, setState] = useState<State>(NOTHING);
  const life = useRef(new AbortController());
  const loading = useRef(false);
  const [attempt, setAttempt] = useState(0);
  const key = JSON.stringify(query);

  const ask = useCallback(
    (cursor: string | null, before: Entry[]) => {
      const { signal } = life.current;
      loading.current = true;
      transport.find({ ...(JSON.parse(key) as typeof query), cursor }, signal).then(
        page => {
          loading.current = false;
          const entries = [...before, ...page.entries];
          setState({ key, entries, total: page.total, cursor: page.cursor, failure: null });
        },
        (error: unknown) => {
          if (!isAbort(error)) {
            loading.current = false;
            setState(last => ({ ...last, key, cursor: null, failure: asFailure(error) }));
          }
        }
      );
    },
    [transport, key]
  );

  useEffect(() => {
    life.current = new AbortController();
    ask(null, []);
    return () => life.current.abort();
  }, [ask, tick, attempt]);

  const { entries, cursor, failure, total } = state;
  const more = useCallback(() => {
    if (cursor !== null && !loading.current) {
      ask(cursor, entries);
    }
  }, [ask, cursor, entries]);
  const current = state.key === key;
  return {
    entries,
    total: current ? total : null,
    failure: current ? failure : null,
    more,
    again: () => setAttempt(attempt + 1)
  };
}
