import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import React from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { RunBrowser } from '../ui/browser';
import { Failure } from '../ui/transport';
import { entry, FakeTransport, folder } from './fake';
import { clickRow, mountPanel } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  transport = new FakeTransport();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('the tree of a run', () => {
  it('shows size, cell, version and what is uploading', async () => {
    transport.folders[''] = [
      entry('loss_v2.png', { cell: 7, version: 2 }),
      entry('new.png', { state: 'uploading' })
    ];
    mountPanel(transport);
    await screen.findByRole('treeitem', { name: 'loss_v2.png v2 [7] 1.5 KB' });
    await screen.findByRole('treeitem', { name: 'new.png uploading' });
  });

  it('opens a folder by click and closes it by key', async () => {
    transport.folders = { '': [folder('figures')], figures: [entry('figures/a.png')] };
    mountPanel(transport);
    await clickRow('figures');
    await screen.findByRole('treeitem', { name: /a\.png/ });
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowLeft' });
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: /a\.png/ })).toBeNull());
  });

  it('keeps few rows of many in the page, and fetches the next page at the end', async () => {
    transport.pageSize = 200;
    transport.folders[''] = Array.from({ length: 600 }, (_, index) => entry(`f${index}`));
    mountPanel(transport);
    const tree = await screen.findByRole('tree');
    await waitFor(() => expect(screen.getAllByRole('treeitem').length).toBeGreaterThan(10));
    expect(screen.getAllByRole('treeitem').length).toBeLessThan(80);
    expect(transport.calls).not.toContain('artifacts @200');
    tree.scrollTop = 200 * 24 - 480;
    fireEvent.scroll(tree);
    await screen.findByRole('treeitem', { name: /^f205 / });
    expect(transport.calls).toContain('artifacts @200');
    expect(transport.calls).not.toContain('artifacts @400');
  });

  it('says what to do in an empty run', async () => {
    mountPanel(transport);
    await screen.findByText(/Show a figure or a table in a cell/);
  });

  it('shows a failure with its next step, and tries again', async () => {
    transport.folders[''] = new Failure('The store is away.', 'Start it.');
    mountPanel(transport);
    const problem = await screen.findByRole('alert');
    expect(problem.textContent).toContain('The store is away.');
    expect(problem.textContent).toContain('Start it.');
    transport.folders[''] = [entry('a.png')];
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('treeitem', { name: /a\.png/ });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('follows what a cell shows, opening its folder', async () => {
    mountPanel(transport);
    await screen.findByText(/Nothing is kept/);
    transport.folders = { '': [folder('figures')], figures: [entry('figures/new.png')] };
    act(() => transport.emit({ run: 'id-one', path: 'figures/new.png' }));
    await screen.findByRole('treeitem', { name: /new\.png/ });
  });

  it('does not follow another run', async () => {
    mountPanel(transport);
    await screen.findByText(/Nothing is kept/);
    const before = transport.calls.filter(call => call.startsWith('artifacts')).length;
    act(() => transport.emit({ run: 'id-two', path: 'a.png' }));
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(transport.calls.filter(call => call.startsWith('artifacts'))).toHaveLength(before);
  });

  it('asks for a run where there is none', () => {
    render(<RunBrowser transport={transport} store="default" run="" />);
    expect(screen.getByText(/There is no run yet/)).toBeTruthy();
  });
});
