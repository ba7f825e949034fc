import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Host, Viewer } from '../ui/host';
import { PreviewArea } from '../ui/preview';
import { Failure } from '../ui/transport';
import { entry, FakeTransport, folder } from './fake';

const BUTTON = { name: 'Open in a tab' };

function shown(viewer: Viewer | undefined, what = entry('t.csv')) {
  const place = { store: 's', run: 'r', path: what.path };
  const host = viewer && ({ viewer } as Host);
  const none = { onDownload: vi.fn(), onSelect: vi.fn(), onCopy: vi.fn(), onClose: vi.fn() };
  render(
    <PreviewArea
      transport={new FakeTransport()}
      past={undefined}
      entry={what}
      {...{ place, host, ...none }}
    />
  );
  return place;
}

function viewer(open: Viewer['open'] = vi.fn(() => Promise.resolve())): Viewer {
  return { opens: path => path.endsWith('.csv'), open };
}

afterEach(cleanup);

describe('"Open in a tab"', () => {
  it('opens the file with its size', () => {
    const asked = viewer();
    const place = shown(asked);
    fireEvent.click(screen.getByRole('button', BUTTON));
    expect(asked.open).toHaveBeenCalledWith(place, 1500);
  });

  it('says what keeps it from that', async () => {
    shown(viewer(() => Promise.reject(new Failure('It is too large.', 'Download it.'))));
    fireEvent.click(screen.getByRole('button', BUTTON));
    expect((await screen.findByText('It is too large.')).parentElement?.textContent).toContain(
      'Download it.'
    );
  });

  it.each([
    ['in a page without viewers', undefined, entry('t.csv')],
    ['for what no viewer shows', viewer(), entry('page.html')],
    ['for a folder', viewer(), folder('t.csv')],
    ['for what is on its way', viewer(), entry('t.csv', { state: 'uploading' })]
  ])('is not there %s', (_, host, what) => {
    shown(host, what);
    expect(screen.queryByRole('button', BUTTON)).toBeNull();
  });
});
