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

interface Panel {
  id: string;
  isDisposed: boolean;
  context: object;
  content: object;
}

function notebooks(localPath: string, ...widgets: ReturnType<typeof cell>[]) {
  const content = {
    widgets,
    activeCell: widgets[0],
    activeCellIndex: 0,
    scrollToItem: vi.fn(() => Promise.resolve()),
    model: {
      sharedModel: {
        insertCell: (at: number, { source }: { source: string }) =>
          void widgets.splice(at, 0, cell('new', source))
      }
    }
  };
  const path = localPath;
  const panel: Panel = { id: 'panel', isDisposed: false, context: { path, localPath }, content };
  const changed: ((_: unknown, panel: Panel | null) => void)[] = [];
  const tracker = {
    currentWidget: panel,
    find: (test: (panel: Panel) => boolean) => [tracker.currentWidget].find(test),
    currentChanged: { connect: (slot: (typeof changed)[0]) => void changed.push(slot) }
  };
  const toFront = (next: Panel) => {
    tracker.currentWidget = next;
    changed.forEach(slot => slot(tracker, next));
  };
  const activate = vi.fn();
  const made = new Notebooks(tracker as unknown as INotebookTracker, activate);
  return { made, panel, content, activate, toFront };
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

  it("writes into the notebook before it, when a run's is in front", () => {
    const { made, panel, content, activate, toFront } = notebooks('nb.ipynb', cell('one', ''));
    toFront(panel);
    toFront({ ...panel, id: 'of-run', context: { path: 'mlart:s/r/nb.ipynb' }, content: {} });
    expect(made.insert('line')).toBe(true);
    expect(activate).toHaveBeenCalledWith('panel');
    expect(content.widgets).toHaveLength(2);
    panel.isDisposed = true;
    expect(made.insert('line')).toBe(false);
  });

  it('writes into no notebook that the server lets nobody write to', () => {
    const { made, panel } = notebooks('nb.ipynb', cell('one', ''));
    panel.context = { path: 'nb.ipynb', contentsModel: { writable: false } };
    expect(made.insert('line')).toBe(false);
  });

  it.each([
    ['import mlart_jupyter', 'line'],
    ['1 + 1', 'import mlart_jupyter\n\nline']
  ])('after %s', (before, written) => {
    const { made, content } = notebooks('nb.ipynb', cell('one', before));
    expect(made.insert('line')).toBe(true);
    expect(content.widgets[1]!.model.sharedModel.getSource()).toBe(written);
    expect(content.activeCellIndex).toBe(1);
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
