// Owns the browser as a widget in a cell's output: the entry of the anywidget bundle. Imports nothing of JupyterLab.

import React from 'react';
import { createRoot } from 'react-dom/client';

import { bundleOf } from './catalogue';
import { RunBrowser } from './ui/browser';
import { IconLink } from './ui/button';
import { abandoned, type Channel, CommTransport } from './ui/comm';
import { runUri } from './ui/format';
import { Hint } from './ui/problem';
import { speak, t } from './ui/words';

/** The part of anywidget's model that is used. */
export interface Model {
  get(trait: string): unknown;
  send(message: unknown): void;
  on(event: string, listener: (...values: never[]) => void): void;
  off(event: string, listener: (...values: never[]) => void): void;
  readonly widget_manager?: { get_model(id: string): Promise<unknown> };
}

/** Jupyter's own model behind anywidget's; other hosts have none. */
interface OwnModel {
  comm_live?: boolean;
}

const LIVE = 'comm_live_update';
const MESSAGE = 'msg:custom';
const TRAITS = ['change:store', 'change:run', 'change:page', 'change:language'];

export function channelOf(model: Model, own: OwnModel = {}): Channel {
  return {
    isLive: () => own.comm_live !== false,
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

async function ownOf(model: Model): Promise<OwnModel> {
  try {
    return (await model.widget_manager?.get_model(textOf(model, 'own'))) ?? {};
  } catch {
    return {};
  }
}

/** In a page that was exported: nobody answers there. */
function Abandoned(props: { run: string; page: string }): React.JSX.Element {
  const { message, next } = abandoned();
  const uri = runUri({ store: '', run: props.run, path: '' });
  return (
    <Hint>
      <p>
        {t('The artifacts of %1', uri)}{' '}
        <IconLink icon="outside" label={t('Open the run in MLflow')} href={props.page} />
      </p>
      <p>{message}</p>
      <p>{next}</p>
    </Hint>
  );
}

async function render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
  const own = await ownOf(model);
  el.classList.add('mlart-Panel');
  el.addEventListener('focusin', keepKeys);
  const channel = channelOf(model, own);
  const transport = new CommTransport(channel);
  const root = createRoot(el);
  let seen = false;
  const draw = () => {
    speak(bundleOf(textOf(model, 'language') || navigator.language));
    const place = { store: textOf(model, 'store'), run: textOf(model, 'run') };
    const page = textOf(model, 'page');
    // what was listed stays on show when its kernel ends
    seen ||= channel.isLive();
    el.classList.toggle('mlart-Panel-abandoned', !seen);
    root.render(
      seen ? (
        <RunBrowser
          {...{ transport, page }}
          {...place}
          changes={transport}
          past={model.get('visited') === true ? undefined : transport}
        />
      ) : (
        <Abandoned run={place.run} page={page} />
      )
    );
  };
  const events = [LIVE, ...TRAITS];
  events.forEach(event => model.on(event, draw));
  draw();
  return () => {
    events.forEach(event => model.off(event, draw));
    el.removeEventListener('focusin', keepKeys);
    root.unmount();
    transport.dispose();
  };
}

export default { render };
