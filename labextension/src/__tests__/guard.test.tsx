import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Preview } from '../ui/transport';
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

describe('a part that breaks', () => {
  it('is replaced by a sentence, and the rest goes on', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    transport.folders[''] = [entry('a')];
    transport.previews['a'] = { kind: 'table' } as unknown as Preview;
    mountPanel(transport);
    await clickRow(/^a/);
    await waitFor(() =>
      expect(
        within(screen.getByRole('region', { name: 'Preview' })).getByRole('alert').textContent
      ).toContain('broke')
    );
    expect(screen.getByRole('treeitem', { name: /^a/ })).toBeTruthy();
  });
});
