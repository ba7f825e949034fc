// Owns the end of artifacts: the question before it, how far it is, and why it could not be done.

import React, { useCallback, useEffect, useRef, useState } from 'react';

import { formatCount } from './format';
import { outermost } from './marking';
import { Problem } from './problem';
import { asFailure, type Failure, type Transport } from './transport';
import { t } from './words';

export interface Deleting {
  /** What is asked about, or is being deleted. */
  paths: string[];
  /** How many are deleted by now; null while the question stands. */
  done: number | null;
  failure: Failure | null;
  ask: (paths: Iterable<string>) => void;
  confirm: () => void;
  cancel: () => void;
}

/** `onDeleted` is told what is gone, also when a later one could not be deleted. */
export function useDeleting(
  transport: Transport,
  run: { store: string; run: string },
  onDeleted: (paths: string[]) => void
): Deleting {
  const [paths, setPaths] = useState<string[]>([]);
  const [done, setDone] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { store, run: id } = run;
  const latest = useRef(onDeleted);
  latest.current = onDeleted;

  const ask = useCallback((wanted: Iterable<string>) => {
    setFailure(null);
    setDone(null);
    setPaths(outermost(wanted));
  }, []);
  const cancel = useCallback(() => ask([]), [ask]);

  const confirm = async () => {
    const gone: string[] = [];
    try {
      for (const path of paths) {
        setDone(gone.length);
        await transport.delete({ store, run: id, path });
        gone.push(path);
      }
      cancel();
    } catch (error) {
      ask([]);
      setFailure(asFailure(error));
    }
    latest.current(gone);
  };
  return { paths, done, failure, ask, confirm: () => void confirm(), cancel };
}

function Question({ deleting }: { deleting: Deleting }): React.JSX.Element {
  const { paths } = deleting;
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), [paths]);
  const what = paths.length === 1 ? paths[0] : formatCount(paths.length, 'item');
  return (
    <div
      className="mlart-Question"
      role="alertdialog"
      aria-label={t('Delete')}
      onKeyDown={event => event.key === 'Escape' && deleting.cancel()}
    >
      <p>
        {t('Delete from the run? This cannot be undone:')} <strong>{what}</strong>
      </p>
      <button ref={keep} type="button" className="mlart-Button" onClick={deleting.cancel}>
        {t('Keep')}
      </button>
      <button type="button" className="mlart-Button mlart-Button-danger" onClick={deleting.confirm}>
        {t('Delete')}
      </button>
    </div>
  );
}

export function DeletingLine({ deleting }: { deleting: Deleting }): React.JSX.Element | null {
  const { paths, done, failure, cancel } = deleting;
  if (failure) {
    return <Problem failure={failure} action={t('Close')} onRetry={cancel} />;
  }
  if (paths.length === 0) {
    return null;
  }
  if (done === null) {
    return <Question deleting={deleting} />;
  }
  return (
    <div className="mlart-Transfer" role="status">
      {t('Deleting %1 of %2 …', done + 1, paths.length)}
    </div>
  );
}
