import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import React from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { RunBrowser } from '../ui/browser';
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

  it('shows a table with names, types and how much of it', async () => {
    await preview({
      kind: 'table',
      columns: [
        { name: 'x', type: 'int64' },
        { name: 'x', type: 'string' }
      ],
      rows: [
        [1, 'one'],
        [2, null]
      ],
      total_rows: 9000,
      truncated: true,
      size: 1
    });
    await screen.findByText('The first 2 of 9,000 rows × 2 columns');
    expect(screen.getAllByRole('columnheader').map(head => head.textContent)).toEqual([
      'x int64',
      'x string'
    ]);
    expect(screen.getAllByRole('cell').map(cell => cell.textContent)).toEqual([
      '1',
      'one',
      '2',
      'null'
    ]);
  });

  it('holds back the rows of a long table until they are asked for', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => [index]);
    const columns = [{ name: 'n', type: 'int64' }];
    await preview({ kind: 'table', columns, rows, total_rows: 150, truncated: false, size: 1 });
    await screen.findByText('150 rows × 1 column');
    expect(screen.getAllByRole('cell')).toHaveLength(100);
    fireEvent.click(screen.getByRole('button', { name: 'Show all 150' }));
    expect(screen.getAllByRole('cell')).toHaveLength(150);
  });

  it('indents JSON, and leaves what is no JSON as it is', async () => {
    await preview({ kind: 'json', text: '{"a":[1]}', ...text });
    const region = await screen.findByRole('region', { name: 'Text' });
    expect(region.textContent).toBe('{\n  "a": [\n    1\n  ]\n}');
    cleanup();
    await preview({ kind: 'json', text: '{"a":1}\n{"a":2}', ...text });
    const lines = await screen.findByRole('region', { name: 'Text' });
    expect(lines.textContent).toBe('{"a":1}\n{"a":2}');
  });

  it('shows Markdown as text where no host renders it', async () => {
    await preview({ kind: 'markdown', text: '<img src=x>**b**', ...text });
    const region = await screen.findByRole('region', { name: 'Text' });
    expect(region.textContent).toBe('<img src=x>**b**');
    expect(region.querySelector('img')).toBeNull();
  });

  it('hands Markdown to the host while its node is in the page, and takes it out there', async () => {
    transport.folders[''] = [entry('a.md')];
    transport.previews['a.md'] = { kind: 'markdown', text: 'hello', ...text };
    const connected: boolean[] = [];
    const renderMarkdown = (markdown: string, node: HTMLElement) => {
      node.textContent = markdown;
      connected.push(node.isConnected);
      return () => connected.push(node.isConnected);
    };
    render(<RunBrowser transport={transport} store="s" run="r" renderMarkdown={renderMarkdown} />);
    await clickRow(/a\.md/);
    await screen.findByText('hello');
    fireEvent.click(screen.getByRole('button', { name: 'Close preview' }));
    expect(connected).toEqual([true, true]);
  });

  it('shows HTML in a frame that may do nothing', async () => {
    await preview({ kind: 'html', text: '<script>1</script>', ...text });
    const frame = await waitFor(() => {
      const found = document.querySelector('iframe');
      expect(found).not.toBeNull();
      return found!;
    });
    expect(frame.getAttribute('sandbox')).toBe('');
    expect(frame.getAttribute('srcdoc')).toContain("default-src 'none'");
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
