import type { Contents } from '@jupyterlab/services';
import { ServerConnection } from '@jupyterlab/services';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { localPathOf, RunDrive } from '../drive';
import { guard, LabViewer } from '../opening';
import { RestTransport } from '../rest';
import { untrusted } from '../untrusted';
import { viewingOf } from '../viewers';

const SETTINGS = ServerConnection.makeSettings({ baseUrl: 'http://lab.test/' });
const HOSTILE = '<script>window.hacked = true</script>';

function driveOf(answer: string | Uint8Array<ArrayBuffer>, init: ResponseInit = {}) {
  const request = vi
    .spyOn(ServerConnection, 'makeRequest')
    .mockImplementation(() => Promise.resolve(new Response(answer, init)));
  return { drive: new RunDrive(new RestTransport(SETTINGS), SETTINGS), request };
}

function book(...cells: object[]): string {
  return JSON.stringify({ cells, nbformat: 4, nbformat_minor: 5, metadata: { widgets: { a: 1 } } });
}

function shown(data: object) {
  const cell = { cell_type: 'code', metadata: { trusted: true, tags: ['a'] }, outputs: [{ data }] };
  return untrusted(book(cell))['cells'] as [
    { metadata: object; outputs: [{ data: Record<string, unknown> }] }
  ];
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what JupyterLab opens', () => {
  it.each([
    ['figures/a.PNG', 'Image'],
    ['notebooks/nb.ipynb', 'Notebook'],
    ['t.csv', 'CSVTable'],
    ['data/best.json', 'JSON'],
    ['notes.md', 'Editor'],
    ['model/MLmodel', 'Editor'],
    ['a.pdf', 'PDF']
  ])('is shown by the viewer of its own: %s', (path, factory) => {
    expect(viewingOf(path)?.factory).toBe(factory);
  });

  it.each(
    'page.html page.HTM figure.svg a.xhtml a.xml charts/a.plotly.json a.vl.json a.vg.json a.bokeh.json a.vega a.js a.geojson a.pkl unknown'.split(
      ' '
    )
  )('has no viewer that could run something in the page: %s', path => {
    expect(viewingOf(path)).toBeNull();
  });
});

describe('the drive', () => {
  it('asks our own route for a place, never for an address', async () => {
    const { drive, request } = driveOf('a,b\n');
    const place = { store: 's', run: 'r', path: 'deep er/t #1.csv' };
    const model = await drive.get(localPathOf(place));
    const asked = new URL(request.mock.calls[0]![0]);
    expect(asked.pathname).toBe('/mlart/content');
    expect(Object.fromEntries(asked.searchParams)).toEqual(place);
    expect(model).toMatchObject({
      content: 'a,b\n',
      writable: false,
      type: 'file',
      name: 't #1.csv'
    });
  });

  it('tells of a file without fetching it, and that it is not written', async () => {
    const { drive, request } = driveOf('');
    const model = await drive.get('s/r/a.png', { content: false });
    expect(model).toMatchObject({ writable: false, content: null, mimetype: 'image/png' });
    expect(request).not.toHaveBeenCalled();
    expect(await drive.listCheckpoints()).toEqual([]);
  });

  it('gives a picture as base64', async () => {
    const { drive } = driveOf(new Uint8Array([137, 80, 78, 71]));
    expect(await drive.get('s/r/a.png')).toMatchObject({ format: 'base64', content: 'iVBORw==' });
  });

  it.each(['s/r/page.html', 's/r/a.svg', 's/r/folder', '', 's'])(
    'refuses what may run in the page, in whatever format: %s',
    async path => {
      const { drive, request } = driveOf(HOSTILE);
      for (const format of ['text', 'base64', 'json'] as const) {
        await expect(drive.get(path, { content: true, format })).rejects.toThrow('not opened');
      }
      expect(request).not.toHaveBeenCalled();
    }
  );

  it('never gives a notebook as its file has it', async () => {
    const { drive } = driveOf(
      book({ cell_type: 'code', metadata: { trusted: true }, outputs: [] })
    );
    for (const format of ['text', 'base64', 'json'] as const) {
      const model = await drive.get('s/r/nb.ipynb', { format, type: 'notebook' });
      expect(JSON.stringify(model)).not.toMatch(/trusted|widgets/);
    }
  });

  it('stops at a size, told before or not', async () => {
    const told = driveOf('x', { headers: { 'Content-Length': '99999999999' } });
    await expect(told.drive.get('s/r/a.csv')).rejects.toThrow('larger than what is opened here');
    const large = driveOf(new Uint8Array(9 * 1024 * 1024));
    await expect(large.drive.get('s/r/a.txt')).rejects.toThrow('larger than what is opened here');
  });

  it('says what is no text although its name says so', async () => {
    for (const bytes of [new Uint8Array([0, 1]), new Uint8Array([255, 254, 65])]) {
      await expect(driveOf(bytes).drive.get('s/r/a.txt')).rejects.toThrow('not the text');
    }
    await expect(driveOf('[]').drive.get('s/r/a.ipynb')).rejects.toThrow('no notebook');
  });

  it('changes nothing', async () => {
    const { drive, request } = driveOf('');
    const all: (() => Promise<unknown>)[] = [drive.save, drive.delete, drive.rename, drive.copy];
    for (const change of [...all, drive.newUntitled, drive.createCheckpoint]) {
      await expect(change()).rejects.toThrow('not changed here');
    }
    expect(request).not.toHaveBeenCalled();
  });
});

describe("a stranger's notebook", () => {
  it('is not trusted, whatever it says, and brings no widgets', () => {
    const [cell] = shown({ 'text/plain': 'x' });
    expect(cell.metadata).toEqual({ tags: ['a'] });
    expect(untrusted(book())['metadata']).toEqual({});
  });

  it('shows what JupyterLab sanitises, and names the rest', () => {
    const html = { 'text/html': HOSTILE, 'text/plain': 'x' };
    expect(
      shown({ ...html, 'application/javascript': 'x', 'image/svg+xml': 'x' })[0].outputs
    ).toEqual([{ data: html }]);
    expect(shown({ 'application/vnd.vegalite.v5+json': {} })[0].outputs[0].data).toEqual({
      'text/plain': 'Not shown here: application/vnd.vegalite.v5+json'
    });
  });

  it.each(['', '{', '[]', 'null', '{"nbformat": 3, "cells": []}', '{"nbformat": 4}'])(
    'of another form is refused: %s',
    text => {
      expect(() => untrusted(text)).toThrow('no notebook');
    }
  );

  it('may be crooked inside', () => {
    const crooked = '{"nbformat":4,"cells":[1,null,{"metadata":3},{"outputs":[1,{"data":[]}]}]}';
    expect(untrusted(crooked)['cells']).toHaveLength(2);
  });
});

describe('opening', () => {
  const place = { store: 's', run: 'r', path: 'a.json' };

  it('hands the place to the viewer of its own', async () => {
    const open = vi.fn(() => Promise.resolve());
    await new LabViewer(open).open(place, 10);
    expect(open).toHaveBeenCalledWith('mlart:s/r/a.json', 'JSON');
  });

  it('says so when it is too large', async () => {
    const open = vi.fn(() => Promise.resolve());
    await expect(new LabViewer(open).open(place, 9e9)).rejects.toThrow('larger than');
    expect(open).not.toHaveBeenCalled();
  });
});

describe('what is opened by whatever way', () => {
  function made(path: string) {
    const extensions = new Map<
      string,
      { createNew: (widget: object, context: object) => unknown }
    >();
    guard({
      addWidgetExtension: (name: string, extension: never) => extensions.set(name, extension)
    } as never);
    const context = {
      path,
      ready: Promise.resolve(),
      sessionContext: { kernelPreference: { shouldStart: true } as object },
      model: { readOnly: false, dirty: true }
    };
    const widget = { dispose: vi.fn() };
    extensions.forEach(extension => extension.createNew(widget, context));
    return { context, widget };
  }

  it('has no kernel, asks for no saving, and is no page', async () => {
    const { context, widget } = made('mlart:s/r/nb.ipynb');
    const { shouldStart, canStart, autoStartDefault } = context.sessionContext
      .kernelPreference as Record<string, unknown>;
    expect([shouldStart, canStart, autoStartDefault]).toEqual([false, false, false]);
    await context.ready;
    expect(context.model).toEqual({ readOnly: true, dirty: false });
    expect(widget.dispose).toHaveBeenCalled();
  });

  it("leaves the user's own documents as they are", async () => {
    const { context, widget } = made('mine/nb.ipynb');
    await context.ready;
    expect(context.sessionContext.kernelPreference).toEqual({ shouldStart: true });
    expect(context.model).toEqual({ readOnly: false, dirty: true });
    expect(widget.dispose).not.toHaveBeenCalled();
  });
});

/** The drive is one of JupyterLab's. */
export const checked: (drive: RunDrive) => Contents.IDrive = drive => drive;
