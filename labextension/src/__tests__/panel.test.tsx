import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import panel, { type Model } from '../panel';
import { entry } from './fake';

type Listener = Parameters<Model['on']>[1];

/** A widget's model whose kernel lists one file, named after the run. */
class FakeModel implements Model {
  readonly own: { comm_live?: boolean } = {};
  readonly widget_manager = {
    get_model: (id: string) =>
      id === 'm1' ? Promise.resolve(this.own) : Promise.reject(new Error(id))
  };
  readonly listeners = new Map<string, Set<Listener>>();
  readonly traits: Record<string, unknown> = { store: 'default', run: 'r1', own: 'm1' };

  get(trait: string): unknown {
    return this.traits[trait];
  }

  set(trait: string, value: string): void {
    this.traits[trait] = value;
    this.tell(`change:${trait}`);
  }

  send(message: { rid: number; op: string; run: string }): void {
    const results: Record<string, object> = {
      artifacts: { entries: [entry(`of-${message.run}`)], cursor: null },
      preview: { kind: 'notebook', html: '', truncated: false, size: 1, scripts: false },
      checkout: { path: 'nb-one.ipynb' }
    };
    const result = results[message.op];
    if (result) {
      const reply = { mlart: 1, rid: message.rid, result };
      this.listeners
        .get('msg:custom')
        ?.forEach(listener => (listener as (reply: object) => void)(reply));
    }
  }

  on(event: string, listener: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }

  tell(event: string): void {
    this.listeners.get(event)?.forEach(listener => listener());
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, each) => sum + each.size, 0);
  }
}

describe('the panel', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('shows the run of its traits, follows them, and lets go of the model', async () => {
    const model = new FakeModel();
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    await screen.findByRole('treeitem', { name: /of-r1/ });
    act(() => model.set('run', 'r2'));
    await screen.findByRole('treeitem', { name: /of-r2/ });
    act(() => close());
    await waitFor(() => expect(el.childElementCount).toBe(0));
    expect(model.listening).toBe(0);
  });

  it('speaks the language of its trait, else of the browser', async () => {
    const el = document.body.appendChild(document.createElement('div'));
    const model = new FakeModel();
    let close: () => void = () => undefined;
    model.traits['language'] = 'pt-BR';
    await act(async () => {
      close = await panel.render({ model, el });
    });
    await screen.findByRole('heading', { name: 'Arquivos' });
    act(() => close());
    model.traits['language'] = '';
    await act(async () => {
      close = await panel.render({ model, el });
    });
    await screen.findByRole('heading', { name: 'Files' });
    act(() => close());
    vi.spyOn(navigator, 'language', 'get').mockReturnValue('pt');
    await act(async () => {
      close = await panel.render({ model, el });
    });
    await screen.findByRole('heading', { name: 'Arquivos' });
    act(() => close());
    vi.restoreAllMocks();
  });

  it("brings a run's notebook back by the kernel", async () => {
    const model = new FakeModel();
    model.traits['run'] = 'nb.ipynb';
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    fireEvent.click(await screen.findByRole('treeitem', { name: /of-nb.ipynb/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Bring this notebook back' }));
    await screen.findByText('It is beside yours: nb-one.ipynb');
    act(() => close());
  });

  it('keeps the keys of what is focused from the notebook around it', async () => {
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model: new FakeModel(), el });
    });
    const tree = await screen.findByRole('tree');
    expect(tree.hasAttribute('data-lm-suppress-shortcuts')).toBe(false);
    act(() => tree.focus());
    expect(tree.hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
    act(() => close());
  });

  it('says so in a page that was saved without a kernel, and asks nothing', async () => {
    const model = new FakeModel();
    const sent = vi.spyOn(model, 'send');
    model.own.comm_live = false;
    model.traits['page'] = 'https://ml.example/#/runs/r1';
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    expect(el.textContent).toContain('runs:/r1');
    expect(el.textContent).toContain('run the cell of this panel again');
    screen.getByRole('link', { name: 'Open the run in MLflow' });
    expect(sent).not.toHaveBeenCalled();

    // somebody has connected the page to a kernel
    model.own.comm_live = true;
    act(() => model.tell('comm_live_update'));
    await screen.findByRole('treeitem', { name: /of-r1/ });
    act(() => close());
  });

  it('keeps what it has listed when its kernel ends, and says so for what is asked then', async () => {
    const model = new FakeModel();
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    const row = await screen.findByRole('treeitem', { name: /of-r1/ });
    model.own.comm_live = false;
    act(() => model.tell('comm_live_update'));
    fireEvent.click(row);
    await waitFor(() =>
      expect(el.querySelector('.mlart-Preview')?.textContent).toContain('not behind it any more')
    );
    screen.getByRole('treeitem', { name: /of-r1/ });
    act(() => close());
  });

  it('works where nobody tells whether there is a kernel', async () => {
    const model = new FakeModel();
    model.traits['own'] = 'unknown';
    model.own.comm_live = false;
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    await screen.findByRole('treeitem', { name: /of-r1/ });
    act(() => close());
  });

  it('offers the visitors of a dashboard no notebook to bring back', async () => {
    const model = new FakeModel();
    model.traits['run'] = 'nb.ipynb';
    model.traits['visited'] = true;
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    await act(async () => {
      close = await panel.render({ model, el });
    });
    fireEvent.click(await screen.findByRole('treeitem', { name: /of-nb.ipynb/ }));
    await waitFor(() => expect(el.querySelector('.mlart-Preview iframe')).not.toBeNull());
    expect(screen.queryByRole('button', { name: 'Bring this notebook back' })).toBeNull();
    act(() => close());
  });
});
