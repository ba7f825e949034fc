// Owns what the browser does in the open notebooks: goes to a cell, writes a new one, tells which artifact an output is.

import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { isOfRun } from './drive';
import type { CellFound, Host, Intake, Viewer } from './ui/host';
import type { Origin, Place } from './ui/transport';

type Revealed = Pick<Place, 'run' | 'path'>;

const FLASH = 'mlart-flash';
/** A browser that has to change its run first hears of it again. */
const REMEMBER_MS = 3000;

/** A path in the file system of the kernel, and one on the server: the second ends the first. */
function isAt(panel: NotebookPanel, notebook: string): boolean {
  return `/${notebook}`.endsWith(`/${panel.context.localPath}`);
}

/** A run's own notebook is looked at only. */
function isWritable({ context, isDisposed }: NotebookPanel): boolean {
  const writable = context.contentsModel?.writable ?? true;
  return !isDisposed && !isOfRun(context.path) && writable;
}

function flash(cell: Cell): void {
  cell.node.classList.remove(FLASH);
  // without a layout in between the animation does not begin anew
  cell.node.getBoundingClientRect();
  cell.node.classList.add(FLASH);
}

/** What the metadata of a cell's outputs says about artifacts, the first of them. */
export function artifactOf(outputs: readonly { metadata?: unknown }[]): Revealed | null {
  for (const { metadata } of outputs) {
    const mark = (metadata as { mlart?: { run_id?: unknown; path?: unknown } } | undefined)?.mlart;
    if (typeof mark?.run_id === 'string' && typeof mark.path === 'string') {
      return { run: mark.run_id, path: mark.path };
    }
  }
  return null;
}

export class Notebooks implements Host {
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly activate: (id: string) => void,
    readonly viewer?: Viewer
  ) {
    tracker.currentChanged.connect((_, panel) => {
      this.lastUsed = panel && isWritable(panel) ? panel : this.lastUsed;
    });
  }

  /** Set by who makes it, which reveals what it has logged. */
  intake?: Intake;

  async goToCell(origin: Origin): Promise<CellFound> {
    const panel = origin.notebook === null ? undefined : this.find(origin.notebook);
    if (!panel) {
      return { state: 'closed', source: null };
    }
    const { content } = panel;
    const index = content.widgets.findIndex(cell => cell.model.id === origin.cell_id);
    const cell = content.widgets[index];
    if (!cell) {
      return { state: 'gone', source: null };
    }
    this.activate(panel.id);
    content.activeCellIndex = index;
    await content.scrollToItem(index, 'center');
    flash(cell);
    return { state: 'there', source: cell.model.sharedModel.getSource() };
  }

  insert(lines: string): boolean {
    const panel = this.writable();
    if (!panel) {
      return false;
    }
    const known = /^\s*import mlart_jupyter\b/m;
    const cells = Array.from(panel.content.widgets);
    const imported = cells.some(cell => known.test(cell.model.sharedModel.getSource()));
    const source = imported ? lines : `import mlart_jupyter\n\n${lines}`;
    const below = panel.content.activeCellIndex + 1;
    panel.content.model?.sharedModel.insertCell(below, { cell_type: 'code', source });
    panel.content.activeCellIndex = below;
    this.activate(panel.id);
    return true;
  }

  onReveal(listener: (what: Revealed) => void): () => void {
    this.listeners.add(listener);
    if (this.last && Date.now() - this.last.time < REMEMBER_MS) {
      listener(this.last.what);
    }
    return () => this.listeners.delete(listener);
  }

  /** The artifact of the output under a node, or else of the active cell. */
  artifactAt(node: Element | null): Revealed | null {
    const content = this.tracker.currentWidget?.content;
    const cell = content?.widgets.find(({ node: own }) => node && own.contains(node));
    const chosen = cell ?? content?.activeCell;
    const all = chosen?.model.sharedModel.toJSON()['outputs'] as
      { metadata?: unknown }[] | undefined;
    const children = Array.from(chosen?.node.querySelectorAll('.jp-OutputArea-child') ?? []);
    const at = children.findIndex(child => node && child.contains(node));
    const under = at >= 0 && all?.[at] ? artifactOf([all[at]]) : null;
    return under ?? artifactOf(all ?? []);
  }

  reveal(what: Revealed): void {
    this.last = { time: Date.now(), what };
    this.listeners.forEach(listener => listener(what));
  }

  /** The one in front, else the one that was before it, else any. */
  private writable(): NotebookPanel | undefined {
    const { currentWidget } = this.tracker;
    const first = [currentWidget, this.lastUsed].find(panel => panel && isWritable(panel));
    return first ?? this.tracker.find(isWritable);
  }

  private find(notebook: string): NotebookPanel | undefined {
    const { currentWidget } = this.tracker;
    if (currentWidget && isAt(currentWidget, notebook)) {
      return currentWidget;
    }
    return this.tracker.find(panel => isAt(panel, notebook));
  }

  private lastUsed: NotebookPanel | null = null;
  private readonly listeners = new Set<(what: Revealed) => void>();
  private last: { time: number; what: Revealed } | null = null;
}
