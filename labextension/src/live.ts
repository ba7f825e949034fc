// Owns what the sidebar hears of the notebooks: which one is in front, and what their cells have just shown.

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import { isOfRun } from './drive';
import type { Change, Changes, Where } from './ui/transport';

const SHOWING = new Set(['display_data', 'execute_result', 'update_display_data']);
/** A browser that opens on a new run still hears what made that run. */
const REMEMBER_MS = 10_000;

/** What a message on iopub says about an artifact, if it is about one. */
export function changeOf(message: KernelMessage.IMessage): Change | null {
  if (!SHOWING.has(message.header.msg_type)) {
    return null;
  }
  const { metadata } = message.content as { metadata?: Record<string, unknown> };
  const mlart = metadata?.['mlart'] as { run_id?: unknown; path?: unknown } | undefined;
  if (typeof mlart?.run_id !== 'string') {
    return null;
  }
  return { run: mlart.run_id, path: typeof mlart.path === 'string' ? mlart.path : null };
}

function whereIs(panel: NotebookPanel | null): Where | null {
  if (!panel) {
    return null;
  }
  const kernel = panel.sessionContext.session?.kernel?.id ?? null;
  return { path: panel.context.localPath, kernel };
}

export class Live implements Changes {
  constructor(private readonly tracker: INotebookTracker) {
    tracker.forEach(panel => this.follow(panel));
    tracker.widgetAdded.connect((_, panel) => this.follow(panel));
    tracker.currentChanged.connect(() => this.look());
    this.look();
  }

  /** The notebook in front; it keeps its place while something that is no notebook is in front. */
  get where(): Where | null {
    return this.current;
  }

  /** Its panel: never one of a run, which is only looked at. */
  get currentWidget(): NotebookPanel | null {
    return this.front?.isDisposed ? null : this.front;
  }

  get moved(): ISignal<this, Where | null> {
    return this.movedSignal;
  }

  subscribe(listener: (change: Change) => void): () => void {
    const since = Date.now() - REMEMBER_MS;
    this.recent.filter(({ time }) => time >= since).forEach(({ change }) => listener(change));
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private follow(panel: NotebookPanel): void {
    const { context, sessionContext } = panel;
    context.pathChanged.connect(() => this.look());
    sessionContext.kernelChanged.connect(() => this.look());
    sessionContext.sessionChanged.connect(() => this.look());
    // the session context's signal survives another kernel and a restart
    sessionContext.iopubMessage.connect((_, message) => this.hear(message));
  }

  private hear(message: KernelMessage.IMessage): void {
    const change = changeOf(message);
    if (!change) {
      return;
    }
    const time = Date.now();
    this.recent = this.recent.filter(old => old.time >= time - REMEMBER_MS);
    this.recent.push({ time, change });
    this.listeners.forEach(listener => listener(change));
  }

  private look(): void {
    const panel = this.tracker.currentWidget;
    if (panel && isOfRun(panel.context.path)) {
      return; // a look at an artifact does not leave the notebook
    }
    this.front = panel;
    const next = whereIs(panel);
    const { current } = this;
    if (next?.path !== current?.path || next?.kernel !== current?.kernel) {
      this.current = next;
      this.movedSignal.emit(next);
    }
  }

  private readonly movedSignal = new Signal<this, Where | null>(this);
  private readonly listeners = new Set<(change: Change) => void>();
  private recent: { time: number; change: Change }[] = [];
  private current: Where | null = null;
  private front: NotebookPanel | null = null;
}
