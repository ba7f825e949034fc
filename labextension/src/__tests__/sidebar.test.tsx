import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import React from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { NotebookBrowser } from '../ui/browser';
import { Failure, type Run, type Session } from '../ui/transport';
import { entry, FakeTransport, run } from './fake';
import { mountSidebar } from './mount';

const WHERE = { path: 'work/churn.ipynb', kernel: 'k' };

function session(runs: Run[]): Session {
  return { id: 's', store: 'default', runs, notebook: WHERE.path, alive: true };
}

let transport: FakeTransport;

beforeEach(() => {
  transport = new FakeTransport();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('the sidebar', () => {
  it('shows the newest run of the notebook and follows to a newer one', async () => {
    transport.found = session([run('one')]);
    mountSidebar(transport, WHERE);
    await screen.findByRole('heading', { name: 'one' });
    expect(screen.getByText(/churn\.ipynb/)).toBeTruthy();
    transport.found = session([run('two'), run('one')]);
    act(() => transport.emit({ run: 'id-two', path: 'a.png' }));
    await waitFor(() =>
      expect(screen.getByRole('combobox', { name: 'Run of this notebook' })).toHaveProperty(
        'value',
        'id-two'
      )
    );
  });

  it('stays on the run that was picked', async () => {
    transport.found = session([run('two'), run('one')]);
    mountSidebar(transport, WHERE);
    const picker = await screen.findByRole('combobox', { name: 'Run of this notebook' });
    fireEvent.change(picker, { target: { value: 'id-one' } });
    transport.found = session([run('three'), run('two'), run('one')]);
    act(() => transport.emit({ run: 'id-three', path: null }));
    await waitFor(() => expect(within(picker).getAllByRole('option')).toHaveLength(3));
    expect(picker).toHaveProperty('value', 'id-one');
  });

  it('forgets the picked run when another notebook comes to the front', async () => {
    transport.found = session([run('two'), run('one')]);
    const { rerender } = mountSidebar(transport, WHERE);
    const picker = await screen.findByRole('combobox', { name: 'Run of this notebook' });
    fireEvent.change(picker, { target: { value: 'id-one' } });
    transport.found = session([run('other')]);
    const elsewhere = { path: 'other.ipynb', kernel: null };
    rerender(<NotebookBrowser transport={transport} changes={transport} where={elsewhere} />);
    await screen.findByRole('heading', { name: 'other' });
  });

  it('searches the other runs once the typing rests, and pages them', async () => {
    transport.pageSize = 2;
    transport.allRuns = ['a1', 'a2', 'a3', 'b1'].map(name => run(name));
    mountSidebar(transport, WHERE);
    fireEvent.click(screen.getByRole('button', { name: 'Other runs' }));
    await screen.findByRole('button', { name: /^a1/ });
    fireEvent.click(screen.getByRole('button', { name: 'Load more' }));
    await screen.findByRole('button', { name: /^b1/ });
    const search = screen.getByRole('searchbox');
    for (const value of ['b', 'b1']) {
      fireEvent.change(search, { target: { value } });
      await new Promise(resolve => setTimeout(resolve, 60));
    }
    await waitFor(() => expect(screen.queryByRole('button', { name: /^a1/ })).toBeNull());
    await screen.findByRole('button', { name: /^b1/ });
    expect(transport.calls.filter(call => call.startsWith('runs b'))).toEqual(['runs b1']);
  });

  it('leads to the page of the run in MLflow, where there is one', async () => {
    const page = 'https://ml.example/#/experiments/1/runs/id-own';
    transport.found = session([run('own', { page })]);
    mountSidebar(transport, WHERE);
    const link = await screen.findByRole('link', { name: 'Open the run in MLflow' });
    expect(link.getAttribute('href')).toBe(page);
    expect(link.getAttribute('rel')).toBe('noopener noreferrer');
  });

  it.each([null, 'javascript:alert(1)'])('has no link to %s', async page => {
    transport.found = session([run('own', { page })]);
    mountSidebar(transport, WHERE);
    await screen.findByRole('button', { name: 'Refresh' });
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('narrows the other runs to an experiment and a status', async () => {
    transport.allRuns = [
      run('a', { experiment: 'one' }),
      run('b', { experiment: 'one', status: 'FAILED' }),
      run('c', { experiment: 'two', status: 'FAILED' })
    ];
    mountSidebar(transport, null);
    await screen.findByRole('button', { name: /^c/ });
    const names = () => screen.queryAllByRole('button', { name: /^[abc]/ }).map(each => each.title);
    const pick = (label: string, value: string) =>
      fireEvent.change(screen.getByRole('combobox', { name: label }), { target: { value } });
    await screen.findByRole('option', { name: 'two' });
    pick('Status', 'FAILED');
    await waitFor(() => expect(names()).toEqual(['id-b', 'id-c']));
    pick('Experiment', 'one');
    await waitFor(() => expect(names()).toEqual(['id-b']));
    pick('Status', 'KILLED');
    await screen.findByText('No run matches.');
  });

  it('shows another run, and goes back', async () => {
    transport.found = session([run('own')]);
    transport.allRuns = [run('far', { status: 'FAILED' })];
    mountSidebar(transport, WHERE);
    await screen.findByRole('heading', { name: 'own' });
    fireEvent.click(screen.getByRole('button', { name: 'Other runs' }));
    fireEvent.click(await screen.findByRole('button', { name: /^far/ }));
    await screen.findByRole('heading', { name: 'far' });
    expect(screen.getByText('failed')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Back to this notebook' }));
    await screen.findByRole('heading', { name: 'own' });
  });

  it('keeps the run on show when the session cannot be asked for a while', async () => {
    transport.found = session([run('own')]);
    transport.folders[''] = [entry('a.png')];
    mountSidebar(transport, WHERE);
    await screen.findByRole('treeitem', { name: /a\.png/ });
    transport.found = new Failure('The server is away.', 'Wait.');
    act(() => transport.emit({ run: 'id-new', path: null }));
    await waitFor(() =>
      expect(transport.calls.filter(call => call.startsWith('session')).length).toBeGreaterThan(1)
    );
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(screen.getByRole('treeitem', { name: /a\.png/ })).toBeTruthy();
  });

  it.each([
    ['no notebook', null, null, /Open a notebook/],
    ['a notebook without the extension', WHERE, null, /load_ext mlart_jupyter/],
    ['a notebook without a run', WHERE, session([]), /This notebook has no run yet/]
  ])('says what to do with %s', async (_, where, found, text) => {
    transport.found = found;
    mountSidebar(transport, where);
    await screen.findAllByText(text);
  });

  it('shows why the session is not known', async () => {
    transport.found = new Failure('The Jupyter server does not know mlart.', 'Install it.');
    mountSidebar(transport, WHERE);
    expect((await screen.findByRole('alert')).textContent).toContain('Install it.');
  });
});
