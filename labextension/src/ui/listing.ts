// Owns what is known of one run's files: which folders are open, and the pages of them that were fetched.

import { folderOf, foldersAbove } from './format';
import {
  type ArtifactPage,
  asFailure,
  type Entry,
  type Failure,
  isAbort,
  type Sort
} from './transport';

export interface EntryRow {
  type: 'entry';
  entry: Entry;
  level: number;
  /** Undefined for a file. */
  expanded: boolean | undefined;
  /** Counts from 1 among its siblings, of which `siblings` are known (-1: more to come). */
  position: number;
  siblings: number;
}

/** A row that stands for something that is not there: pages to come, an error, nothing. */
export interface NoteRow {
  type: 'more' | 'loading' | 'failed' | 'empty';
  folder: string;
  level: number;
  failure: Failure | null;
}

export type Row = EntryRow | NoteRow;

interface Folder {
  entries: Entry[];
  cursor: string | null;
  state: 'loading' | 'ready';
  failure: Failure | null;
  /** Only the answer to the newest request counts. */
  request: number;
}

type FetchPage = (
  query: { path: string; cursor: string | null; limit: number; sort: Sort },
  signal: AbortSignal
) => Promise<ArtifactPage>;

const ROOT = '';
const PAGE = 200;
const NEXT_PAGE = 1000;
const LARGEST_PAGE = 1000;
// where the extension keeps its own notes in each run
const CATALOGUE = 'mlart';

export class Listing {
  constructor(
    private readonly fetchPage: FetchPage,
    private readonly page = PAGE
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The visible rows, from top to bottom; the same array until something changes. */
  readonly rows = (): readonly Row[] => {
    this.visible ??= this.rowsOf(ROOT, 1);
    return this.visible;
  };

  dispose(): void {
    this.life.abort();
    this.listeners.clear();
  }

  /** The failure that leaves nothing to show at all. */
  get rootFailure(): Failure | null {
    const root = this.folders.get(ROOT);
    return root && root.entries.length === 0 ? root.failure : null;
  }

  get isEmpty(): boolean {
    const root = this.folders.get(ROOT);
    return root?.state === 'ready' && !root.failure && !root.cursor && root.entries.length === 0;
  }

  find(path: string): Entry | undefined {
    return this.folders.get(folderOf(path))?.entries.find(entry => entry.path === path);
  }

  async start(): Promise<void> {
    await this.reload(ROOT);
  }

  async open(path: string): Promise<void> {
    this.closedByHand.delete(path);
    this.opened.add(path);
    await this.reload(path);
  }

  close(path: string): void {
    this.closedByHand.add(path);
    this.opened.delete(path);
    this.changed();
  }

  /** Lists what is open in another order. */
  order(sort: Sort): void {
    if (sort !== this.sort) {
      this.sort = sort;
      void this.refresh();
    }
  }

  toggle(path: string): void {
    if (this.opened.has(path)) {
      this.close(path);
    } else {
      void this.open(path);
    }
  }

  /** Opens the folders above a path, except those that the user closed. */
  async reveal(path: string): Promise<void> {
    for (const folder of foldersAbove(path)) {
      if (this.closedByHand.has(folder)) {
        return;
      }
      if (!this.opened.has(folder)) {
        await this.open(folder);
      }
    }
  }

  /** Fetches the next page of a folder, or its first one again after a failure. */
  async more(path: string): Promise<void> {
    const folder = this.folders.get(path);
    if (!folder || folder.entries.length === 0) {
      return this.reload(path);
    }
    if (folder.state === 'loading' || folder.cursor === null) {
      return;
    }
    folder.state = 'loading';
    folder.failure = null;
    this.changed();
    const { entries, cursor } = folder;
    await this.fill(folder, async () => {
      // who reads on in a large folder will read on
      const next = await this.fetch(path, cursor, Math.max(this.page, NEXT_PAGE));
      return { entries: joined(entries, next.entries), cursor: next.cursor };
    });
  }

  /** Fetches what is visible again: all of it, or only the folders that hold the given paths. */
  async refresh(paths?: readonly string[]): Promise<void> {
    const affected = paths && new Set(paths.flatMap(path => [ROOT, ...foldersAbove(path)]));
    const folders = [ROOT, ...this.opened].filter(folder => affected?.has(folder) ?? true);
    await Promise.all(folders.map(folder => this.reload(folder)));
  }

  /** Keeps the old entries on show until the new ones are here. */
  private async reload(path: string): Promise<void> {
    const folder = this.folders.get(path) ?? this.unread(path);
    if (folder.entries.length === 0) {
      folder.state = 'loading';
      folder.failure = null;
    }
    this.changed();
    const wanted = folder.entries.length;
    await this.fill(folder, () => this.fetchAtLeast(path, wanted));
  }

  private unread(path: string): Folder {
    const folder: Folder = {
      entries: [],
      cursor: null,
      state: 'loading',
      failure: null,
      request: 0
    };
    this.folders.set(path, folder);
    return folder;
  }

  private async fill(folder: Folder, fetch: () => Promise<ArtifactPage>): Promise<void> {
    const request = ++folder.request;
    let outcome: Partial<Folder>;
    try {
      outcome = { ...(await fetch()), failure: null };
    } catch (error) {
      if (isAbort(error)) {
        return;
      }
      outcome = { failure: asFailure(error) };
    }
    if (request === folder.request) {
      Object.assign(folder, outcome, { state: 'ready' });
      this.changed();
    }
  }

  /** As many entries as were on show, so that a refresh does not throw the reader back to the top. */
  private async fetchAtLeast(path: string, wanted: number): Promise<ArtifactPage> {
    const limit = Math.min(Math.max(wanted, this.page), LARGEST_PAGE);
    let entries: Entry[] = [];
    let cursor: string | null = null;
    do {
      const page: ArtifactPage = await this.fetch(path, cursor, limit);
      entries = joined(entries, page.entries);
      cursor = page.cursor;
    } while (cursor !== null && entries.length < wanted);
    return { entries, cursor };
  }

  private async fetch(path: string, cursor: string | null, limit: number): Promise<ArtifactPage> {
    const page = await this.fetchPage({ path, cursor, limit, sort: this.sort }, this.life.signal);
    return { ...page, entries: page.entries.filter(entry => entry.path !== CATALOGUE) };
  }

  private rowsOf(path: string, level: number): Row[] {
    const folder = this.folders.get(path);
    if (!folder) {
      return [];
    }
    const siblings = folder.cursor === null ? folder.entries.length : -1;
    const rows = folder.entries.flatMap((entry, index) =>
      this.rowsOfEntry(entry, { level, position: index + 1, siblings })
    );
    return rows.concat(noteOf(path, folder, level));
  }

  private rowsOfEntry(
    entry: Entry,
    place: Pick<EntryRow, 'level' | 'position' | 'siblings'>
  ): Row[] {
    const expanded = entry.is_dir ? this.opened.has(entry.path) : undefined;
    const row: EntryRow = { type: 'entry', entry, expanded, ...place };
    return expanded ? [row, ...this.rowsOf(entry.path, place.level + 1)] : [row];
  }

  private changed(): void {
    this.visible = null;
    this.listeners.forEach(listener => listener());
  }

  private readonly folders = new Map<string, Folder>();
  private readonly opened = new Set<string>();
  private readonly closedByHand = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private readonly life = new AbortController();
  private visible: Row[] | null = null;
  private sort: Sort = 'name';
}

/** What was on its way on an earlier page may be stored on a later one: it stands there only. */
function joined(before: Entry[], next: Entry[]): Entry[] {
  const here = new Set(next.map(({ path }) => path));
  return [...before.filter(({ path }) => !here.has(path)), ...next];
}

function noteOf(path: string, folder: Folder, level: number): NoteRow[] {
  const note = (type: NoteRow['type']): NoteRow[] => [
    { type, folder: path, level, failure: folder.failure }
  ];
  if (folder.failure) {
    return note('failed');
  }
  if (folder.state === 'loading') {
    return note('loading');
  }
  if (folder.cursor !== null) {
    return note('more');
  }
  return folder.entries.length === 0 ? note('empty') : [];
}
