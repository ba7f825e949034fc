// Owns what is known of the notebook in front: its session, and the run that a cell has just started.

import { useEffect, useState } from 'react';

import { type Load, useInterval, useLoad } from './load';
import type { Changes, Session, Transport, Where } from './transport';

// a run is written to the session a moment after its first cell shows something
const AWAIT_MS = 300;
const GIVE_UP_MS = 10_000;

export interface Found {
  session: Session | null;
}

interface Awaited {
  run: string;
  until: number;
}

function useAwaitedRun(changes: Changes | undefined, session: Session | null, again: () => void) {
  const [awaited, setAwaited] = useState<Awaited | null>(null);
  useEffect(
    () =>
      changes?.subscribe(({ run }) => {
        if (run !== null) {
          setAwaited({ run, until: Date.now() + GIVE_UP_MS });
        }
      }),
    [changes]
  );
  const known = session?.runs.some(({ run_id }) => run_id === awaited?.run) ?? false;
  const isWaiting = awaited !== null && !known;
  useInterval(
    () => (Date.now() > (awaited?.until ?? 0) ? setAwaited(null) : again()),
    isWaiting ? AWAIT_MS : null
  );
}

export function useSession(
  transport: Transport,
  changes: Changes | undefined,
  where: Where | null
): Load<Found> {
  const key = where && `${where.path}\n${where.kernel ?? ''}`;
  const load = useLoad(key, async signal => ({
    session: where && (await transport.session(where, signal))
  }));
  useAwaitedRun(changes, load.value?.session ?? null, load.again);
  return load;
}
