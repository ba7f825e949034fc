// Owns the drive that hands a run's files to JupyterLab's own viewers, read-only: `mlart:<store>/<run>/<path>`.

import type { Contents, ServerConnection } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type { RestTransport } from './rest';
import { untrusted } from './untrusted';
import { asFailure, Failure, type Place } from './ui/transport';
import { nameOf } from './ui/format';
import { t } from './ui/words';
import { type Viewing, viewingOf } from './viewers';

export const DRIVE = 'mlart';

/** Whether a document is one of this drive. */
export function isOfRun(path: string): boolean {
  return path.startsWith(`${DRIVE}:`);
}

/** How a place is named in the drive; the drive's own name stands before it outside. */
export function localPathOf({ store, run, path }: Place): string {
  return [store, run, path].join('/');
}

function placeOf(localPath: string): Place {
  const [store = '', run = '', ...path] = localPath.split('/').filter(Boolean);
  return { store, run, path: path.join('/') };
}

function refused(): Promise<never> {
  return Promise.reject(
    new Failure(
      t('The files of a run are not changed here.'),
      t('Log a new version from the notebook.')
    )
  );
}

// a function takes only so many arguments
const SLICE = 32 * 1024;

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += SLICE) {
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE));
  }
  return btoa(text);
}

function textOf(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) {
      return text;
    }
  } catch {
    // said below
  }
  throw new Failure(t('This file is not the text that its name promises.'), t('Download it.'));
}

export class RunDrive implements Contents.IDrive {
  readonly name = DRIVE;
  /** Never emits: what is here does not change. */
  readonly fileChanged: ISignal<Contents.IDrive, Contents.IChangedArgs> = new Signal(this);

  constructor(
    private readonly transport: Pick<RestTransport, 'bounded' | 'address'>,
    readonly serverSettings: ServerConnection.ISettings
  ) {}

  get isDisposed(): boolean {
    return this.disposed;
  }

  dispose(): void {
    this.disposed = true;
    Signal.clearData(this);
  }

  async get(localPath: string, options?: Contents.IFetchOptions): Promise<Contents.IModel> {
    const { type, format, mimetype } = viewing(localPath);
    const model = {
      name: nameOf(localPath),
      path: localPath,
      type,
      writable: false,
      created: '',
      last_modified: '',
      mimetype
    };
    if (options?.content === false) {
      return { ...model, format: null, content: null };
    }
    // whatever is asked for, a notebook never comes as its file has it
    const wanted = type === 'notebook' ? format : (options?.format ?? format);
    return { ...model, format: wanted, content: await this.content(localPath, wanted) };
  }

  getDownloadUrl(localPath: string): Promise<string> {
    return Promise.resolve(this.transport.address(placeOf(localPath)));
  }

  listCheckpoints(): Promise<Contents.ICheckpointModel[]> {
    return Promise.resolve([]);
  }

  newUntitled = refused;
  delete = refused;
  rename = refused;
  save = refused;
  copy = refused;
  createCheckpoint = refused;
  restoreCheckpoint = refused;
  deleteCheckpoint = refused;

  private async content(localPath: string, format: Contents.FileFormat): Promise<unknown> {
    try {
      const bytes = await this.transport.bounded(placeOf(localPath), viewing(localPath).most);
      if (format === 'base64') {
        return base64Of(bytes);
      }
      const text = textOf(bytes);
      return format === 'json' ? untrusted(text) : text;
    } catch (error) {
      const { message, next } = asFailure(error);
      throw new Error(`${message} ${next}`); // JupyterLab's dialog shows the message only
    }
  }

  private disposed = false;
}

function viewing(localPath: string): Viewing {
  const found = viewingOf(localPath);
  if (!found) {
    throw new Failure(
      t('This file is not opened in JupyterLab.'),
      t('Look at it in the sidebar, or download it.')
    );
  }
  return found;
}
