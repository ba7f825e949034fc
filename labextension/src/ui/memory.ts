// Owns what is remembered of a browser from one time to the next: where one was, and how one looked at it.

import { useCallback, useState } from 'react';

import type { Sort } from './transport';

export interface Remembered {
  selected: string | null;
  view: 'tree' | 'gallery';
  sort: Sort;
  kind: string;
}

const FRESH: Remembered = { selected: null, view: 'tree', sort: 'name', kind: '' };
const PREFIX = 'mlart:';
const SORTS = ['name', 'size', 'time'];

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function read(key: string): Remembered {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? '{}') as Record<string, unknown>;
    return {
      selected: text(kept['selected']),
      view: kept['view'] === 'gallery' ? 'gallery' : 'tree',
      sort: SORTS.includes(String(kept['sort'])) ? (kept['sort'] as Sort) : 'name',
      kind: text(kept['kind']) ?? ''
    };
  } catch {
    // no storage in a page of an unknown origin, or not what we wrote
    return FRESH;
  }
}

function write(key: string, state: Remembered): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(state));
  } catch {
    // full or forbidden: it is remembered as long as the page is open
  }
}

/** `key` is the notebook, or the panel's run: another one has memories of its own. */
export function useRemembered(key: string): [Remembered, (change: Partial<Remembered>) => void] {
  const [held, setHeld] = useState({ key, state: read(key) });
  const current = held.key === key ? held : { key, state: read(key) };
  if (current !== held) {
    setHeld(current);
  }
  const change = useCallback(
    (part: Partial<Remembered>) =>
      setHeld(last => {
        const state = { ...(last.key === key ? last.state : read(key)), ...part };
        write(key, state);
        return { key, state };
      }),
    [key]
  );
  return [current.state, change];
}
