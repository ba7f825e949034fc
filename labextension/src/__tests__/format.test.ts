import { describe, expect, it } from 'vitest';

import {
  describeEntry,
  describeSpool,
  folderOf,
  foldersAbove,
  formatAgo,
  formatCount,
  formatDuration,
  formatSize,
  runUri
} from '../ui/format';
import { iconOf } from '../ui/icons';
import { entry, folder, STATUS } from './fake';

describe('format', () => {
  it.each([
    [null, ''],
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [9949, '9.9 KB'],
    [9960, '10 KB'],
    [999_499, '999 KB'],
    [999_600, '1.0 MB'],
    [3_500_000_000, '3.5 GB'],
    [4e15, '4000 TB']
  ])('shows %s bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('counts', () => {
    expect(formatCount(1, 'row')).toBe('1 row');
    expect(formatCount(120000, 'row')).toBe('120,000 rows');
  });

  it.each([
    [-5, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [7199, '1 h'],
    [200_000, '2 d']
  ])('shows %i seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('tells how long ago', () => {
    expect(formatAgo(null)).toBe('');
    expect(formatAgo(1000, 31_000)).toBe('just now');
    expect(formatAgo(0, 120_000)).toBe('2 min ago');
  });

  it('counts what is on its way as waiting', () => {
    expect(describeSpool(STATUS)).toBe('2 waiting · 41 kept · 0 failed');
  });

  it('takes a path apart', () => {
    expect(folderOf('a/b/c')).toBe('a/b');
    expect(folderOf('c')).toBe('');
    expect(foldersAbove('a/b/c')).toEqual(['a', 'a/b']);
    expect(foldersAbove('c')).toEqual([]);
  });

  it('names a place as MLflow does', () => {
    const place = { store: 's', run: 'abc', path: '' };
    expect(runUri(place)).toBe('runs:/abc');
    expect(runUri({ ...place, path: 'f/x.png' })).toBe('runs:/abc/f/x.png');
  });

  it('describes a file in full', () => {
    const file = entry('f/x.png', { kind: 'figure', cell: 7, version: 2, state: 'uploading' });
    const text = 'f/x.png\nfigure\n1.5 KB\nuploading\ncell [7]\nversion 2';
    expect(describeEntry(file)).toBe(text);
  });
});

describe('iconOf', () => {
  it.each([
    [folder('figures'), 'folder'],
    [entry('x.bin', { kind: 'frame' }), 'table'],
    [entry('x.png', { kind: 'something new' }), 'image'],
    [entry('x.parquet'), 'table'],
    [entry('x.bin'), 'file']
  ])('%#: %o', (given, icon) => {
    expect(iconOf(given)).toBe(icon);
  });
});
