// Owns the transport over HTTP to the Jupyter server's routes under /mlart/.

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import {
  type ArtifactPage,
  type Download,
  type DownloadOptions,
  type Experiment,
  Failure,
  type FindQuery,
  type FoundPage,
  isAbort,
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
} from './ui/transport';
import { formatSize } from './ui/format';
import { t } from './ui/words';

// a file up to this size passes through the page's memory, where its errors can be shown
const LARGEST_BLOB = 64 * 1024 * 1024;

// tornado takes 64 KiB of headers, some proxies half of that
const LONGEST_ADDRESS = 16_000;

type Parameters = Record<string, string | number | null>;

function noAnswer(): Failure {
  return new Failure(
    t('The Jupyter server does not answer.'),
    t('Check that it runs, then try again.')
  );
}

function notInstalled(): Failure {
  return new Failure(
    t('The Jupyter server does not know mlart.'),
    t('Install mlart-jupyter in the environment of the Jupyter server and restart it.')
  );
}

function notAllowed(): Failure {
  return new Failure(
    t('The Jupyter server refused the request.'),
    t('Sign in again, then try again.')
  );
}

export function tooLarge(most: number): Failure {
  return new Failure(
    t('This file is larger than what is opened here: %1.', formatSize(most)),
    t('Download it.')
  );
}

/** A route of our own says what is wrong in JSON; anything else that answers (a proxy, tornado) does not. */
async function answerOf(response: Response): Promise<{ error?: string; next?: string }> {
  try {
    return ((await response.json()) ?? {}) as { error?: string; next?: string };
  } catch {
    return {};
  }
}

async function failureOf(response: Response): Promise<Failure> {
  const answer = await answerOf(response);
  if (typeof answer.error === 'string') {
    return new Failure(answer.error, answer.next ?? t('Try again.'));
  }
  if (response.status === 404) {
    return notInstalled();
  }
  if (response.status === 401 || response.status === 403) {
    return notAllowed();
  }
  return new Failure(
    t('The Jupyter server failed with status %1.', response.status),
    t('Try again; its log has the details.')
  );
}

async function collect(
  response: Response,
  options: DownloadOptions
): Promise<Uint8Array<ArrayBuffer>[]> {
  const reader = response.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (!value) {
      return parts;
    }
    parts.push(value);
    received += value.length;
    options.onProgress(received, options.size);
  }
}

function joined(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

export class RestTransport implements Transport {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  status(signal?: AbortSignal): Promise<Status> {
    return this.ask<Status>('status', {}, signal);
  }

  async session({ path, kernel }: Where, signal?: AbortSignal): Promise<Session | null> {
    const answer = await this.ask<{ session: Session | null }>('session', { path, kernel }, signal);
    return answer.session;
  }

  async stores(signal?: AbortSignal): Promise<Store[]> {
    return (await this.ask<{ stores: Store[] }>('stores', {}, signal)).stores;
  }

  async experiments(store: string, signal?: AbortSignal): Promise<Experiment[]> {
    type Answer = { experiments: Experiment[] };
    return (await this.ask<Answer>('experiments', { store }, signal)).experiments;
  }

  runs(query: RunQuery, signal?: AbortSignal): Promise<RunPage> {
    return this.ask<RunPage>('runs', { ...query }, signal);
  }

  artifacts(
    query: Place & { cursor: string | null; limit: number; sort?: Sort },
    signal?: AbortSignal
  ): Promise<ArtifactPage> {
    return this.ask<ArtifactPage>('artifacts', { ...query }, signal);
  }

  find(query: FindQuery, signal?: AbortSignal): Promise<FoundPage> {
    return this.ask<FoundPage>('find', { ...query }, signal);
  }

  async origin(place: Place, signal?: AbortSignal): Promise<Origin | null> {
    const { origin } = await this.ask<{ origin: Origin | null }>('origin', { ...place }, signal);
    return origin;
  }

  preview(place: Place, signal?: AbortSignal, at = 0): Promise<Preview> {
    return this.ask<Preview>('preview', { ...place, at }, signal);
  }

  picture(place: Place, signal?: AbortSignal): Promise<Picture> {
    return this.ask<Picture>('picture', { ...place }, signal);
  }

  async drawing(place: Place, signal?: AbortSignal): Promise<string> {
    return (await this.ask<{ html: string }>('drawing', { ...place }, signal)).html;
  }

  address(place: Place): string {
    return this.url('content', { ...place });
  }

  async content(place: Place, signal?: AbortSignal): Promise<Blob> {
    const response = await this.fetch(this.url('content', { ...place }), signal);
    return response.blob();
  }

  /** A file whole, if it has at most so many bytes: not every store tells the size before. */
  async bounded(place: Place, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const life = new AbortController();
    const onProgress = (received: number) => {
      if (received > most) {
        throw tooLarge(most);
      }
    };
    try {
      const response = await this.fetch(this.url('content', { ...place }), life.signal);
      onProgress(Number(response.headers.get('Content-Length')));
      return joined(await collect(response, { size: null, onProgress, signal: life.signal }));
    } catch (error) {
      life.abort();
      throw error;
    }
  }

  /** A large file, or one of unknown size, goes straight to the disk: the browser streams it and shows the progress. */
  async file(place: Place, options: DownloadOptions): Promise<Download> {
    if (options.size === null || options.size > LARGEST_BLOB) {
      return { url: this.url('content', { ...place, download: 1 }) };
    }
    const response = await this.fetch(this.url('content', { ...place }), options.signal);
    return { blob: new Blob(await collect(response, options)) };
  }

  /**
   * Nobody knows the size of a folder's zip before it is made, so it never passes through the page's memory.
   * The page's cookie signs the request in, as it does for JupyterLab's own downloads.
   */
  async zip(place: Place, options: DownloadOptions, only?: readonly string[]): Promise<Download> {
    const url = this.url('zip', { ...place, only: only ? JSON.stringify(only) : null });
    if (url.length > LONGEST_ADDRESS) {
      throw new Failure(
        t('So many files cannot be named at once.'),
        t('Download their folder instead.')
      );
    }
    if (options.size === null || options.size > LARGEST_BLOB) {
      return { url };
    }
    return { blob: new Blob(await collect(await this.fetch(url, options.signal), options)) };
  }

  async delete(place: Place): Promise<void> {
    await this.fetch(this.url('artifact', { ...place }), undefined, { method: 'DELETE' });
  }

  private url(op: string, parameters: Parameters): string {
    const given = Object.entries(parameters).filter(([, value]) => value !== null);
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return `${URLExt.join(this.settings.baseUrl, 'mlart', op)}?${query.toString()}`;
  }

  private async ask<T>(op: string, parameters: Parameters, signal?: AbortSignal): Promise<T> {
    const response = await this.fetch(this.url(op, parameters), signal);
    return (await response.json()) as T;
  }

  /** What changes something is asked so; JupyterLab adds the XSRF token. */
  async post<T>(op: string, body: object): Promise<T> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    return (await (await this.fetch(this.url(op, {}), undefined, init)).json()) as T;
  }

  private async fetch(
    url: string,
    signal?: AbortSignal,
    more: RequestInit = {}
  ): Promise<Response> {
    let response: Response;
    try {
      const init = signal ? { ...more, signal } : more;
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      // makeRequest wraps every TypeError of fetch, that is every failure to connect
      throw isAbort(error) || signal?.aborted ? error : noAnswer();
    }
    if (!response.ok) {
      throw await failureOf(response);
    }
    return response;
  }
}
