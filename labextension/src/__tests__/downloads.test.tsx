import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Failure } from '../ui/transport';
import { entry, FakeTransport, folder } from './fake';
import { clickRow, mountPanel } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  transport = new FakeTransport();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('downloads and copies', () => {
  let saved: { href: string; download: string }[];

  beforeEach(() => {
    saved = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement
    ) {
      saved.push({ href: this.getAttribute('href') ?? '', download: this.download });
    });
    transport.folders[''] = [folder('figures'), entry('a.bin')];
    transport.folders['figures'] = [];
  });

  it('saves a file under its name', async () => {
    transport.bytes['a.bin'] = new Blob(['x']);
    mountPanel(transport);
    await clickRow(/a\.bin/);
    fireEvent.click(screen.getByRole('button', { name: 'Download file' }));
    await waitFor(() => expect(saved).toEqual([{ href: 'blob:fake', download: 'a.bin' }]));
  });

  it('saves a folder, and the run, as one zip', async () => {
    mountPanel(transport);
    await clickRow(/figures/);
    fireEvent.click(screen.getByRole('button', { name: 'Download folder as zip' }));
    await waitFor(() => expect(saved).toHaveLength(1));
    fireEvent.click(screen.getByRole('button', { name: 'Download the run as zip' }));
    await waitFor(() => expect(saved).toHaveLength(2));
    expect(saved).toEqual([
      { href: '/zip/figures', download: 'figures.zip' },
      { href: '/zip/', download: 'id-one.zip' }
    ]);
  });

  it('shows why a download failed', async () => {
    mountPanel(transport);
    await clickRow(/a\.bin/);
    transport.content = () => Promise.reject(new Failure('Too large.', 'Use the shell.'));
    fireEvent.click(screen.getByRole('button', { name: 'Download file' }));
    await screen.findByText('Too large.');
    expect(saved).toEqual([]);
  });

  it('copies the path and the address', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    mountPanel(transport);
    await clickRow(/a\.bin/);
    fireEvent.click(screen.getByRole('button', { name: 'Copy path' }));
    await screen.findByText('Copied a.bin');
    fireEvent.click(screen.getByRole('button', { name: 'Copy runs:/id-one/a.bin' }));
    await screen.findByText('Copied runs:/id-one/a.bin');
    expect(writeText.mock.calls).toEqual([['a.bin'], ['runs:/id-one/a.bin']]);
    vi.unstubAllGlobals();
  });
});
