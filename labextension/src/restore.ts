// Owns the way back of outputs that were lost while the tab was closed: the kernel is asked, the cells get them, untrusted.

import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

import { formatCount } from './ui/format';
import { asFailure, Failure } from './ui/transport';
import { t } from './ui/words';

type Outputs = ReturnType<ICodeCellModel['outputs']['toJSON']>;

/** What the kernel remembers of a cell. */
export interface Remembered {
  cell: string;
  /** As it was run. */
  source: string;
  count: number | null;
  outputs: Outputs;
}

/** How the cells of a notebook stand to what the kernel remembers. */
export interface Lost {
  /** Cells without an output that have shown something. */
  empty: Remembered[];
  /** The same, but the cell was changed since. */
  changed: Remembered[];
}

const TARGET = 'mlart';
const ANSWER_WITHIN_MS = 10_000;
const SUBSHELL_WITHIN_MS = 3000;

interface Waits {
  subshellStarted?: Promise<void>;
}

function after(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

function unknown(): Failure {
  return new Failure(
    t('This kernel remembers no outputs.'),
    t('They are remembered from %load_ext mlart_jupyter on.')
  );
}

/** Asks in a subshell where the kernel has one, so that a running cell does not hold up the answer. */
export async function remembered(
  kernel: Kernel.IKernelConnection,
  cells: string[],
  within = ANSWER_WITHIN_MS
): Promise<Remembered[]> {
  const comm = kernel.createComm(TARGET);
  if (kernel.supportsSubshells) {
    await Promise.race([(comm as Waits).subshellStarted, after(SUBSHELL_WITHIN_MS)]);
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Failure(t('The kernel is busy.'), t('Try again when the cell has ended.'))),
      within
    );
    comm.onMsg = message => {
      clearTimeout(timer);
      resolve((message.content.data as unknown as { cells: Remembered[] }).cells);
      comm.close();
    };
    comm.onClose = () => {
      clearTimeout(timer);
      reject(unknown());
    };
    comm.open({ cells });
  });
}

function codeCells(panel: NotebookPanel): ICodeCellModel[] {
  const all = Array.from(panel.content.model?.cells ?? []);
  return all.filter((model): model is ICodeCellModel => model.type === 'code');
}

function isSame(model: ICodeCellModel, row: Remembered): boolean {
  return model.sharedModel.getSource().trim() === row.source.trim();
}

/** Which of the notebook's cells have no output although they have shown something. */
export function lostOf(models: ICodeCellModel[], rows: Remembered[]): Lost {
  const empty = new Map(models.filter(m => m.outputs.length === 0).map(m => [m.id, m]));
  const lost: Lost = { empty: [], changed: [] };
  for (const row of rows) {
    const model = empty.get(row.cell);
    if (model) {
      lost[isSame(model, row) ? 'empty' : 'changed'].push(row);
    }
  }
  return lost;
}

/** The cell is no longer trusted: what comes back has not been shown by this page's own run. */
export function putBack(model: ICodeCellModel, row: Remembered): void {
  model.trusted = false;
  model.deleteMetadata('trusted');
  model.outputs.fromJSON(row.outputs);
  model.executionCount = row.count;
}

function putAll(panel: NotebookPanel, rows: Remembered[]): void {
  const models = new Map(codeCells(panel).map(model => [model.id, model]));
  for (const row of rows) {
    const model = models.get(row.cell);
    if (model && model.outputs.length === 0) {
      putBack(model, row);
    }
  }
}

function kernelOf(panel: NotebookPanel): Kernel.IKernelConnection {
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) {
    throw new Failure(
      t('This notebook has no kernel.'),
      t('Its outputs went with the one that it had.')
    );
  }
  return kernel;
}

function told({ empty, changed }: Lost): string {
  const words = [
    empty.length ? t('The outputs of %1 are back.', formatCount(empty.length, 'cell')) : '',
    changed.length
      ? t(
          'Changed since: %1. %mlart restore lists what is remembered.',
          formatCount(changed.length, 'cell')
        )
      : ''
  ];
  return words.filter(Boolean).join(' ') || t('No cell has lost its output.');
}

async function warned(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { message, next } = asFailure(error);
    Notification.warning(`${message} ${next}`);
  }
}

/** Puts back what the cells without an output have shown. */
export function restoreLost(panel: NotebookPanel): Promise<void> {
  return warned(async () => {
    const models = codeCells(panel);
    const rows = await remembered(
      kernelOf(panel),
      models.map(({ id }) => id)
    );
    const lost = lostOf(models, rows);
    putAll(panel, lost.empty);
    Notification.info(told(lost), { autoClose: 5000 });
  });
}

async function mayReplace(model: ICodeCellModel, row: Remembered): Promise<boolean> {
  if (model.outputs.length === 0 && isSame(model, row)) {
    return true;
  }
  const what = isSame(model, row)
    ? t('This cell has an output.')
    : t('This cell was changed since it was run.');
  const { button } = await showDialog({
    title: t('Restore the output?'),
    body: `${what} ${t('What it showed as [%1] would take its place.', row.count ?? ' ')}`,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: t('Restore') })]
  });
  return button.accept;
}

/** Puts back what one cell has shown, after a question where that is not simply missing. */
export function restoreOne(panel: NotebookPanel, model: ICodeCellModel): Promise<void> {
  return warned(async () => {
    const [row] = await remembered(kernelOf(panel), [model.id]);
    if (!row) {
      throw new Failure(
        t('The kernel remembers no output of this cell.'),
        t('Run the cell again.')
      );
    }
    if (await mayReplace(model, row)) {
      putBack(model, row);
    }
  });
}

/** Offers what was lost, once a notebook is open again on a kernel that has gone on without it. */
export async function offer(panel: NotebookPanel): Promise<void> {
  const models = codeCells(panel).filter(model => model.outputs.length === 0);
  const ids = models.map(({ id }) => id);
  const { empty } = lostOf(models, await remembered(kernelOf(panel), ids, 3_600_000));
  if (empty.length === 0 || panel.isDisposed) {
    return;
  }
  const cells = formatCount(empty.length, 'cell');
  Notification.info(
    t('%1 ran while this notebook was closed. What was shown is remembered.', cells),
    {
      autoClose: false,
      actions: [{ label: t('Restore'), callback: () => putAll(panel, empty) }]
    }
  );
}
