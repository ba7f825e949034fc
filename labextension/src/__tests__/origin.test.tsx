import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import React from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { RunBrowser } from '../ui/browser';
import { pythonLine } from '../ui/format';
import type { CellFound, Host } from '../ui/host';
import type { Origin, Place } from '../ui/transport';
import { entry, FakeTransport } from './fake';
import { clickRow } from './mount';

const ORIGIN: Origin = {
  source: 'plt.show()',
  notebook: '/home/ada/nb.ipynb',
  cell: 7,
  cell_id: 'c7',
  time: 0,
  sha256: '3fa2',
  note: null,
  versions: [
    { path: 'a.png', version: 1, time: 0 },
    { path: 'a_v2.png', version: 2, time: 1 }
  ]
};
const PICTURE = { kind: 'image' as const, media_type: 'image/png', width: 1, height: 1, size: 1 };

class FakeHost implements Host {
  found: CellFound = { state: 'there', source: 'plt.show()' };
  readonly inserted: string[] = [];
  reveal: (what: Pick<Place, 'run' | 'path'>) => void = () => undefined;

  goToCell = vi.fn(() => Promise.resolve(this.found));

  writable = true;

  insert(lines: string): boolean {
    this.inserted.push(lines);
    return this.writable;
  }

  onReveal(listener: (what: Pick<Place, 'run' | 'path'>) => void): () => void {
    this.reveal = listener;
    return () => undefined;
  }
}

let transport: FakeTransport;
let host: FakeHost;

beforeEach(() => {
  transport = new FakeTransport();
  host = new FakeHost();
  const kept = { kind: 'figure', cell: 7 };
  transport.folders[''] = [entry('a.png', kept), entry('a_v2.png', kept), entry('other.txt')];
  for (const path of ['a.png', 'a_v2.png']) {
    transport.previews[path] = PICTURE;
    transport.bytes[path] = new Blob(['x']);
    transport.origins[path] = ORIGIN;
  }
});
afterEach(cleanup);

function mount(): void {
  render(<RunBrowser transport={transport} store="s" run="r" host={host} />);
}

describe('where an artifact comes from', () => {
  it('is told with the source of its cell', async () => {
    mount();
    await clickRow(/a\.png/);
    fireEvent.click(await screen.findByRole('button', { name: /Cell \[7\] · nb\.ipynb/ }));
    await screen.findByText('plt.show()');
  });

  it('is not asked for what nobody here has logged', async () => {
    transport.previews['other.txt'] = { kind: 'text', text: 'words', truncated: false, size: 1 };
    mount();
    await clickRow(/other/);
    await screen.findByText('words');
    expect(transport.calls).not.toContain('origin other.txt');
  });

  it.each([
    [{ state: 'gone', source: null }, 'The cell is no longer in the notebook.'],
    [{ state: 'closed', source: null }, 'Its notebook is not open here.'],
    [{ state: 'there', source: 'other()' }, 'The cell has changed since.']
  ] as [CellFound, string][])('says so when the cell is %o', async (found, sentence) => {
    host.found = found;
    mount();
    await clickRow(/a\.png/);
    fireEvent.click(await screen.findByRole('button', { name: 'Go to cell' }));
    await screen.findByText(sentence);
    expect(host.goToCell).toHaveBeenCalledWith(ORIGIN);
    await screen.findByText('plt.show()');
    expect(screen.queryByText('other()') !== null).toBe(found.source === 'other()');
  });

  it('says nothing when the cell is there as it was', async () => {
    mount();
    await clickRow(/a\.png/);
    fireEvent.click(await screen.findByRole('button', { name: 'Go to cell' }));
    await waitFor(() => expect(screen.getByText('Go to cell')).not.toBeNull());
    expect(screen.queryByText(/changed|no longer|not open/)).toBeNull();
  });

  it('moves among versions with a slider, and compares with the one before', async () => {
    mount();
    await clickRow(/a\.png/);
    const slider = await screen.findByRole('slider', { name: 'Version' });
    expect(screen.queryByRole('combobox', { name: /Compare/ })).toBeNull();
    fireEvent.change(slider, { target: { value: '1' } });
    await screen.findByText('2 of 2 versions');
    const compare = await screen.findByRole('combobox', { name: /Compare/ });
    fireEvent.change(compare, { target: { value: 'difference' } });
    await screen.findByRole('img', { name: 'The version before' });
    await screen.findByRole('img', { name: 'This version' });
    fireEvent.change(compare, { target: { value: 'overlay' } });
    fireEvent.change(await screen.findByRole('slider', { name: /How much/ }), {
      target: { value: '20' }
    });
    expect((await screen.findByRole('img', { name: 'This version' })).style.opacity).toBe('0.2');
  });

  it('is shown for the output that the user asks about, in its own run only', async () => {
    mount();
    await screen.findByRole('tree');
    act(() => host.reveal({ run: 'another', path: 'a.png' }));
    expect(screen.queryByRole('region', { name: 'Preview' })).toBeNull();
    act(() => host.reveal({ run: 'r', path: 'a_v2.png' }));
    await screen.findByRole('img', { name: 'a_v2.png' });
  });
});

describe('the Python line', () => {
  it('is put into the notebook', async () => {
    mount();
    await clickRow(/a\.png/);
    fireEvent.click(await screen.findByRole('button', { name: /Insert the Python line/ }));
    expect(host.inserted).toEqual(['mlart_jupyter.artifacts("r").read("a.png")']);
  });

  it('is copied where no notebook takes it, which is said', async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    host.writable = false;
    mount();
    await clickRow(/a\.png/);
    fireEvent.click(await screen.findByRole('button', { name: /Insert the Python line/ }));
    await screen.findByText(/No notebook that can be written to is open.*Copied mlart_jupyter/);
    expect(writeText).toHaveBeenCalledWith('mlart_jupyter.artifacts("r").read("a.png")');
    vi.unstubAllGlobals();
  });

  it('reads each kind as what it is, and lets no name out of its quotes', () => {
    const line = (path: string) => pythonLine({ store: 's', run: 'r', path });
    expect(line('f/t.parquet')).toContain('.frame("f/t.parquet")');
    expect(line('n.txt')).toContain('.text("n.txt")');
    expect(line('a");import os#.bin')).toContain('.read("a\\");import os#.bin")');
    expect(line('\u{1F600}.bin')).toContain('.read("\\U0001f600.bin")');
  });
});
