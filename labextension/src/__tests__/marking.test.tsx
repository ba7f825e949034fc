import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { outermost } from '../ui/marking';
import { Failure } from '../ui/transport';
import { entry, FakeTransport, folder, STATUS } from './fake';
import { clickRow, mountPanel } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  localStorage.clear();
  transport = new FakeTransport();
  transport.folders = {
    '': [folder('figures'), ...['a', 'b', 'c', 'd'].map(name => entry(`${name}.txt`))],
    figures: [entry('figures/x.png')]
  };
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const row = (name: string) => screen.findByRole('treeitem', { name: new RegExp(`^${name}`) });
const marked = () =>
  screen
    .queryAllByRole('treeitem')
    .filter(each => each.getAttribute('aria-selected') === 'true')
    .map(each => each.title.split('\n')[0]);
const key = (name: string, more = {}) =>
  fireEvent.keyDown(screen.getByRole('tree'), { key: name, ...more });
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

describe('a selection', () => {
  it('grows one by one with Ctrl, and in a row with Shift', async () => {
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    fireEvent.click(await row('c.txt'), { ctrlKey: true });
    expect(marked()).toEqual(['a.txt', 'c.txt']);
    fireEvent.click(await row('a.txt'), { metaKey: true });
    expect(marked()).toEqual(['c.txt']);
    fireEvent.click(await row('d.txt'), { shiftKey: true });
    expect(marked()).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt']);
    await clickRow(/^b\.txt/);
    expect(marked()).toEqual(['b.txt']);
    expect(screen.queryByRole('group', { name: 'Selection' })).toBeNull();
  });

  it('opens no folder when it takes one along', async () => {
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    fireEvent.click(await row('figures'), { ctrlKey: true });
    expect((await row('figures')).getAttribute('aria-expanded')).toBe('false');
    screen.getByText('2 items selected');
  });

  it('is made by keys alone', async () => {
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    key('ArrowDown', { shiftKey: true });
    key('ArrowDown', { shiftKey: true });
    expect(marked()).toEqual(['a.txt', 'b.txt', 'c.txt']);
    key('ArrowUp', { shiftKey: true });
    expect(marked()).toEqual(['a.txt', 'b.txt']);
    key('Escape');
    expect(marked()).toEqual(['b.txt']);
    key(' ', { ctrlKey: true });
    key('ArrowDown', { ctrlKey: true });
    key('ArrowDown', { ctrlKey: true });
    key(' ', { ctrlKey: true });
    expect(marked()).toEqual(['b.txt', 'd.txt']);
    key('a', { ctrlKey: true });
    screen.getByText('5 items selected');
  });

  it('comes as one zip, without what its folders hold anyway', async () => {
    const saved: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement
    ) {
      saved.push(this.download);
    });
    mountPanel(transport);
    await clickRow(/^figures/);
    await row('x.png');
    key('a', { ctrlKey: true });
    fireEvent.click(await row('d.txt'), { ctrlKey: true });
    press('Download the selection as zip');
    await waitFor(() => expect(saved).toEqual(['selection.zip']));
    expect(transport.calls).toContain('zip : a.txt b.txt c.txt figures');
  });

  it('is of the files that were found, too', async () => {
    mountPanel(transport);
    await row('a.txt');
    fireEvent.click(screen.getByRole('button', { name: 'Show the gallery' }));
    const list = await screen.findByRole('listbox');
    await screen.findByText('5 files');
    fireEvent.keyDown(list, { key: 'a', ctrlKey: true });
    screen.getByText('5 items selected');
  });

  it('knows what lies in a folder that is among it', () => {
    const paths = ['f/b/c', 'f-a', 'f', 'f/b', 'g/h'];
    expect(outermost(paths)).toEqual(['f', 'f-a', 'g/h']);
  });
});

describe('deleting', () => {
  const deleted = () => transport.calls.filter(call => call.startsWith('delete'));

  it('asks first, and does nothing when it is to be kept', async () => {
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    fireEvent.click(await screen.findByRole('button', { name: 'Delete file' }));
    const question = screen.getByRole('alertdialog');
    expect(question.textContent).toContain('a.txt');
    expect(document.activeElement?.textContent).toBe('Keep');
    fireEvent.click(within(question).getByRole('button', { name: 'Keep' }));
    expect(screen.queryByRole('alertdialog')).toBeNull();
    key('Delete');
    fireEvent.keyDown(screen.getByRole('alertdialog'), { key: 'Escape' });
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(deleted()).toEqual([]);
  });

  it('deletes what is marked, lists the folder anew and closes the preview', async () => {
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    fireEvent.click(await row('c.txt'), { shiftKey: true });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete the selection' }));
    press('Delete');
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: /^c/ })).toBeNull());
    expect(deleted()).toEqual(['delete a.txt', 'delete b.txt', 'delete c.txt']);
    expect(screen.queryByRole('region', { name: 'Preview' })).toBeNull();
    expect(screen.queryByRole('group', { name: 'Selection' })).toBeNull();
    await row('d.txt');
  });

  it('stops at the first that cannot be deleted, and says why', async () => {
    transport.undeletable['b.txt'] = new Failure('It is read only.', 'Ask its owner.');
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    fireEvent.click(await row('c.txt'), { shiftKey: true });
    fireEvent.click(await screen.findByRole('button', { name: 'Delete the selection' }));
    press('Delete');
    await screen.findByText('It is read only.');
    expect(deleted()).toEqual(['delete a.txt', 'delete b.txt']);
    await waitFor(() => expect(screen.queryByRole('treeitem', { name: /^a/ })).toBeNull());
    press('Close');
    expect(screen.queryByText('It is read only.')).toBeNull();
  });

  it('is not offered where it is not allowed', async () => {
    transport.state = { ...STATUS, may_delete: false };
    mountPanel(transport);
    await clickRow(/^a\.txt/);
    await screen.findByRole('button', { name: 'Download file' });
    await screen.findByText(/41 kept/);
    key('Delete');
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(screen.queryByRole('button', { name: /Delete/ })).toBeNull();
  });
});
