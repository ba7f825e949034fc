import { MimeData } from '@lumino/coreutils';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Dropping } from '../dropping';
import { filesAt as filesOf, type Found, type Get } from '../folders';
import { ServerIntake } from '../intake';
import { IntakeLine } from '../ui/intake';
import { Failure, type Place, type Where } from '../ui/transport';

const PLACE: Place = { store: 's', run: 'r', path: 'files/a.csv' };
const WHERE: Where = { path: 'nb.ipynb', kernel: 'k' };

interface Asked {
  path: string;
}

interface More {
  where?: Where | null;
  post?: (op: string, body: Asked) => Promise<Place>;
}

/** The folder `data` holds two files. */
function filesAt(path: string): Promise<Found[]> {
  const files = [
    { path: 'data/a.csv', folder: 'data' },
    { path: 'data/b.csv', folder: 'data' }
  ];
  return Promise.resolve(path === 'data' ? files : [{ path, folder: '' }]);
}

function made(more: More = {}) {
  const post = vi.fn(more.post ?? (() => Promise.resolve(PLACE)));
  const onLogged = vi.fn();
  const intake = new ServerIntake({
    post: (op, body) => post(op, body as Asked),
    filesAt,
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
      ['intake', { path: 'sub/a.csv', folder: '', notebook: 'nb.ipynb', kernel: 'k' }],
      ['intake', { path: 'b.csv', folder: '', notebook: 'nb.ipynb', kernel: 'k' }]
    ]);
    expect(onLogged).toHaveBeenCalledWith(PLACE);
    expect(screen.queryByRole('status')).toBeNull();
  });

  it('keep their place in a folder, whose last one is shown, and one that is refused stays out', async () => {
    const post = (_: string, { path }: Asked) =>
      path.endsWith('a.csv')
        ? Promise.reject(new Failure('a.csv is a link.', 'Log it.'))
        : Promise.resolve(PLACE);
    const { intake, post: posted, onLogged } = made({ post });
    await act(() => intake.log(['data', 'c.txt']));
    expect(posted.mock.calls.map(([, body]) => body)).toMatchObject([
      { path: 'data/a.csv', folder: 'data' },
      { path: 'data/b.csv', folder: 'data' },
      { path: 'c.txt', folder: '' }
    ]);
    expect(onLogged).toHaveBeenCalledTimes(2);
    expect(screen.getByRole('alert').textContent).toContain('Left out: 1 file. a.csv is a link.');
  });

  it('are named while they are on their way', async () => {
    const { intake } = made({ post: () => new Promise(() => undefined) });
    await act(async () => {
      void intake.log(['sub/a.csv', 'b.csv', 'c.csv']);
      await Promise.resolve();
    });
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

describe('the files of a folder', () => {
  const file = (path: string, size = 1) => ({ path, size, type: 'file' });
  const folder = (path: string) => ({ path, type: 'directory', size: null });

  function served(
    tree: Record<string, { path: string; type: string; size: number | null }[]>
  ): Get {
    return (path, { content }) => {
      const name = (at: string) => at.split('/').at(-1)!;
      const type = path in tree ? 'directory' : 'file';
      const entries = tree[path]?.map(entry => ({
        ...entry,
        name: name(entry.path),
        content: null
      }));
      return Promise.resolve({
        ...file(path),
        type,
        name: name(path),
        content: content ? entries : null
      });
    };
  }

  it('are those below it, too, without what is hidden', async () => {
    const get = served({
      data: [
        file('data/a'),
        folder('data/.ipynb_checkpoints'),
        folder('data/sub'),
        file('data/.env')
      ],
      'data/.ipynb_checkpoints': [file('data/.ipynb_checkpoints/a')],
      'data/sub': [file('data/sub/b')]
    });
    const found = await filesOf('data', get);
    expect(found).toEqual([
      { path: 'data/a', folder: 'data' },
      { path: 'data/sub/b', folder: 'data' }
    ]);
    expect(await filesOf('x.txt', get)).toEqual([{ path: 'x.txt', folder: '' }]);
  });

  it.each([
    ['more than 1,000 files', Array.from({ length: 1001 }, (_, i) => file(`data/${i}`))],
    ['more than 1.0 GB', [file('data/a', 6e8), file('data/b', 6e8)]],
    ['no files', [file('data/.hidden')]]
  ])('are not %s', async (words, entries) => {
    await expect(filesOf('data', served({ data: entries }))).rejects.toThrow(words);
  });

  it('end where a link leads back up', async () => {
    const get: Get = (path, { content }) =>
      Promise.resolve({
        ...{ name: 'up', path, type: 'directory', size: null },
        content: content ? [{ name: 'up', path: `${path}/up`, type: 'directory' }] : null
      });
    await expect(filesOf('data', get)).rejects.toThrow('more than');
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
