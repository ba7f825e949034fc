import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { entry, FakeTransport, folder, run } from './fake';
import { clickRow, mountPanel, mountSidebar } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  localStorage.clear();
  transport = new FakeTransport();
  transport.folders = {
    '': [folder('figures'), entry('notes.txt')],
    figures: [entry('figures/a.png', { size: 10 }), entry('figures/b.png', { size: 20 })]
  };
});
afterEach(cleanup);

const options = () => screen.queryAllByRole('option', { name: /png|txt/ });

describe('finding', () => {
  it('lists the files of all folders that match, and the tree again without words', async () => {
    mountPanel(transport);
    await screen.findByRole('tree');
    const filter = screen.getByRole('searchbox', { name: 'Filter files' });
    fireEvent.change(filter, { target: { value: 'a.png' } });
    await screen.findByText('1 file');
    expect(options().map(each => each.textContent)).toEqual(['a.png10 Bfigures']);
    expect(screen.queryByRole('tree')).toBeNull();
    fireEvent.change(filter, { target: { value: '' } });
    await screen.findByRole('tree');
  });

  it('asks for a kind and an order', async () => {
    mountPanel(transport);
    await screen.findByRole('tree');
    fireEvent.change(screen.getByRole('combobox', { name: 'Kind' }), {
      target: { value: 'picture' }
    });
    fireEvent.change(screen.getByRole('combobox', { name: 'Order' }), {
      target: { value: 'size' }
    });
    await waitFor(() => expect(transport.calls).toContain('find |picture|size@0'));
  });

  it('lists open folders anew in another order', async () => {
    mountPanel(transport);
    await screen.findByRole('tree');
    fireEvent.change(screen.getByRole('combobox', { name: 'Order' }), {
      target: { value: 'time' }
    });
    await waitFor(() => expect(transport.sorts.at(-1)).toBe('time'));
  });

  it('shows a gallery, whose pictures are shown by <img> alone', async () => {
    transport.bytes['figures/a.png'] = new Blob(['x']);
    mountPanel(transport);
    fireEvent.click(await screen.findByRole('button', { name: 'Show the gallery' }));
    await screen.findByText('3 files');
    await waitFor(() => expect(document.querySelector('.mlart-Tile img')).not.toBeNull());
    fireEvent.click(screen.getByRole('button', { name: 'Show the tree' }));
    await screen.findByRole('tree');
  });

  it('goes to the next file with the arrow keys, and previews it', async () => {
    transport.previews['figures/b.png'] = {
      kind: 'text',
      text: 'the second',
      truncated: false,
      size: 1
    };
    mountPanel(transport);
    fireEvent.click(await screen.findByRole('button', { name: 'Show the gallery' }));
    const list = await screen.findByRole('listbox', { name: 'Files of the run' });
    await screen.findByText('3 files');
    fireEvent.keyDown(list, { key: 'Home' });
    fireEvent.keyDown(list, { key: 'ArrowRight' });
    fireEvent.keyDown(list, { key: 'ArrowRight' });
    const selected = options().find(each => each.getAttribute('aria-selected') === 'true');
    expect(selected?.textContent).toContain('b.png');
    await screen.findByText('the second');
  });

  it('says that nothing matches', async () => {
    mountPanel(transport);
    fireEvent.change(await screen.findByRole('searchbox', { name: 'Filter files' }), {
      target: { value: 'nowhere' }
    });
    await screen.findByText('No file matches.');
  });
});

describe('where one was', () => {
  const session = (...runs: string[]) => ({
    id: 's',
    store: 'default',
    runs: runs.map(name => run(name)),
    notebook: 'nb.ipynb',
    alive: true
  });
  const text = (words: string) => ({
    kind: 'text' as const,
    text: words,
    truncated: false,
    size: 1
  });

  it('is shown again the next time, and in another run of the notebook', async () => {
    transport.previews['notes.txt'] = text('my notes');
    transport.found = session('one', 'two');
    mountSidebar(transport, { path: 'nb.ipynb', kernel: null });
    await clickRow(/notes/);
    await screen.findByText('my notes');
    fireEvent.change(screen.getByRole('combobox', { name: 'Run of this notebook' }), {
      target: { value: 'id-two' }
    });
    await screen.findByText('my notes');
    cleanup();
    mountSidebar(transport, { path: 'nb.ipynb', kernel: null });
    await screen.findByText('my notes');
    expect(
      (await screen.findByRole('treeitem', { name: /notes/ })).getAttribute('aria-selected')
    ).toBe('true');
  });

  it('is another place in another notebook', async () => {
    transport.previews['notes.txt'] = text('my notes');
    transport.found = session('one');
    mountSidebar(transport, { path: 'nb.ipynb', kernel: null });
    await clickRow(/notes/);
    await screen.findByText('my notes');
    cleanup();
    mountSidebar(transport, { path: 'other.ipynb', kernel: null });
    await screen.findByRole('tree');
    expect(screen.queryByRole('region', { name: 'Preview' })).toBeNull();
  });

  it('is forgotten where the page may keep nothing, and what is kept may be anything', async () => {
    localStorage.setItem('mlart:nb.ipynb', '{"selected": 3, "sort": "<b>", "view": null}');
    transport.found = session('one');
    mountSidebar(transport, { path: 'nb.ipynb', kernel: null });
    await screen.findByRole('tree');
    const order = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Order' });
    expect(order.value).toBe('name');
  });
});
