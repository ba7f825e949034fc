// Owns the files of the server that are logged into the notebook's run: one after the other, with what to show of it.

import type { Found } from './folders';
import { type Intake, type IntakeState } from './ui/host';
import { asFailure, Failure, type Place, type Where } from './ui/transport';
import { formatCount, nameOf } from './ui/format';
import { t } from './ui/words';

const IDLE: IntakeState = { name: null, left: 0, failure: null };

/** Without a folder: of which nobody knows yet whether it is one. */
type Wanted = Pick<Found, 'path'> & Partial<Found>;

interface Doors {
  post(op: string, body: object): Promise<Place>;
  /** The notebook whose run is to have the files. */
  where(): Where | null;
  /** The drive that a path names; the server's own files have none. */
  driveOf(path: string): string;
  /** A file itself, or those of a folder. */
  filesAt(path: string): Promise<Found[]>;
  onLogged(place: Place): void;
}

export class ServerIntake implements Intake {
  constructor(private readonly doors: Doors) {}

  state = (): IntakeState => this.current;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  dismiss = (): void => this.tell(IDLE);

  /** Resolves when all are on their way; the first that is refused ends it, but not the rest of a folder. */
  async log(paths: readonly string[]): Promise<void> {
    this.waiting.push(...paths.map(path => ({ path })));
    if (this.current.name !== null) {
      return;
    }
    this.leftOut = [];
    try {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
        this.tell({ name: nameOf(next.path), left: this.waiting.length, failure: null });
        await this.take(next);
      }
      this.tell({ ...IDLE, failure: this.missing() });
    } catch (error) {
      this.waiting = [];
      this.tell({ ...IDLE, failure: asFailure(error) });
    }
  }

  private async take({ path, folder }: Wanted): Promise<void> {
    if (folder === undefined) {
      this.check(path);
      this.waiting.unshift(...(await this.doors.filesAt(path)));
    } else if (folder === '') {
      this.doors.onLogged(await this.logOne(path, folder));
    } else {
      await this.takeOfFolder(path, folder);
    }
  }

  /** What cannot be logged, such as a link out of the server's files, is told of at the end. */
  private async takeOfFolder(path: string, folder: string): Promise<void> {
    try {
      const place = await this.logOne(path, folder);
      if (this.waiting[0]?.folder !== folder) {
        this.doors.onLogged(place);
      }
    } catch (error) {
      this.leftOut.push(asFailure(error));
    }
  }

  private missing(): Failure | null {
    const [first] = this.leftOut;
    const count = formatCount(this.leftOut.length, 'file');
    return first ? new Failure(t('Left out: %1. %2', count, first.message), first.next) : null;
  }

  private check(path: string): void {
    if (!this.doors.where()) {
      throw new Failure(
        t('No notebook is open.'),
        t('Open the notebook whose run is to have the file.')
      );
    }
    if (this.doors.driveOf(path)) {
      throw new Failure(
        t('%1 is not on the Jupyter server.', nameOf(path)),
        t('Copy it there first.')
      );
    }
  }

  private logOne(path: string, folder: string): Promise<Place> {
    const where = this.doors.where();
    const body = { path, folder, notebook: where?.path ?? '', kernel: where?.kernel ?? '' };
    return this.doors.post('intake', body);
  }

  private tell(state: IntakeState): void {
    this.current = state;
    this.listeners.forEach(listener => listener());
  }

  private current = IDLE;
  private waiting: Wanted[] = [];
  private leftOut: Failure[] = [];
  private readonly listeners = new Set<() => void>();
}
