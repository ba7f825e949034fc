import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Failure, type Preview } from '../ui/transport';
import { entry, FakeTransport } from './fake';
import { clickRow, mountPanel } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  transport = new FakeTransport();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('the preview', () => {
  const text = { truncated: false, size: 1 };

  async function preview(given: Preview | Error, name = 'a'): Promise<void> {
    transport.folders[''] = [entry(name, { cell: 3 })];
    transport.previews[name] = given;
    mountPanel(transport);
    await clickRow(new RegExp(`^${name}`));
  }

  it('shows a picture by <img> from an object URL, revoked at the end', async () => {
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:picture');
    const revoke = vi.spyOn(URL, 'revokeObjectURL');
    transport.bytes['a'] = new Blob(['x']);
    await preview({ kind: 'image', media_type: 'image/png', width: 1, height: 1, size: 1 });
    const image = await screen.findByRole('img', { name: 'a' });
    expect(image.getAttribute('src')).toBe('blob:picture');
    fireEvent.click(screen.getByRole('button', { name: 'Close preview' }));
    expect(revoke).toHaveBeenCalledWith('blob:picture');
  });

  const PNG = { png: btoa('png'), facts: [{ label: 'pixels', value: '9 × 9' }] };
  const PICTURE = { kind: 'image' as const, width: null, height: null, size: 1 };

  it('shows a TIFF as the PNG that was made of it, and tells of it', async () => {
    const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:picture');
    transport.pictures['a'] = PNG;
    await preview({ ...PICTURE, media_type: 'image/tiff' });
    expect((await screen.findByRole('img', { name: 'a' })).getAttribute('src')).toBe(
      'blob:picture'
    );
    expect(screen.getByText('9 × 9')).toBeTruthy();
    const blob = made.mock.calls[0]![0] as Blob;
    expect([blob.type, blob.size]).toEqual(['image/png', 3]);
    expect(transport.calls).not.toContain('content a');
  });

  it('asks for a PNG of an AVIF when the browser cannot draw it, once', async () => {
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:picture');
    transport.bytes['a'] = new Blob(['x']);
    transport.pictures['a'] = PNG;
    await preview({ ...PICTURE, media_type: 'image/avif' });
    fireEvent.error(await screen.findByRole('img', { name: 'a' }));
    await screen.findByText('9 × 9');
    expect(transport.calls).toContain('picture a');
    fireEvent.error(await screen.findByRole('img', { name: 'a' }));
    await screen.findByText(/cannot be drawn/);
  });

  it('says why a picture cannot be converted', async () => {
    transport.pictures['a'] = new Failure('It has too many pixels.', 'Download it.');
    await preview({ ...PICTURE, media_type: 'image/tiff' });
    await screen.findByText(/too many pixels/);
  });

  it('keeps what it shows when the upload ends', async () => {
    transport.folders[''] = [entry('a', { state: 'uploading', time: 1 })];
    transport.previews['a'] = {
      kind: 'image',
      media_type: 'image/png',
      width: 1,
      height: 1,
      size: 1
    };
    transport.bytes['a'] = new Blob(['x']);
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:picture');
    const revoke = vi.spyOn(URL, 'revokeObjectURL');
    mountPanel(transport);
    await clickRow(/^a/);
    const image = await screen.findByRole('img', { name: 'a' });
    transport.folders[''] = [entry('a', { time: 1 })];
    fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
    await waitFor(() =>
      expect(screen.getByRole('treeitem', { name: /^a/ }).textContent).not.toContain('uploading')
    );
    expect(screen.getByRole('img', { name: 'a' })).toBe(image);
    expect(revoke).not.toHaveBeenCalled();
  });

  it('asks again for what could not be read before its upload ended', async () => {
    transport.folders[''] = [entry('a', { state: 'uploading' })];
    transport.previews['a'] = new Failure('It is on its way.', 'Wait.');
    mountPanel(transport);
    await clickRow(/^a/);
    await screen.findByText(/It is on its way/);
    transport.previews['a'] = {
      kind: 'text',
      text: 'arrived',
      truncated: false,
      size: 7
    };
    transport.folders[''] = [entry('a')];
    fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
    await screen.findByText('arrived');
  });

  it('gives an SVG no address of the page’s origin', async () => {
    transport.bytes['a'] = new Blob(['<svg/>']);
    await preview({
      kind: 'image',
      media_type: 'image/svg+xml',
      width: null,
      height: null,
      size: 1
    });
    const image = await screen.findByRole('img', { name: 'a' });
    expect(image.getAttribute('src')).toMatch(/^data:image\/svg\+xml/);
  });

  const PAGE = { kind: 'html' as const, truncated: false, size: 1, scripts: true };
  const TABLE = { kind: 'table' as const, truncated: false, size: 1 };

  it('shows a table with names, types and how much of it', async () => {
    await preview({
      ...TABLE,
      columns: [
        { name: 'x', type: 'int64', bars: [1, 0, 2], stats: [{ label: 'least', value: '1' }] },
        { name: 'x', type: 'string', stats: [{ label: 'distinct', value: '7' }] }
      ],
      rows: [
        [1, 'one'],
        [2, null]
      ],
      total_rows: 9000,
      total_columns: 12,
      counted: 2,
      truncated: true
    });
    await screen.findByText(
      '9,000 rows × 12 columns · the first 2 columns are shown · statistics of the first 2 rows'
    );
    const heads = screen.getAllByRole('columnheader');
    expect(heads.map(head => head.textContent)).toEqual(['x int64', 'x string7 distinct']);
    expect(heads[0]!.title).toBe('x: int64\nleast: 1');
    expect(screen.getAllByRole('cell').map(cell => cell.textContent)).toEqual([
      '1',
      'one',
      '2',
      'null'
    ]);
  });

  it('keeps only the rows and columns in sight in the page, and tells how many there are', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => Array<number>(90).fill(index));
    const columns = rows[0]!.map((_, index) => ({ name: `n${index}`, type: 'int64' }));
    await preview({ ...TABLE, columns, rows, total_rows: 150 });
    await screen.findByText('150 rows × 90 columns');
    const grid = screen.getByRole('table');
    expect(grid.getAttribute('aria-rowcount')).toBe('151');
    expect(grid.getAttribute('aria-colcount')).toBe('90');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    expect(screen.getAllByRole('columnheader').length).toBeLessThan(20);
  });

  it('fetches the next page of a table when its last row is in sight', async () => {
    const page = { ...TABLE, columns: [{ name: 'n', type: 'int64' }], total_rows: 2 };
    transport.previews['a@7'] = { ...page, columns: [], rows: [['second']] };
    await preview({ ...page, rows: [['first']], truncated: true, more: 7 });
    await screen.findByText('second');
    expect(transport.calls.filter(call => call.startsWith('preview'))).toHaveLength(2);
  });

  it('shows values as a tree that opens level by level', async () => {
    const value = { a: [1, { b: null }], long: Array.from({ length: 150 }, (_, i) => i) };
    await preview({ kind: 'tree', value, language: 'json', truncated: false, size: 1 });
    const region = await screen.findByRole('region', { name: 'Values' });
    expect(region.textContent).toContain('a: [2]0: 1');
    const long = screen.getByText('long:').closest('details')!;
    expect(long.open).toBe(false);
    long.open = true;
    fireEvent(long, new Event('toggle'));
    fireEvent.click(await screen.findByRole('button', { name: '50 more' }));
    expect(long.querySelectorAll('li')).toHaveLength(150);
  });

  it('colours the words of a text by what they are, and makes no class of anything else', async () => {
    const tokens: [string, string][] = [
      ['ansi-red ansi-bold', 'bad'],
      ['" onclick=', 'odd'],
      ['', ' <b>plain</b>']
    ];
    await preview({ kind: 'text', text: 'ignored', tokens, ...text });
    const red = await screen.findByText('bad');
    expect(red.className).toBe('mlart-token-ansi-red mlart-token-ansi-bold');
    expect(screen.getByText('odd').className).toBe('');
    expect(screen.getByRole('region', { name: 'Text' }).textContent).toBe('badodd <b>plain</b>');
  });

  it('brings the next part of a text when asked', async () => {
    transport.previews['a@9'] = { kind: 'text', text: ' and the end', ...text };
    await preview({ kind: 'text', text: 'the beginning', truncated: true, size: 20, more: 9 });
    fireEvent.click(await screen.findByRole('button', { name: 'Load more' }));
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'Text' }).textContent).toBe(
        'the beginning and the end'
      )
    );
    expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
  });

  async function frame(): Promise<HTMLIFrameElement> {
    return waitFor(() => {
      const found = document.querySelector('iframe');
      expect(found).not.toBeNull();
      return found!;
    });
  }

  it('shows HTML in a frame that may do nothing, until its scripts are started', async () => {
    await preview({ ...PAGE, html: '<script>1</script>' });
    const quiet = await frame();
    expect(quiet.getAttribute('sandbox')).toBe('');
    expect(quiet.getAttribute('srcdoc')).toContain("default-src 'none'");
    expect(quiet.getAttribute('srcdoc')).not.toContain('script-src');
    fireEvent.click(screen.getByRole('button', { name: 'Run scripts' }));
    const running = await frame();
    expect(running.getAttribute('sandbox')).toBe('allow-scripts');
    expect(running.getAttribute('srcdoc')).toContain("connect-src 'none'");
    fireEvent.click(screen.getByRole('button', { name: 'Stop them' }));
    expect((await frame()).getAttribute('sandbox')).toBe('');
  });

  it.each(['markdown', 'notebook'] as const)('has no scripts to start in a %s', async kind => {
    await preview({ ...PAGE, kind, html: '<p>x</p>', scripts: false });
    expect((await frame()).getAttribute('sandbox')).toBe('');
    expect(screen.queryByRole('button', { name: 'Run scripts' })).toBeNull();
  });

  const SPEC = {
    kind: 'chart' as const,
    library: 'vega' as const,
    size: 9,
    below: { ...text, kind: 'tree' as const, value: { mark: 'bar' }, language: 'json' }
  };

  it('draws a chart in its sandbox only when that is asked for, with its values below', async () => {
    transport.drawings['a'] = '<script>draw()</script>';
    await preview(SPEC);
    await screen.findByText('A chart of Vega.');
    expect(document.querySelector('iframe')).toBeNull();
    expect(transport.calls).not.toContain('drawing a');
    fireEvent.click(screen.getByRole('button', { name: 'Draw it' }));
    const running = await frame();
    expect(running.getAttribute('sandbox')).toBe('allow-scripts');
    expect(running.getAttribute('srcdoc')).toContain("connect-src 'none'");
    expect(running.getAttribute('srcdoc')).toContain('<script>draw()</script>');
    expect(screen.getByText('"bar"')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Close the chart' }));
    expect(document.querySelector('iframe')).toBeNull();
  });

  it('says what is missing to draw a chart, and shows its text all the same', async () => {
    transport.drawings['a'] = new Failure('There is no plotly.', 'Install it.');
    await preview({ ...SPEC, below: { ...text, kind: 'text', text: '{"data": [' } });
    fireEvent.click(await screen.findByRole('button', { name: 'Draw it' }));
    await screen.findByText(/Install it/);
    expect(document.querySelector('iframe')).toBeNull();
    expect(screen.getByText('{"data": [')).toBeTruthy();
  });

  it("runs the page of a chart with its library's script, which is asked for then", async () => {
    transport.drawings['a'] = '<script>whole()</script>';
    await preview({ ...PAGE, html: '<script src="../lib/x.js"></script>', drawn: true });
    expect((await frame()).getAttribute('sandbox')).toBe('');
    expect(transport.calls).not.toContain('drawing a');
    fireEvent.click(screen.getByRole('button', { name: 'Run scripts' }));
    await waitFor(() =>
      expect(document.querySelector('iframe')?.getAttribute('srcdoc')).toContain('whole()')
    );
    expect(document.querySelector('iframe')?.getAttribute('sandbox')).toBe('allow-scripts');
  });

  it('closes a page that leaves for another address', async () => {
    await preview({ ...PAGE, html: '' });
    const left = await frame();
    fireEvent.load(left);
    fireEvent.load(left);
    await screen.findByText(/tried to leave/);
    expect(document.querySelector('iframe')).toBeNull();
  });

  it('plays from an address where there is one, and else from bytes of the told type', async () => {
    const sound = { kind: 'audio' as const, media_type: 'audio/wav', size: 5 };
    transport.address = place => `/content/${place.path}`;
    await preview(sound);
    const player = await screen.findByLabelText('a', { selector: 'audio' });
    expect(player.getAttribute('src')).toBe('/content/a');
    cleanup();
    transport.address = () => null;
    const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:sound');
    transport.bytes['a'] = new Blob(['<script>'], { type: 'text/html' });
    await preview(sound);
    const other = await screen.findByLabelText('a', { selector: 'audio' });
    expect(other.getAttribute('src')).toBe('blob:sound');
    expect((made.mock.calls[0]![0] as Blob).type).toBe('audio/wav');
  });

  it('shows what a model takes and the lines that load it', async () => {
    await preview({
      kind: 'model',
      facts: [{ label: 'flavours', value: 'sklearn' }],
      inputs: [{ name: 'x', type: 'double' }],
      outputs: [],
      snippet: 'load("{uri}")',
      requirements: 'scikit-learn==1.5',
      size: 1
    });
    await screen.findByText('load("runs:/id-one")');
    await screen.findByText('scikit-learn==1.5');
    expect(screen.getByText('x').closest('li')!.textContent).toBe('x double');
  });

  it('says that text was cut off', async () => {
    await preview({ kind: 'text', text: 'beginning', truncated: true, size: 9 });
    await screen.findByText(/Only the beginning/);
  });

  it('shows why there is no preview, and a failure with its next step', async () => {
    await preview({ kind: 'unknown', note: 'Never opened here.', size: 1 });
    await screen.findByText('Never opened here.');
    cleanup();
    await preview(new Failure('It is gone.', 'Refresh.'));
    expect((await screen.findByRole('alert')).textContent).toContain('It is gone.Refresh.');
  });

  it('is loaded again when the file changes', async () => {
    await preview({ kind: 'text', text: 'old', ...text });
    await screen.findByText('old');
    transport.folders[''] = [entry('a', { size: 99 })];
    transport.previews['a'] = { kind: 'text', text: 'new', ...text };
    fireEvent.click(screen.getByRole('button', { name: 'Refresh' }));
    await screen.findByText('new');
  });
});
