// Owns how numbers, times and states are put into words.

import type { Entry, Place, Run, Status } from './transport';
import { noun, t } from './words';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Decimal units, as file managers show them: 1,500 bytes are 1.5 KB. */
export function formatSize(bytes: number | null): string {
  if (bytes === null) {
    return '';
  }
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

export function formatCount(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${noun(one, count)}`;
}

const STEPS: [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min']
];

export function formatDuration(seconds: number): string {
  for (const [length, name] of STEPS) {
    if (seconds >= length) {
      return `${Math.floor(seconds / length)} ${name}`;
    }
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

export function formatAgo(milliseconds: number | null, now = Date.now()): string {
  if (milliseconds === null) {
    return '';
  }
  const seconds = (now - milliseconds) / 1000;
  return seconds < 60 ? t('just now') : t('%1 ago', formatDuration(seconds));
}

export function describeSpool(status: Status): string {
  const waiting = status.waiting + status.in_flight;
  return t('%1 waiting · %2 kept · %3 failed', waiting, status.kept, status.dead);
}

/** All that a row has no room for. */
export function describeEntry(entry: Entry): string {
  const parts = [entry.path, entry.kind, formatSize(entry.size)];
  if (entry.state === 'uploading') {
    parts.push(t('uploading'));
  }
  if (entry.cell !== null) {
    parts.push(t('cell [%1]', entry.cell));
  }
  if (entry.version !== null) {
    parts.push(t('version %1', entry.version));
  }
  if (entry.time !== null) {
    parts.push(new Date(entry.time * 1000).toLocaleString());
  }
  return parts.filter(Boolean).join('\n');
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** "a/b/c.png" is inside "a" and "a/b"; the root is not named. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

export function runUri(place: Place): string {
  return `runs:/${place.run}${place.path ? `/${place.path}` : ''}`;
}

const READERS: [ending: RegExp, method: string][] = [
  [/\.parquet$/i, 'frame'],
  [/\.(txt|log|md|json|jsonl|csv|tsv|ya?ml|toml|py|sql|html?|svg)$/i, 'text']
];

/** JSON's way to write a text is also Python's, apart from what lies beyond the first plane. */
function pythonText(text: string): string {
  const escaped = (char: string) =>
    `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
  return JSON.stringify(text).replace(/[\u{10000}-\u{10ffff}]/gu, escaped);
}

/** The line that reads an artifact in a notebook. */
export function pythonLine({ run, path }: Place): string {
  const reader = READERS.find(([ending]) => ending.test(path))?.[1] ?? 'read';
  return `mlart_jupyter.artifacts(${pythonText(run)}).${reader}(${pythonText(path)})`;
}

export function runTitle(run: Run): string {
  return run.name || run.run_id.slice(0, 8);
}
