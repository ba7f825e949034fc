import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Channel, CommTransport } from '../ui/comm';
import { Failure } from '../ui/transport';

class FakeChannel implements Channel {
  readonly sent: (Record<string, unknown> & { rid: number })[] = [];
  live = true;
  hear: (message: unknown, buffers: ArrayBufferView[]) => void = () => undefined;

  isLive(): boolean {
    return this.live;
  }

  send(message: Record<string, unknown>): void {
    this.sent.push(message as Record<string, unknown> & { rid: number });
  }

  listen(onMessage: (message: unknown, buffers: ArrayBufferView[]) => void): () => void {
    this.hear = onMessage;
    return () => (this.hear = () => undefined);
  }

  reply(rid: number, result: unknown, buffers: ArrayBufferView[] = []): void {
    this.hear({ mlart: 1, rid, result }, buffers);
  }
}

/** A window on a larger buffer, as anywidget hands them out. */
function windowOn(bytes: number[]): DataView {
  const larger = Uint8Array.from([99, 99, ...bytes, 99]);
  return new DataView(larger.buffer, 2, bytes.length);
}

/** jsdom's Blob has no arrayBuffer(). */
function bytesOf(blob: Blob): Promise<number[]> {
  return new Promise(resolve => {
    const reader = new FileReader();
    reader.onload = () => resolve([...new Uint8Array(reader.result as ArrayBuffer)]);
    reader.readAsArrayBuffer(blob);
  });
}

const PLACE = { store: 'default', run: 'r', path: 'a.bin' };
const QUERY = { ...PLACE, cursor: null, limit: 5 };

describe('CommTransport', () => {
  let channel: FakeChannel;
  let transport: CommTransport;

  beforeEach(() => {
    channel = new FakeChannel();
    transport = new CommTransport(channel, 1000);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('says at once that nobody is there', async () => {
    channel.live = false;
    await expect(transport.artifacts(QUERY)).rejects.toThrow('not behind it any more');
    expect(channel.sent).toEqual([]);
  });

  it('sends the operation and leaves out what is not given', () => {
    void transport.artifacts(QUERY);
    expect(channel.sent).toEqual([
      { mlart: 1, rid: 1, op: 'artifacts', store: 'default', run: 'r', path: 'a.bin', limit: 5 }
    ]);
  });

  it('asks the kernel for what is made there, and for a notebook of the run', async () => {
    const asked = [
      transport.drawing(PLACE),
      transport.picture(PLACE),
      transport.bringBack(PLACE),
      transport.changesSince(PLACE)
    ] as const;
    expect(channel.sent.map(({ op }) => op)).toEqual(['drawing', 'picture', 'checkout', 'changes']);
    const changed = { name: 'nb.ipynb', changes: [] };
    const results = [{ html: '<p>' }, { png: 'a', facts: [] }, { path: 'b.ipynb' }, changed];
    results.forEach((result, at) => channel.reply(at + 1, result));
    expect(await Promise.all(asked)).toEqual(['<p>', results[1], 'b.ipynb', changed]);
  });

  it('gives each answer to its own request, in whatever order they come', async () => {
    const status = transport.status();
    const stores = transport.stores();
    const [first, second] = channel.sent;
    channel.reply(second!.rid, { stores: [{ alias: 'a', label: 'A' }] });
    channel.reply(first!.rid, { waiting: 7 });
    expect(await stores).toEqual([{ alias: 'a', label: 'A' }]);
    expect(await status).toEqual({ waiting: 7 });
  });

  it('turns an error of the kernel into a failure with its next step', async () => {
    const status = transport.status();
    channel.hear({ mlart: 1, rid: 1, error: { error: 'No store.', next: 'Set one.' } }, []);
    await expect(status).rejects.toEqual(new Failure('No store.', 'Set one.'));
  });

  it('ignores messages of others and answers that nobody waits for', async () => {
    const status = transport.status();
    channel.hear('hello', []);
    channel.hear({ method: 'update' }, []);
    channel.reply(77, { waiting: 1 });
    channel.reply(1, { waiting: 2 });
    expect(await status).toEqual({ waiting: 2 });
  });

  it('gives up when aborted, and the late answer does no harm', async () => {
    const life = new AbortController();
    const status = transport.status(life.signal);
    life.abort();
    await expect(status).rejects.toHaveProperty('name', 'AbortError');
    expect(channel.sent.slice(1)).toEqual([{ mlart: 1, rid: 1, op: 'cancel' }]);
    channel.reply(1, { waiting: 1 });
  });

  it('sends nothing for a request that was aborted before', async () => {
    await expect(transport.status(AbortSignal.abort())).rejects.toHaveProperty(
      'name',
      'AbortError'
    );
    expect(channel.sent).toEqual([]);
  });

  it('says that the kernel is busy when no answer comes', async () => {
    vi.useFakeTimers();
    const outcome = transport.status().catch((error: unknown) => error);
    vi.advanceTimersByTime(999);
    channel.reply(2, {});
    vi.advanceTimersByTime(1);
    const failure = (await outcome) as Failure;
    expect(failure).toBeInstanceOf(Failure);
    expect(failure.message).toMatch(/^The kernel is busy and has not answered for 1 s/);
    expect(failure.next).toMatch(/try again/);
  });

  it('puts a file together from chunks, taking only the window of each buffer', async () => {
    const progress: number[] = [];
    const download = transport.file(PLACE, {
      size: 5,
      onProgress: received => progress.push(received),
      signal: new AbortController().signal
    });
    channel.reply(1, { size: 5, offset: 0, end: false }, [windowOn([1, 2, 3])]);
    await vi.waitFor(() => expect(channel.sent).toHaveLength(2));
    expect(channel.sent[1]).toMatchObject({ op: 'content', path: 'a.bin', offset: 3 });
    channel.reply(2, { size: 5, offset: 3, end: true }, [windowOn([4, 5])]);
    const { blob } = (await download) as { blob: Blob };
    expect(await bytesOf(blob)).toEqual([1, 2, 3, 4, 5]);
    expect(progress).toEqual([3, 5]);
  });

  it('takes an empty file', async () => {
    const content = transport.content(PLACE);
    channel.reply(1, { size: 0, offset: 0, end: true }, [windowOn([])]);
    expect((await content).size).toBe(0);
  });

  it.each([
    ['at the wrong place', { size: 5, offset: 2, end: true }, [1]],
    ['that brings nothing and is not the last', { size: 5, offset: 0, end: false }, []]
  ])('refuses a chunk %s', async (_, chunk, bytes) => {
    const content = transport.content(PLACE);
    channel.reply(1, chunk, [windowOn(bytes)]);
    await expect(content).rejects.toBeInstanceOf(Failure);
  });

  it('stops a download between two chunks', async () => {
    const life = new AbortController();
    const options = { size: null, onProgress: () => undefined, signal: life.signal };
    const zip = transport.zip(PLACE, options);
    channel.reply(1, { size: null, offset: 0, end: false }, [windowOn([1])]);
    await vi.waitFor(() => expect(channel.sent).toHaveLength(2));
    life.abort();
    await expect(zip).rejects.toHaveProperty('name', 'AbortError');
    expect(channel.sent.slice(2)).toEqual([{ mlart: 1, rid: 2, op: 'cancel' }]);
  });

  it('passes on a push until nobody listens', () => {
    const heard = vi.fn();
    const stop = transport.subscribe(heard);
    channel.hear({ mlart: 1, push: 'changed' }, []);
    expect(heard).toHaveBeenCalledWith({ run: null, path: null });
    stop();
    channel.hear({ mlart: 1, push: 'changed' }, []);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('rejects what waits when it is disposed', async () => {
    const status = transport.status();
    transport.dispose();
    await expect(status).rejects.toHaveProperty('name', 'AbortError');
  });
});
