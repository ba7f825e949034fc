// Owns the one download that runs: its progress, its end, and how it is stopped.

import React, { useCallback, useRef, useState } from 'react';

import { formatSize, nameOf } from './format';
import { IconButton } from './button';
import { Problem } from './problem';
import { save } from './saving';
import {
  asFailure,
  type Entry,
  type Failure,
  isAbort,
  type Place,
  type Transport
} from './transport';
import { t } from './words';

interface Running {
  name: string;
  received: number;
  total: number | null;
}

export interface Transfer {
  running: Running | null;
  failure: Failure | null;
  /** Without an entry the place is a folder, of which `only` names what is wanted. */
  start: (
    place: Place,
    entry: Pick<Entry, 'is_dir' | 'size'> | null,
    only?: readonly string[]
  ) => void;
  stop: () => void;
}

function fileName(place: Place, isFolder: boolean): string {
  const name = nameOf(place.path) || place.run;
  return isFolder ? `${name}.zip` : name;
}

/** Without an entry the place is the whole run. */
export function useTransfer(transport: Transport): Transfer {
  const [running, setRunning] = useState<Running | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const life = useRef(new AbortController());

  const stop = useCallback(() => {
    life.current.abort();
    setRunning(null);
    setFailure(null);
  }, []);

  const start = useCallback(
    (place: Place, entry: Pick<Entry, 'is_dir' | 'size'> | null, only?: readonly string[]) => {
      stop();
      const { signal } = (life.current = new AbortController());
      const isFolder = entry?.is_dir ?? true;
      const name = only ? 'selection.zip' : fileName(place, isFolder);
      const onProgress = (received: number, total: number | null) =>
        signal.aborted || setRunning({ name, received, total });
      const options = { size: entry?.size ?? null, onProgress, signal };
      onProgress(0, options.size);
      const fetching = isFolder
        ? transport.zip(place, options, only)
        : transport.file(place, options);
      fetching
        .then(download => save(download, name))
        .catch((error: unknown) => signal.aborted || isAbort(error) || setFailure(asFailure(error)))
        .finally(() => signal.aborted || setRunning(null));
    },
    [transport, stop]
  );
  return { running, failure, start, stop };
}

function progressOf({ received, total }: Running): string {
  // a zip is a little larger than what is in it
  return total
    ? t('%1 % of %2', Math.min(100, Math.floor((100 * received) / total)), formatSize(total))
    : formatSize(received);
}

export function TransferLine({ transfer }: { transfer: Transfer }): React.JSX.Element | null {
  const { running, failure, stop } = transfer;
  if (failure) {
    return <Problem failure={failure} onRetry={stop} />;
  }
  if (!running) {
    return null;
  }
  return (
    <div className="mlart-Transfer" role="status">
      <span className="mlart-Transfer-name">{running.name}</span>
      <span>{progressOf(running)}</span>
      <IconButton icon="close" label={t('Stop the download')} onClick={stop} />
    </div>
  );
}
