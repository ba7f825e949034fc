import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import panel, { type Model } from '../panel';
import { entry } from './fake';

type Listener = Parameters<Model['on']>[1];

/** A widget's model whose kernel lists one file, named after the run. */
class FakeModel implements Model {
  readonly listeners = new Map<string, Set<Listener>>();
  readonly traits: Record<string, unknown> = { store: 'default', run: 'r1' };

  get(trait: string): unknown {
    return this.traits[trait];
  }

  set(trait: string, value: string): void {
    this.traits[trait] = value;
    this.listeners.get(`change:${trait}`)?.forEach(listener => listener());
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
    act(() => {
      close = panel.render({ model, el });
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
    act(() => {
      close = panel.render({ model, el });
    });
    await screen.findByRole('heading', { name: 'Arquivos' });
    act(() => close());
    model.traits['language'] = '';
    act(() => {
      close = panel.render({ model, el });
    });
    await screen.findByRole('heading', { name: 'Files' });
    act(() => close());
    vi.spyOn(navigator, 'language', 'get').mockReturnValue('pt');
    act(() => {
      close = panel.render({ model, el });
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
    act(() => {
      close = panel.render({ model, el });
    });
    fireEvent.click(await screen.findByRole('treeitem', { name: /of-nb.ipynb/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Bring this notebook back' }));
    await screen.findByText('It is beside yours: nb-one.ipynb');
    act(() => close());
  });

  it('keeps the keys of what is focused from the notebook around it', async () => {
    const el = document.body.appendChild(document.createElement('div'));
    let close: () => void = () => undefined;
    act(() => {
      close = panel.render({ model: new FakeModel(), el });
    });
    const tree = await screen.findByRole('tree');
    expect(tree.hasAttribute('data-lm-suppress-shortcuts')).toBe(false);
    act(() => tree.focus());
    expect(tree.hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
    act(() => close());
  });
});
