// Owns the browser as a widget in a cell's output: the entry of the anywidget bundle. Imports nothing of JupyterLab.

import React from 'react';
import { createRoot } from 'react-dom/client';

import { bundleOf } from './catalogue';
import { RunBrowser } from './ui/browser';
import { type Channel, CommTransport } from './ui/comm';
import { speak } from './ui/words';

/** The part of anywidget's model that is used. */
export interface Model {
  get(trait: string): unknown;
  send(message: unknown): void;
  on(event: string, listener: (...values: never[]) => void): void;
  off(event: string, listener: (...values: never[]) => void): void;
}

const MESSAGE = 'msg:custom';
const TRAITS = ['change:store', 'change:run', 'change:page', 'change:language'];

export function channelOf(model: Model): Channel {
  return {
    send: message => model.send(message),
    listen: onMessage => {
      const listener = (message: unknown, buffers?: ArrayBufferView[]) =>
        onMessage(message, buffers ?? []);
      model.on(MESSAGE, listener);
      return () => model.off(MESSAGE, listener);
    }
  };
}

function textOf(model: Model, trait: string): string {
  const value = model.get(trait);
  return typeof value === 'string' ? value : '';
}

/**
 * The panel is inside a notebook: without this, `d d` in its tree would delete the cell.
 * JupyterLab matches `:focus` before it looks at what is around, so each focused node has to say it itself.
 */
function keepKeys({ target }: FocusEvent): void {
  if (target instanceof Element) {
    target.setAttribute('data-lm-suppress-shortcuts', 'true');
  }
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  el.classList.add('mlart-Panel');
  el.addEventListener('focusin', keepKeys);
  const transport = new CommTransport(channelOf(model));
  const root = createRoot(el);
  const draw = () => {
    speak(bundleOf(textOf(model, 'language') || navigator.language));
    root.render(
      <RunBrowser
        transport={transport}
        changes={transport}
        past={transport}
        store={textOf(model, 'store')}
        run={textOf(model, 'run')}
        page={textOf(model, 'page')}
      />
    );
  };
  TRAITS.forEach(trait => model.on(trait, draw));
  draw();
  return () => {
    TRAITS.forEach(trait => model.off(trait, draw));
    el.removeEventListener('focusin', keepKeys);
    root.unmount();
    transport.dispose();
  };
}

export default { render };
