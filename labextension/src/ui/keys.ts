// Owns what the keys do in the tree: from the row in focus to the row or folder they are about.

import { folderOf } from './format';
import type { EntryRow, Row } from './listing';

export interface Move {
  select?: string;
  toggle?: string;
}

const SCREENFUL = 10;

function step(rows: EntryRow[], from: number, by: number): Move {
  const index = Math.min(Math.max(from + by, 0), rows.length - 1);
  const row = rows[index];
  return row ? { select: row.entry.path } : {};
}

function inwards(rows: EntryRow[], at: number): Move {
  const row = rows[at];
  if (row?.expanded === false) {
    return { toggle: row.entry.path };
  }
  const child = rows[at + 1];
  return row?.expanded && child && child.level > row.level ? { select: child.entry.path } : {};
}

function outwards(row: EntryRow | undefined): Move {
  if (row?.expanded) {
    return { toggle: row.entry.path };
  }
  const parent = row ? folderOf(row.entry.path) : '';
  return parent ? { select: parent } : {};
}

/** Null when the tree has no use for the key. */
export function moveFor(key: string, rows: readonly Row[], selected: string | null): Move | null {
  const entries = rows.filter((row): row is EntryRow => row.type === 'entry');
  const at = entries.findIndex(row => row.entry.path === selected);
  switch (key) {
    case 'ArrowDown':
      return step(entries, at, 1);
    case 'ArrowUp':
      return step(entries, at, -1);
    case 'PageDown':
      return step(entries, at, SCREENFUL);
    case 'PageUp':
      return step(entries, at, -SCREENFUL);
    case 'Home':
      return step(entries, 0, 0);
    case 'End':
      return step(entries, entries.length, 0);
    case 'ArrowRight':
      return inwards(entries, at);
    case 'ArrowLeft':
      return outwards(entries[at]);
    case 'Enter':
    case ' ':
      return entries[at]?.expanded === undefined ? {} : { toggle: selected ?? '' };
    default:
      return null;
  }
}
