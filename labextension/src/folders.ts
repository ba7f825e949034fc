// Owns which files of the server are logged when a folder is: bounded, and without what is hidden.

import type { Contents } from '@jupyterlab/services';

import { formatCount, formatSize, nameOf } from './ui/format';
import { Failure } from './ui/transport';
import { t } from './ui/words';

/** A file, and the folder that was asked for when it is in one. */
export interface Found {
  path: string;
  folder: string;
}

/** What is used of the contents API's answer. */
interface Entry {
  name: string;
  path: string;
  type: string;
  size?: number | null;
  content?: unknown;
}

export type Get = (path: string, options: Contents.IFetchOptions) => Promise<Entry>;

const MOST_FILES = 1000;
const MOST_BYTES = 1e9;
// a link may lead back up
const MOST_FOLDERS = 1000;

function tooMuch(folder: string, most: string): Failure {
  return new Failure(
    t('%1 has more than %2.', nameOf(folder), most),
    t('Log it with %log_artifact in a cell, or folder by folder.')
  );
}

/** The file itself, or all files in the folder and below. */
export async function filesAt(path: string, get: Get): Promise<Found[]> {
  const { type } = await get(path, { content: false });
  return type === 'directory' ? filesIn(path, get) : [{ path, folder: '' }];
}

async function filesIn(folder: string, get: Get): Promise<Found[]> {
  const found: Found[] = [];
  const folders = [folder];
  let bytes = 0;
  // grows while it is gone through
  for (const next of folders) {
    const { content } = await get(next, { content: true });
    for (const entry of shown(content)) {
      if (entry.type === 'directory') {
        folders.push(entry.path);
      } else {
        found.push({ path: entry.path, folder });
        bytes += entry.size ?? 0;
      }
    }
    if (found.length > MOST_FILES || folders.length > MOST_FOLDERS) {
      throw tooMuch(folder, formatCount(MOST_FILES, 'file'));
    }
    if (bytes > MOST_BYTES) {
      throw tooMuch(folder, formatSize(MOST_BYTES));
    }
  }
  if (found.length === 0) {
    throw new Failure(
      t('%1 has no files.', nameOf(folder)),
      t('Hidden files are not logged with a folder.')
    );
  }
  return found;
}

/** Checkpoints are among what is hidden. */
function shown(content: unknown): Entry[] {
  return (content as Entry[]).filter(({ name }) => !name.startsWith('.'));
}
