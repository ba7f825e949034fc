// Owns which files are marked to be handled together, and which clicks and keys mark them.

import { useMemo, useRef, useState } from 'react';

import { foldersAbove } from './format';

export interface Marks {
  marked: ReadonlySet<string>;
  /** One more, or one less; the one in focus is marked along with the first. */
  toggle: (path: string, focus: string | null) => void;
  /** All from where the last mark began to here, in the order on the screen. */
  extend: (paths: readonly string[], to: string, focus: string | null) => void;
  all: (paths: readonly string[]) => void;
  clear: () => void;
}

type Modifiers = Pick<React.MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>;

const NONE: ReadonlySet<string> = new Set();

function span(paths: readonly string[], from: string, to: string): string[] {
  const ends = [paths.indexOf(from), paths.indexOf(to)].filter(at => at >= 0);
  return ends.length === 0 ? [] : paths.slice(Math.min(...ends), Math.max(...ends) + 1);
}

export function useMarks(): Marks {
  const [marked, setMarked] = useState(NONE);
  const anchor = useRef<string | null>(null);
  const moves = useMemo(
    () => ({
      toggle: (path: string, focus: string | null) => {
        anchor.current = path;
        setMarked(last => {
          const next = new Set(last.size === 0 && focus !== null ? [focus] : last);
          const known = last.size > 0 && next.has(path);
          next[known ? 'delete' : 'add'](path);
          return next;
        });
      },
      extend: (paths: readonly string[], to: string, focus: string | null) => {
        anchor.current ??= focus ?? to;
        setMarked(new Set(span(paths, anchor.current, to)));
      },
      all: (paths: readonly string[]) => setMarked(new Set(paths)),
      clear: () => {
        anchor.current = null;
        setMarked(NONE);
      }
    }),
    []
  );
  return useMemo(() => ({ marked, ...moves }), [marked, moves]);
}

/** Without marks it is the one in focus that counts as selected. */
export function isMarked({ marked }: Marks, path: string, focus: string | null): boolean {
  return marked.size > 0 ? marked.has(path) : path === focus;
}

/** True when the click was about marks alone. */
export function markByClick(
  marks: Marks,
  event: Modifiers,
  place: { paths: () => string[]; path: string; focus: string | null }
): boolean {
  if (event.shiftKey) {
    marks.extend(place.paths(), place.path, place.focus);
  } else if (event.ctrlKey || event.metaKey) {
    marks.toggle(place.path, place.focus);
  } else {
    marks.clear();
    return false;
  }
  return true;
}

/** True when the key was about marks alone: Ctrl+Space marks one, Ctrl+A all, Escape none. */
export function markByKey(
  marks: Marks,
  event: Modifiers & { key: string },
  place: { paths: () => string[]; focus: string | null }
): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === ' ' && place.focus !== null) {
    marks.toggle(place.focus, null);
  } else if (command && event.key === 'a') {
    marks.all(place.paths());
  } else if (event.key === 'Escape' && marks.marked.size > 0) {
    marks.clear();
  } else {
    return false;
  }
  return true;
}

/** After a key has moved the focus: with Shift what lies between is marked, without it nothing is. */
export function markByMove(
  marks: Marks,
  event: Modifiers,
  place: { paths: () => string[]; path: string; focus: string | null }
): void {
  if (event.shiftKey) {
    marks.extend(place.paths(), place.path, place.focus);
  } else if (!event.ctrlKey && !event.metaKey) {
    marks.clear();
  }
}

/** Without what lies in a folder that is itself among them. */
export function outermost(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  return [...all].filter(path => !foldersAbove(path).some(folder => all.has(folder))).sort();
}
