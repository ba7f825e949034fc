import { describe, expect, it } from 'vitest';

import { moveFor } from '../ui/keys';
import type { EntryRow, Row } from '../ui/listing';
import { entry, folder } from './fake';

function row(path: string, level: number, expanded?: boolean): EntryRow {
  const each = expanded === undefined ? entry(path) : folder(path);
  return { type: 'entry', entry: each, level, expanded, position: 1, siblings: 1 };
}

const ROWS: Row[] = [
  row('open', 1, true),
  row('open/file', 2),
  { type: 'more', folder: 'open', level: 2, failure: null },
  row('shut', 1, false),
  row('last', 1)
];

describe('moveFor', () => {
  it.each([
    ['ArrowDown', null, { select: 'open' }],
    ['ArrowDown', 'open', { select: 'open/file' }],
    ['ArrowDown', 'open/file', { select: 'shut' }],
    ['ArrowDown', 'last', { select: 'last' }],
    ['ArrowUp', 'open', { select: 'open' }],
    ['ArrowUp', 'shut', { select: 'open/file' }],
    ['PageDown', 'open', { select: 'last' }],
    ['PageUp', 'last', { select: 'open' }],
    ['Home', 'shut', { select: 'open' }],
    ['End', 'open', { select: 'last' }],
    ['ArrowRight', 'shut', { toggle: 'shut' }],
    ['ArrowRight', 'open', { select: 'open/file' }],
    ['ArrowRight', 'last', {}],
    ['ArrowLeft', 'open', { toggle: 'open' }],
    ['ArrowLeft', 'open/file', { select: 'open' }],
    ['ArrowLeft', 'shut', {}],
    ['Enter', 'shut', { toggle: 'shut' }],
    [' ', 'open', { toggle: 'open' }],
    ['Enter', 'last', {}],
    ['a', 'last', null]
  ])('%s on %s', (key, selected, move) => {
    expect(moveFor(key, ROWS, selected)).toEqual(move);
  });

  it('has nowhere to go in an empty tree', () => {
    expect(moveFor('ArrowDown', [], null)).toEqual({});
  });
});
