import type { INotebookTracker } from '@jupyterlab/notebook';
import type { KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { changeOf, Live } from '../live';

function message(type: string, metadata?: object): KernelMessage.IMessage {
  return { header: { msg_type: type }, content: { metadata } } as unknown as KernelMessage.IMessage;
}

const SHOWN = message('display_data', { mlart: { run_id: 'r1', path: 'figures/loss.png' } });
const CHANGE = { run: 'r1', path: 'figures/loss.png' };

/** As much of a notebook panel as Live looks at. */
class FakePanel {
  constructor(
    public path: string,
    public kernel: string | null
  ) {}

  readonly context = {
    pathChanged: new Signal<unknown, string>(this),
    path: '',
    get localPath(): string {
      return '';
    }
  };
  readonly sessionContext = {
    kernelChanged: new Signal<unknown, unknown>(this),
    sessionChanged: new Signal<unknown, unknown>(this),
    iopubMessage: new Signal<unknown, KernelMessage.IMessage>(this),
    session: null as unknown
  };

  ready(): this {
    Object.defineProperty(this.context, 'path', { get: () => this.path });
    Object.defineProperty(this.context, 'localPath', { get: () => this.path });
    Object.defineProperty(this.sessionContext, 'session', {
      get: () => this.kernel && { kernel: { id: this.kernel } }
    });
    return this;
  }
}

class FakeTracker {
  readonly panels: FakePanel[] = [];
  readonly widgetAdded = new Signal<this, FakePanel>(this);
  readonly currentChanged = new Signal<this, FakePanel | null>(this);
  currentWidget: FakePanel | null = null;

  forEach(visit: (panel: FakePanel) => void): void {
    this.panels.forEach(visit);
  }

  add(panel: FakePanel): void {
    this.panels.push(panel);
    this.widgetAdded.emit(panel);
  }

  show(panel: FakePanel | null): void {
    this.currentWidget = panel;
    this.currentChanged.emit(panel);
  }
}

describe('changeOf', () => {
  it.each(['display_data', 'execute_result', 'update_display_data'])('reads %s', type => {
    const metadata = { mlart: { run_id: 'r1', path: 'a.png' } };
    expect(changeOf(message(type, metadata))).toEqual({ run: 'r1', path: 'a.png' });
  });

  it.each([
    ['a stream', message('stream', { mlart: { run_id: 'r1', path: 'a.png' } })],
    ['an output of somebody else', message('display_data', { other: 1 })],
    ['an output without metadata', message('display_data')],
    ['a run that is no text', message('display_data', { mlart: { run_id: 7 } })]
  ])('does not read %s', (_, other) => {
    expect(changeOf(other)).toBeNull();
  });

  it('takes a path that is not final yet for none', () => {
    expect(changeOf(message('display_data', { mlart: { run_id: 'r1', path: null } }))).toEqual({
      run: 'r1',
      path: null
    });
  });
});

describe('Live', () => {
  let tracker: FakeTracker;
  let live: Live;
  let panel: FakePanel;

  beforeEach(() => {
    vi.useFakeTimers();
    tracker = new FakeTracker();
    tracker.add(new FakePanel('old.ipynb', 'k0').ready());
    live = new Live(tracker as unknown as INotebookTracker);
    panel = new FakePanel('new.ipynb', null).ready();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('follows the notebook in front, its kernel and its name', () => {
    const moved = vi.fn();
    live.moved.connect((_, where) => void moved(where));
    expect(live.where).toBeNull();
    tracker.add(panel);
    tracker.show(panel);
    panel.kernel = 'k1';
    panel.sessionContext.kernelChanged.emit(null);
    panel.path = 'renamed.ipynb';
    panel.context.pathChanged.emit(panel.path);
    tracker.show(null);
    expect(moved.mock.calls).toEqual([
      [{ path: 'new.ipynb', kernel: null }],
      [{ path: 'new.ipynb', kernel: 'k1' }],
      [{ path: 'renamed.ipynb', kernel: 'k1' }],
      [null]
    ]);
  });

  it('stays where it is while a notebook of a run is looked at', () => {
    tracker.add(panel);
    tracker.show(panel);
    const { where } = live;
    tracker.show(new FakePanel('mlart:s/r/nb.ipynb', null).ready());
    expect(live.where).toBe(where);
    expect(live.currentWidget).toBe(panel);
  });

  it('says nothing when nothing moved', () => {
    tracker.add(panel);
    tracker.show(panel);
    const moved = vi.fn();
    live.moved.connect(moved);
    tracker.show(panel);
    panel.sessionContext.sessionChanged.emit(null);
    expect(moved).not.toHaveBeenCalled();
  });

  it('hears the notebooks that were open before and those that come later', () => {
    const heard = vi.fn();
    live.subscribe(heard);
    tracker.panels[0]!.sessionContext.iopubMessage.emit(SHOWN);
    tracker.add(panel);
    panel.sessionContext.iopubMessage.emit(SHOWN);
    panel.sessionContext.iopubMessage.emit(message('stream'));
    expect(heard.mock.calls).toEqual([[CHANGE], [CHANGE]]);
  });

  it('tells a late listener what happened in the last 10 s', () => {
    tracker.panels[0]!.sessionContext.iopubMessage.emit(SHOWN);
    vi.advanceTimersByTime(9000);
    const soon = vi.fn();
    live.subscribe(soon)();
    vi.advanceTimersByTime(2000);
    const late = vi.fn();
    live.subscribe(late);
    expect(soon).toHaveBeenCalledWith(CHANGE);
    expect(late).not.toHaveBeenCalled();
  });
});
