import type { INotebookTracker } from '@jupyterlab/notebook';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { RestPast } from '../past';
import type { CellChange, Past } from '../ui/host';
import { isNotebook, PastLine } from '../ui/past';
import { Failure } from '../ui/transport';

const PLACE = { store: 's', run: 'r', path: 'notebooks/nb.ipynb' };
const HOSTILE = '<img src=x onerror="window.hacked = true">';
const CHANGE: CellChange = {
  kind: 'changed',
  at: 2,
  cell_type: 'code',
  lines: [
    [' ', 'same'],
    ['-', 'x = 1'],
    ['+', HOSTILE]
  ]
};

function past(more: Partial<Past> = {}): Past {
  return {
    bringBack: vi.fn(() => Promise.resolve('sub/nb-run.ipynb')),
    changesSince: vi.fn(() => Promise.resolve({ name: 'nb.ipynb', changes: [CHANGE] })),
    ...more
  };
}

function click(name: string): void {
  fireEvent.click(screen.getByRole('button', { name }));
}

afterEach(cleanup);

describe("the line of a run's notebook", () => {
  it('brings the notebook back and tells where it is', async () => {
    const asked = past();
    render(<PastLine past={asked} place={PLACE} />);
    click('Bring this notebook back');
    expect((await screen.findByRole('status')).textContent).toBe(
      'It is beside yours: sub/nb-run.ipynb'
    );
    expect(asked.bringBack).toHaveBeenCalledWith(PLACE);
  });

  it('tells what changed as text, whatever it is', async () => {
    render(<PastLine past={past()} place={PLACE} />);
    click('What changed since');
    const region = await screen.findByRole('region', { name: 'What changed since' });
    expect(region.textContent).toContain('Cell 3 has changed');
    expect(region.textContent).toContain(`+ ${HOSTILE}`);
    expect(region.querySelector('img')).toBeNull();
  });

  it('says so when nothing changed', async () => {
    const changesSince = () => Promise.resolve({ name: 'nb.ipynb', changes: [] });
    render(<PastLine past={past({ changesSince })} place={PLACE} />);
    click('What changed since');
    expect(await screen.findByText('nb.ipynb has the same cells.')).toBeTruthy();
  });

  it('tells what is wrong and what to do, and can be asked again', async () => {
    const bringBack = () => Promise.reject(new Failure('It is full.', 'Make room.'));
    render(<PastLine past={past({ bringBack })} place={PLACE} />);
    click('Bring this notebook back');
    expect(await screen.findByText(/Make room/)).toBeTruthy();
    click('What changed since');
    expect(await screen.findByRole('region', { name: 'What changed since' })).toBeTruthy();
  });

  it('stands at notebooks only', () => {
    expect(isNotebook(PLACE)).toBe(true);
    expect(isNotebook({ ...PLACE, path: 'figures/a.png' })).toBe(false);
  });
});

describe('in JupyterLab', () => {
  const cells = [{ type: 'code', sharedModel: { getSource: () => 'x = 2' } }];
  const panel = { context: { localPath: 'sub/nb.ipynb' }, content: { model: { cells } } };

  function made(currentWidget: object | null, answer: object) {
    const post = vi.fn(() => Promise.resolve(answer));
    const open = vi.fn(() => Promise.resolve());
    const tracker = { currentWidget } as unknown as INotebookTracker;
    return { host: new RestPast({ post: post as never }, tracker, open), post, open };
  }

  it('is brought beside the notebook in front, and opened', async () => {
    const { host, post, open } = made(panel, { path: 'sub/nb-run.ipynb' });
    expect(await host.bringBack(PLACE)).toBe('sub/nb-run.ipynb');
    expect(post).toHaveBeenCalledWith('checkout', { ...PLACE, beside: 'sub/nb.ipynb' });
    expect(open).toHaveBeenCalledWith('sub/nb-run.ipynb');
  });

  it('is compared with the cells as they are now', async () => {
    const { host, post } = made(panel, { changes: [CHANGE] });
    expect(await host.changesSince(PLACE)).toEqual({ name: 'nb.ipynb', changes: [CHANGE] });
    const sent = [{ cell_type: 'code', source: 'x = 2' }];
    expect(post).toHaveBeenCalledWith('changes', { ...PLACE, cells: sent });
  });

  it('needs an open notebook to compare', async () => {
    await expect(made(null, {}).host.changesSince(PLACE)).rejects.toThrow('No notebook is open.');
  });
});
