import { MimeData } from '@lumino/coreutils';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Dropping } from '../dropping';
import { ServerIntake } from '../intake';
import { IntakeLine } from '../ui/intake';
import { Failure, type Place, type Where } from '../ui/transport';

const PLACE: Place = { store: 's', run: 'r', path: 'files/a.csv' };
const WHERE: Where = { path: 'nb.ipynb', kernel: 'k' };

function made(more: { where?: Where | null; post?: () => Promise<Place> } = {}) {
  const post = vi.fn(more.post ?? (() => Promise.resolve(PLACE)));
  const onLogged = vi.fn();
  const intake = new ServerIntake({
    post,
    where: () => (more.where === undefined ? WHERE : more.where),
    driveOf: path => (path.includes(':') ? 'other' : ''),
    onLogged
  });
  render(<IntakeLine intake={intake} />);
  return { intake, post, onLogged };
}

afterEach(cleanup);

describe('files that are logged by hand', () => {
  it("go into the notebook's run one after the other, and are shown there", async () => {
    const { intake, post, onLogged } = made();
    await act(() => intake.log(['sub/a.csv', 'b.csv']));
    expect(post.mock.calls).toEqual([
      ['intake', { path: 'sub/a.csv', notebook: 'nb.ipynb', kernel: 'k' }],
      ['intake', { path: 'b.csv', notebook: 'nb.ipynb', kernel: 'k' }]
    ]);
    expect(onLogged).toHaveBeenCalledWith(PLACE);
    expect(screen.queryByRole('status')).toBeNull();
  });

  it('are named while they are on their way', () => {
    const { intake } = made({ post: () => new Promise(() => undefined) });
    act(() => void intake.log(['sub/a.csv', 'b.csv', 'c.csv']));
    expect(screen.getByRole('status').textContent).toBe('Logging a.csv …then 2 files');
    act(() => void intake.log(['d.csv']));
    expect(screen.getByRole('status').textContent).toContain('a.csv');
  });

  it('tell why one is refused, until that is read', async () => {
    const post = () => Promise.reject(new Failure('No run yet.', 'Start one.'));
    const { intake, onLogged } = made({ post });
    await act(() => intake.log(['a.csv', 'b.csv']));
    expect(screen.getByRole('alert').textContent).toContain('No run yet.Start one.');
    expect(onLogged).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it.each([
    ['No notebook is open.', null, 'a.csv'],
    ['a.csv is not on the Jupyter server.', WHERE, 'cloud:a.csv']
  ])('%s', async (sentence, where, path) => {
    const { intake, post } = made({ where });
    await act(() => intake.log([path]));
    expect(screen.getByRole('alert').textContent).toContain(sentence);
    expect(post).not.toHaveBeenCalled();
  });
});

describe('dragging', () => {
  function drag(type: string, on: Element, files?: string[]) {
    const mimeData = new MimeData();
    if (files) {
      mimeData.setData('application/x-jupyter-icontents', files);
    }
    const event = new Event(type, { bubbles: true, cancelable: true });
    Object.assign(event, { mimeData, proposedAction: 'move', dropAction: 'none' });
    on.dispatchEvent(event);
    return event as Event & { dropAction: string };
  }

  it('takes files of the file browser where they are wanted, and nothing else', () => {
    document.body.innerHTML = '<main><p id="here"><b></b></p><i></i></main>';
    const [root, here] = [document.querySelector('main')!, document.querySelector('#here')!];
    const onDrop = vi.fn();
    const dropping = new Dropping(root, '#here', onDrop);
    const inside = here.querySelector('b')!;

    expect(drag('lm-dragenter', inside, ['a']).defaultPrevented).toBe(true);
    expect(here.className).toBe('mlart-mod-drop');
    expect(drag('lm-dragover', inside, ['a']).dropAction).toBe('move');
    drag('lm-dragleave', inside, ['a']);
    expect(here.className).toBe('');
    expect(drag('lm-drop', inside, ['a', 'b']).defaultPrevented).toBe(true);
    expect(onDrop.mock.calls).toEqual([[['a', 'b']]]);

    drag('lm-drop', root.querySelector('i')!, ['a']);
    expect(drag('lm-dragenter', inside).defaultPrevented).toBe(false);
    drag('lm-drop', inside);
    dropping.dispose();
    drag('lm-drop', inside, ['a']);
    expect(onDrop).toHaveBeenCalledTimes(1);
  });
});
