import { act, cleanup, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeTransport, STATUS } from './fake';
import { mountPanel } from './mount';

let transport: FakeTransport;

beforeEach(() => {
  transport = new FakeTransport();
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe('the footer', () => {
  it('tells the state of the spool, and the last error with its next step', async () => {
    transport.state = {
      ...STATUS,
      dead: 1,
      last_error: { error: 'The store said no.', next: 'Check the token.' }
    };
    mountPanel(transport);
    await screen.findByText('2 waiting · 41 kept · 1 failed');
    await screen.findByText('The store said no. Check the token.');
  });

  it('does not dwell on an error that is over', async () => {
    const over = { error: 'The store said no.', next: 'Check the token.' };
    transport.state = { ...STATUS, waiting: 0, in_flight: 0, last_error: over };
    mountPanel(transport);
    await screen.findByText('0 waiting · 41 kept · 0 failed');
    expect(screen.queryByText(/The store said no/)).toBeNull();
  });

  it('asks again when something changes', async () => {
    mountPanel(transport);
    await screen.findByText('2 waiting · 41 kept · 0 failed');
    transport.state = { ...STATUS, kept: 42 };
    act(() => transport.emit({ run: null, path: null }));
    await screen.findByText('2 waiting · 42 kept · 0 failed');
  });

  it('asks nothing while the browser is hidden', async () => {
    vi.stubGlobal(
      'IntersectionObserver',
      class {
        observe() {}
        disconnect() {}
      }
    );
    mountPanel(transport);
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(transport.calls).toEqual([]);
    vi.unstubAllGlobals();
  });
});
