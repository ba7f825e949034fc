// Owns the transport over a message channel to the kernel: a widget's model or a comm.

import type { Past } from './host';
import {
  type ArtifactPage,
  type Changes,
  type Download,
  type DownloadOptions,
  type Experiment,
  Failure,
  type FindQuery,
  type FoundPage,
  type Origin,
  type Picture,
  type Place,
  type Preview,
  type RunPage,
  type RunQuery,
  type Session,
  type Sort,
  type Status,
  type Store,
  type Transport,
  type Where
} from './transport';
import { t } from './words';

export interface Channel {
  /** False when nobody is at its other end: what is sent is lost. */
  isLive(): boolean;
  send(message: Record<string, unknown>): void;
  /** Calls back for each message; returns what ends that. */
  listen(onMessage: (message: unknown, buffers: ArrayBufferView[]) => void): () => void;
}

interface Answer {
  result: unknown;
  buffers: ArrayBufferView[];
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Reply {
  mlart: 1;
  rid?: number;
  result?: unknown;
  error?: { error: string; next: string };
  push?: string;
}

interface Chunk {
  size: number | null;
  offset: number;
  end: boolean;
}

type Changed = Awaited<ReturnType<Past['changesSince']>>;

const ANSWER_WITHIN_MS = 10_000;
// a folder may hold much: to look through before the first chunk of its zip, or to delete
const ZIP_WITHIN_MS = 120_000;
// a chart's script is made first, a notebook compared
const MAKE_WITHIN_MS = 60_000;

function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'mlart' in message;
}

/** A buffer may be a window on a larger one (anywidget hands out a DataView with an offset): copy just that. */
function bytesOf(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}

/** A parameter that is not given is left out: a first page has no cursor. */
function withoutNulls(parameters: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null));
}

function busy(milliseconds: number): Failure {
  const seconds = Math.round(milliseconds / 1000);
  return new Failure(
    t('The kernel is busy and has not answered for %1 s.', seconds),
    t('Wait for the running cell to end, then try again.')
  );
}

export function abandoned(): Failure {
  return new Failure(
    t(
      'The kernel that showed this panel is not behind it any more, or the page was saved without one.'
    ),
    t('Open the notebook and run the cell of this panel again.')
  );
}

function givenUp(): DOMException {
  return new DOMException(t('The request was given up.'), 'AbortError');
}

function brokenDownload(): Failure {
  return new Failure(
    t('The kernel sent a part of the file that does not fit.'),
    t('Download it again.')
  );
}

export class CommTransport implements Transport, Changes, Past {
  constructor(
    private readonly channel: Channel,
    private readonly answerWithin = ANSWER_WITHIN_MS
  ) {
    this.stop = channel.listen((message, buffers) => this.receive(message, buffers));
  }

  dispose(): void {
    this.stop();
    this.listeners.clear();
    for (const waiting of this.waiting.values()) {
      waiting.reject(givenUp());
    }
  }

  subscribe(listener: (change: { run: null; path: null }) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  status(signal?: AbortSignal): Promise<Status> {
    return this.ask<Status>('status', {}, signal);
  }

  async session(where: Where, signal?: AbortSignal): Promise<Session | null> {
    const { session } = await this.ask<{ session: Session | null }>('session', where, signal);
    return session;
  }

  async stores(signal?: AbortSignal): Promise<Store[]> {
    const { stores } = await this.ask<{ stores: Store[] }>('stores', {}, signal);
    return stores;
  }

  async experiments(store: string, signal?: AbortSignal): Promise<Experiment[]> {
    type Answer = { experiments: Experiment[] };
    return (await this.ask<Answer>('experiments', { store }, signal)).experiments;
  }

  runs(query: RunQuery, signal?: AbortSignal): Promise<RunPage> {
    return this.ask<RunPage>('runs', query, signal);
  }

  artifacts(
    query: Place & { cursor: string | null; limit: number; sort?: Sort },
    signal?: AbortSignal
  ): Promise<ArtifactPage> {
    return this.ask<ArtifactPage>('artifacts', query, signal);
  }

  find(query: FindQuery, signal?: AbortSignal): Promise<FoundPage> {
    return this.ask<FoundPage>('find', query, signal);
  }

  async origin(place: Place, signal?: AbortSignal): Promise<Origin | null> {
    const { origin } = await this.ask<{ origin: Origin | null }>('origin', place, signal);
    return origin;
  }

  preview(place: Place, signal?: AbortSignal, at = 0): Promise<Preview> {
    return this.ask<Preview>('preview', { ...place, at }, signal);
  }

  async picture(place: Place, signal?: AbortSignal): Promise<Picture> {
    return (await this.request('picture', place, MAKE_WITHIN_MS, signal)).result as Picture;
  }

  async drawing(place: Place, signal?: AbortSignal): Promise<string> {
    const answer = await this.request('drawing', place, MAKE_WITHIN_MS, signal);
    return (answer.result as { html: string }).html;
  }

  address(): null {
    return null;
  }

  content(place: Place, signal?: AbortSignal): Promise<Blob> {
    return this.fetchChunks('content', place, this.answerWithin, { signal });
  }

  async file(place: Place, options: DownloadOptions): Promise<Download> {
    return { blob: await this.fetchChunks('content', place, this.answerWithin, options) };
  }

  async zip(place: Place, options: DownloadOptions, only?: readonly string[]): Promise<Download> {
    const asked = { ...place, only: only ? JSON.stringify(only) : null };
    return { blob: await this.fetchChunks('zip', asked, ZIP_WITHIN_MS, options) };
  }

  async delete(place: Place): Promise<void> {
    await this.request('delete', place, ZIP_WITHIN_MS);
  }

  async bringBack(place: Place): Promise<string> {
    const answer = await this.request('checkout', place, MAKE_WITHIN_MS);
    return (answer.result as { path: string }).path;
  }

  async changesSince(place: Place): Promise<Changed> {
    return (await this.request('changes', place, MAKE_WITHIN_MS)).result as Changed;
  }

  private async ask<T>(op: string, parameters: object, signal?: AbortSignal): Promise<T> {
    const answer = await this.request(op, parameters, this.answerWithin, signal);
    return answer.result as T;
  }

  /** Asks for one chunk after the other; each request names the offset, so nothing is pushed unasked. */
  private async fetchChunks(
    op: string,
    place: object,
    within: number,
    options: { signal?: AbortSignal | undefined; onProgress?: DownloadOptions['onProgress'] }
  ): Promise<Blob> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let offset = 0;
    for (;;) {
      const answer = await this.request(op, { ...place, offset }, within, options.signal);
      const chunk = answer.result as Chunk;
      const part = bytesOf(answer.buffers[0] ?? new Uint8Array());
      // an empty part before the end would ask for the same offset for ever
      if (chunk.offset !== offset || (part.length === 0 && !chunk.end)) {
        throw brokenDownload();
      }
      parts.push(part);
      offset += part.length;
      options.onProgress?.(offset, chunk.size);
      if (chunk.end) {
        return new Blob(parts);
      }
    }
  }

  private request(
    op: string,
    parameters: object,
    within: number,
    signal?: AbortSignal
  ): Promise<Answer> {
    const rid = ++this.lastRid;
    return new Promise<Answer>((resolve, reject) => {
      signal?.throwIfAborted();
      if (!this.channel.isLive()) {
        throw abandoned();
      }
      // a kernel that can still hear it need not work for nobody
      const giveUp = (reason: Error) =>
        settle(() => {
          this.channel.send({ mlart: 1, rid, op: 'cancel' });
          reject(reason);
        });
      const timer = setTimeout(() => giveUp(busy(within)), within);
      const onAbort = () => giveUp(givenUp());
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.waiting.delete(rid);
        finish();
      };
      signal?.addEventListener('abort', onAbort);
      this.waiting.set(rid, {
        resolve: answer => settle(() => resolve(answer)),
        reject: error => settle(() => reject(error))
      });
      this.channel.send({ mlart: 1, rid, op, ...withoutNulls(parameters) });
    });
  }

  private receive(message: unknown, buffers: ArrayBufferView[]): void {
    if (!isReply(message)) {
      return;
    }
    if (message.push === 'changed') {
      this.listeners.forEach(listener => listener({ run: null, path: null }));
    }
    // an unknown rid is the late answer to a request that was given up
    const waiting = message.rid === undefined ? undefined : this.waiting.get(message.rid);
    if (message.error) {
      waiting?.reject(new Failure(message.error.error, message.error.next));
    } else {
      waiting?.resolve({ result: message.result, buffers });
    }
  }

  private readonly stop: () => void;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Set<(change: { run: null; path: null }) => void>();
  private lastRid = 0;
}
