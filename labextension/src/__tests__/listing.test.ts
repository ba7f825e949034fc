import { describe, expect, it } from 'vitest';

import { Listing, type Row } from '../ui/listing';
import type { ArtifactPage, Entry } from '../ui/transport';
import { entry, FakeTransport, folder } from './fake';

function listingOf(transport: FakeTransport, page?: number): Listing {
  const place = { store: 'default', run: 'r' };
  return new Listing(query => transport.artifacts({ ...place, ...query }), page);
}

function show(rows: readonly Row[]): string[] {
  return rows.map(row => {
    const indent = '  '.repeat(row.level - 1);
    return indent + (row.type === 'entry' ? row.entry.name : `(${row.type})`);
  });
}

function many(count: number, prefix = ''): Entry[] {
  return Array.from({ length: count }, (_, index) => entry(`${prefix}f${index}`));
}

describe('Listing', () => {
  it('hides the catalogue at the root, and only there', async () => {
    const transport = new FakeTransport();
    transport.folders = {
      '': [folder('mlart'), folder('sub'), entry('a.png')],
      sub: [folder('sub/mlart')]
    };
    const listing = listingOf(transport);
    await listing.start();
    await listing.open('sub');
    expect(show(listing.rows())).toEqual(['sub', '  mlart', 'a.png']);
  });

  it('reads a folder only when it is opened, and tells places among siblings', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': [folder('x'), entry('y')], x: [entry('x/1')] };
    const listing = listingOf(transport);
    await listing.start();
    expect(transport.calls).toEqual(['artifacts @0']);
    await listing.open('x');
    expect(listing.rows()).toMatchObject([
      { expanded: true, level: 1, position: 1, siblings: 2 },
      { expanded: undefined, level: 2, position: 1, siblings: 1 },
      { expanded: undefined, level: 1, position: 2, siblings: 2 }
    ]);
    listing.close('x');
    expect(show(listing.rows())).toEqual(['x', 'y']);
  });

  it('fetches page after page, each once', async () => {
    const transport = new FakeTransport();
    transport.pageSize = 2;
    transport.folders = { '': many(5) };
    const listing = listingOf(transport);
    await listing.start();
    expect(show(listing.rows())).toEqual(['f0', 'f1', '(more)']);
    expect(listing.rows()[0]).toMatchObject({ siblings: -1 });
    await Promise.all([listing.more(''), listing.more('')]);
    await listing.more('');
    expect(show(listing.rows())).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
    await listing.more('');
    expect(transport.calls).toEqual(['artifacts @0', 'artifacts @2', 'artifacts @4']);
  });

  it('shows what was on its way, and is stored on a later page by now, once', async () => {
    const transport = new FakeTransport();
    transport.pageSize = 2;
    transport.folders = { '': [entry('late', { state: 'uploading' }), entry('a'), entry('late')] };
    const listing = listingOf(transport);
    await listing.start();
    await listing.more('');
    expect(show(listing.rows())).toEqual(['a', 'late']);
    expect(listing.find('late')?.state).toBe('stored');
  });

  it('keeps as many entries on show after a refresh as before', async () => {
    const transport = new FakeTransport();
    transport.pageSize = 2;
    transport.folders = { '': many(7) };
    const listing = listingOf(transport, 2);
    await listing.start();
    await listing.more('');
    transport.folders[''] = [entry('new'), ...many(7)];
    await listing.refresh();
    expect(show(listing.rows())).toEqual(['new', 'f0', 'f1', 'f2', '(more)']);
  });

  it('refreshes only the open folders that hold a path', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': [folder('a'), folder('b')], a: [], b: [] };
    const listing = listingOf(transport);
    await listing.start();
    await listing.open('a');
    await listing.open('b');
    transport.calls.length = 0;
    await listing.refresh(['b/c/d.png']);
    expect(transport.calls).toEqual(['artifacts @0', 'artifacts b@0']);
  });

  it('keeps what it has when a refresh fails, and says so', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': [entry('a')] };
    const listing = listingOf(transport);
    await listing.start();
    transport.folders[''] = new Error('gone');
    await listing.refresh();
    expect(show(listing.rows())).toEqual(['a', '(failed)']);
    expect(listing.rootFailure).toBeNull();
    transport.folders[''] = [entry('a'), entry('b')];
    await listing.refresh();
    expect(show(listing.rows())).toEqual(['a', 'b']);
  });

  it('tells an unreadable root from an empty one', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': new Error('no store') };
    const listing = listingOf(transport);
    await listing.start();
    expect(listing.rootFailure?.message).toBe('no store');
    expect(listing.isEmpty).toBe(false);
    transport.folders[''] = [folder('mlart')];
    await listing.refresh();
    expect(listing.rootFailure).toBeNull();
    expect(listing.isEmpty).toBe(true);
  });

  it('reveals a path, but does not open again what the user closed', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': [folder('a')], a: [folder('a/b')], 'a/b': [entry('a/b/c')] };
    const listing = listingOf(transport);
    await listing.start();
    await listing.reveal('a/b/c');
    expect(show(listing.rows())).toEqual(['a', '  b', '    c']);
    listing.close('a');
    await listing.reveal('a/b/c');
    expect(show(listing.rows())).toEqual(['a']);
  });

  it('believes the newest request, not the slowest', async () => {
    const answers: ((page: ArtifactPage) => void)[] = [];
    const listing = new Listing(() => new Promise(resolve => answers.push(resolve)));
    const first = listing.start();
    const second = listing.refresh();
    answers[1]!({ entries: [entry('new')], cursor: null });
    answers[0]!({ entries: [entry('old')], cursor: null });
    await Promise.all([first, second]);
    expect(show(listing.rows())).toEqual(['new']);
  });

  it('gives the same rows until something changes, and then tells', async () => {
    const transport = new FakeTransport();
    transport.folders = { '': [folder('a')], a: [] };
    const listing = listingOf(transport);
    await listing.start();
    const before = listing.rows();
    let told = 0;
    listing.subscribe(() => (told += 1));
    expect(listing.rows()).toBe(before);
    await listing.open('a');
    expect(told).toBeGreaterThan(0);
    expect(show(listing.rows())).toEqual(['a', '  (empty)']);
  });
});
