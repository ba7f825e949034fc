import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Follow } from '../ui/follow';
import { Listing } from '../ui/listing';
import { entry, FakeTransport, folder } from './fake';

describe('Follow', () => {
  let transport: FakeTransport;
  let listing: Listing;
  let follow: Follow;

  const timesAsked = () => transport.calls.filter(call => call === 'artifacts @0').length;
  const after = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

  beforeEach(async () => {
    vi.useFakeTimers();
    transport = new FakeTransport();
    const place = { store: 'default', run: 'r' };
    listing = new Listing(query => transport.artifacts({ ...place, ...query }));
    follow = new Follow(listing);
    await listing.start();
    transport.calls.length = 0;
  });
  afterEach(() => {
    follow.dispose();
    vi.useRealTimers();
  });

  it('looks 150 ms after a cell showed something, and opens the folder it is in', async () => {
    transport.folders = { '': [folder('figures')], figures: [entry('figures/loss.png')] };
    follow.expect('figures/loss.png');
    await after(149);
    expect(timesAsked()).toBe(0);
    await after(1);
    expect(listing.find('figures/loss.png')).toBeDefined();
    expect(listing.rows()).toHaveLength(2);
  });

  it('looks every 300 ms until the file is stored, and then no more', async () => {
    transport.folders[''] = [entry('a.png', { state: 'uploading' })];
    follow.expect('a.png');
    await after(150);
    await after(300);
    expect(timesAsked()).toBe(2);
    transport.folders[''] = [entry('a.png')];
    await after(300);
    expect(timesAsked()).toBe(3);
    await after(5000);
    expect(timesAsked()).toBe(3);
  });

  it('gives up after 10 s', async () => {
    follow.expect('never.png');
    await after(10_600);
    const asked = timesAsked();
    expect(asked).toBeGreaterThan(25);
    await after(10_000);
    expect(timesAsked()).toBe(asked);
  });

  it('asks once for many files of one loop', async () => {
    transport.folders[''] = Array.from({ length: 60 }, (_, index) => entry(`f${index}`));
    for (let index = 0; index < 60; index += 1) {
      follow.expect(`f${index}`);
    }
    await after(2000);
    expect(timesAsked()).toBe(1);
  });

  it('reloads at most twice a second, however often it is touched', async () => {
    const touching = setInterval(() => follow.touch(), 20);
    await after(3000);
    clearInterval(touching);
    expect(timesAsked()).toBeGreaterThanOrEqual(5);
    expect(timesAsked()).toBeLessThanOrEqual(7);
  });

  it('asks nothing once it is disposed', async () => {
    follow.expect('a.png');
    follow.dispose();
    follow.touch();
    await after(2000);
    expect(timesAsked()).toBe(0);
  });
});
