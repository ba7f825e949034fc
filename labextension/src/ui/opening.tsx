// Owns the button that opens a file in the application's own viewer, and what is said when that cannot be.

import React, { useEffect, useState } from 'react';

import { IconButton } from './button';
import type { Viewer } from './host';
import { Problem } from './problem';
import { asFailure, type Entry, type Failure, type Place } from './transport';
import { t } from './words';

export interface Opening {
  /** Null where the application has no viewer for it. */
  start: (() => void) | null;
  busy: boolean;
  failure: Failure | null;
}

export function useOpening(viewer: Viewer | undefined, place: Place, entry: Entry | null): Opening {
  const { path } = place;
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ path: string; failure: Failure } | null>(null);
  useEffect(() => setFailed(null), [path]);
  const can = viewer?.opens(path) && entry !== null && !entry.is_dir && entry.state === 'stored';
  const start = () => {
    setBusy(true);
    setFailed(null);
    viewer
      ?.open(place, entry?.size ?? null)
      .catch((error: unknown) => setFailed({ path, failure: asFailure(error) }))
      .finally(() => setBusy(false));
  };
  return {
    start: can ? start : null,
    busy,
    failure: failed?.path === path ? failed.failure : null
  };
}

export function OpenButton({ start, busy }: Opening): React.JSX.Element | null {
  return (
    start && <IconButton icon="expand" label={t('Open in a tab')} onClick={start} disabled={busy} />
  );
}

export function OpeningLine({ failure }: Opening): React.JSX.Element | null {
  return failure && <Problem failure={failure} />;
}
