// Owns the files of the server that are logged into the notebook's run: one after the other, with what to show of it.

import { type Intake, type IntakeState } from './ui/host';
import { asFailure, Failure, type Place, type Where } from './ui/transport';
import { nameOf } from './ui/format';
import { t } from './ui/words';

const IDLE: IntakeState = { name: null, left: 0, failure: null };

interface Doors {
  post(op: string, body: object): Promise<Place>;
  /** The notebook whose run is to have the files. */
  where(): Where | null;
  /** The drive that a path names; the server's own files have none. */
  driveOf(path: string): string;
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

  /** Resolves when all are on their way; the first that is refused ends it. */
  async log(paths: readonly string[]): Promise<void> {
    this.waiting.push(...paths);
    if (this.current.name !== null) {
      return;
    }
    try {
      for (let path = this.waiting.shift(); path !== undefined; path = this.waiting.shift()) {
        this.tell({ name: nameOf(path), left: this.waiting.length, failure: null });
        this.doors.onLogged(await this.logOne(path));
      }
      this.tell(IDLE);
    } catch (error) {
      this.waiting = [];
      this.tell({ ...IDLE, failure: asFailure(error) });
    }
  }

  private logOne(path: string): Promise<Place> {
    const where = this.doors.where();
    if (!where) {
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
    const body = { path, notebook: where.path, kernel: where.kernel ?? '' };
    return this.doors.post('intake', body);
  }

  private tell(state: IntakeState): void {
    this.current = state;
    this.listeners.forEach(listener => listener());
  }

  private current = IDLE;
  private waiting: string[] = [];
  private readonly listeners = new Set<() => void>();
}
