import type { INotebookTracker } from '@jupyterlab/notebook';
import { describe, expect, it, vi } from 'vitest';

import { artifactOf, Notebooks } from '../notebooks';
import type { Origin } from '../ui/transport';

const MARK = { mlart: { run_id: 'r1', path: 'figures/a.png' } };

function cell(id: string, first: string, outputs: object[] = []) {
  let source = first;
  const node = document.createElement('div');
  for (let index = 0; index < outputs.length; index++) {
    node.append(Object.assign(document.createElement('div'), { className: 'jp-OutputArea-child' }));
  }
  const sharedModel = {
    getSource: () => source,
    setSource: (next: string) => void (source = next),
    toJSON: () => ({ outputs })
  };
  return { node, model: { id, sharedModel } };
}

function notebooks(localPath: string, ...widgets: ReturnType<typeof cell>[]) {
  const content = {
    widgets,
    activeCell: widgets[0],
    activeCellIndex: 0,
    scrollToItem: vi.fn(() => Promise.resolve())
  };
  const path = localPath;
  const panel = { id: 'panel', context: { path, localPath }, content };
  const tracker = { currentWidget: panel, find: () => undefined };
  const activate = vi.fn();
  const insertCell = () => {
    const added = cell('new', '');
    content.widgets.push(added);
    content.activeCell = added;
    return Promise.resolve();
  };
  const made = new Notebooks(tracker as unknown as INotebookTracker, activate, insertCell);
  return { made, content, activate };
}

const ORIGIN = { notebook: '/home/ada/books/nb.ipynb', cell_id: 'two' } as Origin;

describe('going to a cell', () => {
  it('activates, scrolls and flashes it, and tells its source', async () => {
    const { made, content, activate } = notebooks(
      'books/nb.ipynb',
      cell('one', ''),
      cell('two', 'x')
    );
    expect(await made.goToCell(ORIGIN)).toEqual({ state: 'there', source: 'x' });
    expect(activate).toHaveBeenCalledWith('panel');
    expect(content.scrollToItem).toHaveBeenCalledWith(1, 'center');
    expect(content.activeCellIndex).toBe(1);
    expect(content.widgets[1]!.node.className).toBe('mlart-flash');
  });

  it('tells that it is gone, or that the notebook is another', async () => {
    const gone = notebooks('nb.ipynb', cell('one', ''));
    expect((await gone.made.goToCell(ORIGIN)).state).toBe('gone');
    const other = notebooks('b.ipynb', cell('two', ''));
    expect((await other.made.goToCell(ORIGIN)).state).toBe('closed');
  });
});

describe('inserting a line', () => {
  it('writes into no notebook of a run', () => {
    const { made, content } = notebooks('mlart:s/r/nb.ipynb', cell('one', ''));
    expect(made.insert('line')).toBe(false);
    expect(content.widgets).toHaveLength(1);
  });

  it.each([
    ['import mlart_jupyter', 'line'],
    ['1 + 1', 'import mlart_jupyter\n\nline']
  ])('after %s', async (before, written) => {
    const { made, content } = notebooks('nb.ipynb', cell('one', before));
    expect(made.insert('line')).toBe(true);
    await vi.waitFor(() =>
      expect(content.widgets.at(-1)!.model.sharedModel.getSource()).toBe(written)
    );
  });
});

describe('the artifact of an output', () => {
  it('is what its metadata names, and nothing of another form', () => {
    expect(artifactOf([{ metadata: {} }, { metadata: MARK }])).toEqual({
      run: 'r1',
      path: 'figures/a.png'
    });
    expect(artifactOf([{ metadata: { mlart: { run_id: 3, path: 'a' } } }, {}])).toBeNull();
  });

  it('is that of the output under the pointer, or else of its cell', () => {
    const second = { metadata: { mlart: { run_id: 'r1', path: 'b.png' } } };
    const shown = cell('one', '', [{ metadata: MARK }, second, { metadata: {} }]);
    const { made } = notebooks('nb.ipynb', shown);
    expect(made.artifactAt(shown.node.children[1]!)?.path).toBe('b.png');
    expect(made.artifactAt(shown.node.children[2]!)?.path).toBe('figures/a.png');
    expect(made.artifactAt(null)?.path).toBe('figures/a.png');
  });

  it('is heard of by a browser that comes a moment later', () => {
    const { made } = notebooks('nb.ipynb');
    const heard = vi.fn();
    made.reveal({ run: 'r1', path: 'a' });
    const stop = made.onReveal(heard);
    expect(heard).toHaveBeenCalledWith({ run: 'r1', path: 'a' });
    stop();
    made.reveal({ run: 'r1', path: 'b' });
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
