// Owns the contract with the server and the kernel: the operations and the shapes of their answers.

import { t } from './words';

export interface Run {
  store: string;
  run_id: string;
  name: string;
  experiment: string;
  status: string;
  /** Milliseconds since the epoch. */
  started: number | null;
  /** The address of MLflow's own page of it, where there is one. */
  page?: string | null;
}

export interface Session {
  id: string;
  store: string;
  /** Newest first. */
  runs: Run[];
  notebook: string;
  alive: boolean;
}

export interface Store {
  alias: string;
  label: string;
}

export interface Entry {
  name: string;
  path: string;
  is_dir: boolean;
  size: number | null;
  kind: string | null;
  /** The execution count of the cell that showed it. */
  cell: number | null;
  cell_id: string | null;
  version: number | null;
  /** Seconds since the epoch. */
  time: number | null;
  state: 'stored' | 'uploading';
}

export interface ArtifactPage {
  entries: Entry[];
  cursor: string | null;
}

export type Sort = 'name' | 'size' | 'time';

export interface FoundPage extends ArtifactPage {
  /** How many files are found in all. */
  total: number;
}

/** Where an artifact comes from. */
export interface Origin {
  /** Of the cell as it was run; null when nobody kept it. */
  source: string | null;
  notebook: string | null;
  cell: number | null;
  cell_id: string | null;
  time: number;
  sha256: string;
  note: string | null;
  versions: { path: string; version: number; time: number }[];
}

/** Which runs are wanted; an empty text is all of them. */
export interface RunQuery {
  store: string;
  search: string;
  experiment: string;
  status: string;
  cursor: string | null;
}

export interface Experiment {
  id: string;
  name: string;
}

export interface RunPage {
  runs: Run[];
  cursor: string | null;
}

export type Value = string | number | boolean | null;

/** One line about a file or a column. */
export interface Fact {
  label: string;
  value: string;
}

export interface Column {
  name: string;
  type: string;
  stats?: Fact[];
  bars?: number[];
}

export interface ImagePreview {
  kind: 'image';
  media_type: string;
  width: number | null;
  height: number | null;
  size: number;
}

export interface Picture {
  /** In base64. */
  png: string;
  facts: Fact[];
}

export interface MediaPreview {
  kind: 'audio' | 'video' | 'pdf';
  media_type: string;
  size: number;
}

export interface TablePreview {
  kind: 'table';
  /** Only the first page has them. */
  columns: Column[];
  rows: Value[][];
  total_rows: number | null;
  total_columns?: number | null;
  truncated: boolean;
  size: number;
  /** Where the next page begins. */
  more?: number | null;
  /** The statistics are of so many rows. */
  counted?: number;
  facts?: Fact[];
  note?: string | null;
}

export interface TextPreview {
  kind: 'text' | 'hex';
  text: string;
  language?: string | null;
  /** The same text in parts, each after what it is. */
  tokens?: [kind: string, text: string][];
  truncated: boolean;
  size: number;
  more?: number | null;
  facts?: Fact[];
  note?: string | null;
}

/** Anything that JSON holds. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface TreePreview {
  kind: 'tree';
  value: Json;
  language: string;
  truncated: boolean;
  size: number;
}

export interface PagePreview {
  kind: 'html' | 'markdown' | 'notebook';
  html: string;
  truncated: boolean;
  size: number;
  /** Whether its scripts may be started when the user asks for it. */
  scripts: boolean;
  /** Whether it is a chart's, whose script is not in it: `drawing` gives what is to run. */
  drawn?: boolean;
}

export interface ChartPreview {
  kind: 'chart';
  library: 'plotly' | 'vega' | 'bokeh';
  /** The specification itself. */
  below: TreePreview | TextPreview;
  size: number;
}

export interface ModelPreview {
  kind: 'model';
  facts: Fact[];
  inputs: Column[];
  outputs: Column[];
  /** The lines that load it; `{uri}` stands for its address. */
  snippet: string;
  requirements: string;
  size: number;
}

export interface UnknownPreview {
  kind: 'unknown';
  note: string;
  size: number | null;
  facts?: Fact[];
}

export type Preview =
  | ImagePreview
  | MediaPreview
  | TablePreview
  | TextPreview
  | TreePreview
  | ChartPreview
  | PagePreview
  | ModelPreview
  | UnknownPreview;

/** The state of the spool: what waits on its way to the store. */
export interface Status {
  version: string;
  waiting: number;
  in_flight: number;
  kept: number;
  dead: number;
  oldest_seconds: number | null;
  bytes: number;
  may_delete?: boolean;
  last_error: { error: string; next: string } | null;
}

/** The notebook in front: its path on the server and the id of its kernel. */
export interface Where {
  path: string;
  kernel: string | null;
}

/** One file or folder of one run; the path "" is the run itself. */
export interface Place {
  store: string;
  run: string;
  path: string;
}

export interface FindQuery {
  store: string;
  run: string;
  text: string;
  kind: string;
  sort: Sort;
  cursor: string | null;
}

export type Progress = (received: number, total: number | null) => void;

/** A download is either here already, or the browser fetches it from an address itself. */
export type Download = { blob: Blob } | { url: string };

export interface DownloadOptions {
  size: number | null;
  onProgress: Progress;
  signal: AbortSignal;
}

export interface Transport {
  status(signal?: AbortSignal): Promise<Status>;
  session(where: Where, signal?: AbortSignal): Promise<Session | null>;
  stores(signal?: AbortSignal): Promise<Store[]>;
  /** The one changed last first. */
  experiments(store: string, signal?: AbortSignal): Promise<Experiment[]>;
  runs(query: RunQuery, signal?: AbortSignal): Promise<RunPage>;
  artifacts(
    query: Place & { cursor: string | null; limit: number; sort?: Sort },
    signal?: AbortSignal
  ): Promise<ArtifactPage>;
  find(query: FindQuery, signal?: AbortSignal): Promise<FoundPage>;
  /** Null for what this extension has not logged. */
  origin(place: Place, signal?: AbortSignal): Promise<Origin | null>;
  /** `at` is where the page begins: the `more` of the page before. */
  preview(place: Place, signal?: AbortSignal, at?: number): Promise<Preview>;
  /** A picture that this browser does not draw, as PNG. */
  picture(place: Place, signal?: AbortSignal): Promise<Picture>;
  /** A chart's page with everything in it that it needs to run; for a sandbox only. */
  drawing(place: Place, signal?: AbortSignal): Promise<string>;
  content(place: Place, signal?: AbortSignal): Promise<Blob>;
  /** An address that a player can jump in; null where there is none, as over a comm. */
  address(place: Place): string | null;
  file(place: Place, options: DownloadOptions): Promise<Download>;
  /** A folder, or of it what `only` names. */
  zip(place: Place, options: DownloadOptions, only?: readonly string[]): Promise<Download>;
  delete(place: Place): Promise<void>;
}

/** Something was shown: `path` is null when only the run, or not even that, is known. */
export interface Change {
  run: string | null;
  path: string | null;
}

export interface Changes {
  subscribe(listener: (change: Change) => void): () => void;
}

/** What went wrong, in one sentence, and what to do about it. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly next: string
  ) {
    super(message);
    this.name = 'Failure';
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(message || t('Something went wrong.'), t('Try again.'));
}
