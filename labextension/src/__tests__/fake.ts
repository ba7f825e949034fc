// Owns a transport that answers from memory, so that the browser can be tested without a server.

import type {
  ArtifactPage,
  Change,
  Changes,
  Download,
  DownloadOptions,
  Entry,
  Experiment,
  FindQuery,
  FoundPage,
  Origin,
  Picture,
  Place,
  Preview,
  Run,
  RunPage,
  RunQuery,
  Session,
  Sort,
  Status,
  Store,
  Transport,
  Where
} from '../ui/transport';

export function entry(path: string, more: Partial<Entry> = {}): Entry {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return {
    name,
    path,
    is_dir: false,
    size: 1500,
    kind: null,
    cell: null,
    cell_id: null,
    version: null,
    time: null,
    state: 'stored',
    ...more
  };
}

export function folder(path: string): Entry {
  return entry(path, { is_dir: true, size: null });
}

export function run(name: string, more: Partial<Run> = {}): Run {
  return {
    store: 'default',
    run_id: `id-${name}`,
    name,
    experiment: 'notebooks',
    status: 'RUNNING',
    started: null,
    ...more
  };
}

export const STATUS: Status = {
  version: '0.1.0',
  waiting: 1,
  in_flight: 1,
  kept: 41,
  dead: 0,
  oldest_seconds: null,
  bytes: 0,
  may_delete: true,
  last_error: null
};

/** Every answer can be replaced; an Error as an answer is thrown. */
export class FakeTransport implements Transport, Changes {
  folders: Record<string, Entry[] | Error> = { '': [] };
  previews: Record<string, Preview | Error> = {};
  pictures: Record<string, Picture | Error> = {};
  drawings: Record<string, string | Error> = {};
  bytes: Record<string, Blob> = {};
  undeletable: Record<string, Error> = {};
  origins: Record<string, Origin> = {};
  readonly sorts: Sort[] = [];
  found: Session | null | Error = null;
  allRuns: Run[] = [];
  state: Status | Error = STATUS;
  pageSize = Infinity;
  readonly calls: string[] = [];

  emit(change: Change): void {
    this.listeners.forEach(listener => listener(change));
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  status(): Promise<Status> {
    return this.answer('status', this.state);
  }

  session(where: Where): Promise<Session | null> {
    return this.answer(`session ${where.path}`, this.found);
  }

  stores(): Promise<Store[]> {
    return this.answer('stores', [{ alias: 'default', label: 'Default' }]);
  }

  experiments(): Promise<Experiment[]> {
    const names = [...new Set(this.allRuns.map(({ experiment }) => experiment))];
    return this.answer(
      'experiments',
      names.map(name => ({ id: name, name }))
    );
  }

  runs(query: RunQuery): Promise<RunPage> {
    const runs = this.allRuns.filter(
      ({ name, experiment, status }) =>
        name.includes(query.search) &&
        ['', experiment].includes(query.experiment) &&
        ['', status].includes(query.status)
    );
    const [page, cursor] = this.cut(runs, query.cursor);
    return this.answer(`runs ${query.search}`, { runs: page, cursor });
  }

  artifacts(
    query: Place & { cursor: string | null; limit: number; sort?: Sort }
  ): Promise<ArtifactPage> {
    this.sorts.push(query.sort ?? 'name');
    const entries = this.folders[query.path] ?? new Error(`no folder ${query.path}`);
    const op = `artifacts ${query.path}@${query.cursor ?? 0}`;
    if (entries instanceof Error) {
      return this.answer<ArtifactPage>(op, entries);
    }
    const [page, cursor] = this.cut(entries, query.cursor);
    return this.answer(op, { entries: page, cursor });
  }

  find(query: FindQuery): Promise<FoundPage> {
    const all = Object.values(this.folders).flatMap(each => (each instanceof Error ? [] : each));
    const found = all.filter(({ path, is_dir }) => !is_dir && path.includes(query.text));
    const [entries, cursor] = this.cut(found, query.cursor);
    const op = `find ${query.text}|${query.kind}|${query.sort}@${query.cursor ?? 0}`;
    return this.answer(op, { entries, cursor, total: found.length });
  }

  origin(place: Place): Promise<Origin | null> {
    return this.answer(`origin ${place.path}`, this.origins[place.path] ?? null);
  }

  preview(place: Place, _signal?: AbortSignal, at = 0): Promise<Preview> {
    const name = at ? `${place.path}@${at}` : place.path;
    const preview = this.previews[name] ?? new Error(`no preview of ${name}`);
    return this.answer(`preview ${name}`, preview);
  }

  picture(place: Place): Promise<Picture> {
    const picture = this.pictures[place.path] ?? new Error(`no picture of ${place.path}`);
    return this.answer(`picture ${place.path}`, picture);
  }

  drawing(place: Place): Promise<string> {
    const html = this.drawings[place.path] ?? new Error(`no drawing of ${place.path}`);
    return this.answer(`drawing ${place.path}`, html);
  }

  address: (place: Place) => string | null = () => null;

  content(place: Place): Promise<Blob> {
    return this.answer(`content ${place.path}`, this.bytes[place.path] ?? new Error('no bytes'));
  }

  async file(place: Place, _options: DownloadOptions): Promise<Download> {
    return { blob: await this.content(place) };
  }

  zip(place: Place, _options: DownloadOptions, only?: readonly string[]): Promise<Download> {
    const op = only ? `zip ${place.path}: ${only.join(' ')}` : `zip ${place.path}`;
    return this.answer(op, { url: `/zip/${place.path}` });
  }

  async delete(place: Place): Promise<void> {
    await this.answer(`delete ${place.path}`, this.undeletable[place.path] ?? null);
    for (const [name, entries] of Object.entries(this.folders)) {
      if (!(entries instanceof Error)) {
        this.folders[name] = entries.filter(({ path }) => path !== place.path);
      }
    }
  }

  private cut<T>(all: T[], cursor: string | null): [T[], string | null] {
    const from = Number(cursor ?? 0);
    const to = from + this.pageSize;
    return [all.slice(from, to), to < all.length ? String(to) : null];
  }

  private answer<T>(op: string, value: T | Error): Promise<T> {
    this.calls.push(op);
    return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  }

  private readonly listeners = new Set<(change: Change) => void>();
}
