// Owns how fast the listing follows the notebook: soon after a cell shows something, then until it is stored.

import type { Listing } from './listing';

/** The message of the cell comes a little before the spool has the item. */
const SETTLE_MS = 150;
const POLL_MS = 300;
const GIVE_UP_MS = 10_000;
/** A kernel that pushes often must not make the listing reload more than twice a second. */
const PUSH_GAP_MS = 500;

export class Follow {
  constructor(private readonly listing: Listing) {}

  dispose(): void {
    clearTimeout(this.timer);
    this.disposed = true;
  }

  /** A cell showed what will be stored under this path. */
  expect(path: string): void {
    this.expected.set(path, Date.now() + GIVE_UP_MS);
    this.wake(SETTLE_MS, POLL_MS);
  }

  /** Something changed, nobody says what. */
  touch(): void {
    this.everything = true;
    this.wake(0, PUSH_GAP_MS);
  }

  private wake(delay: number, gap: number): void {
    if (this.timer === undefined && !this.working && !this.disposed) {
      const rest = this.finished + gap - Date.now();
      this.timer = setTimeout(() => void this.look(), Math.max(delay, rest));
    }
  }

  private async look(): Promise<void> {
    this.timer = undefined;
    this.working = true;
    const paths = [...this.expected.keys()];
    const affected = this.everything ? undefined : paths;
    this.everything = false;
    await this.listing.refresh(affected);
    await Promise.all(paths.map(path => this.listing.reveal(path)));
    this.forget(paths);
    this.working = false;
    this.finished = Date.now();
    this.goOn();
  }

  private forget(paths: string[]): void {
    for (const path of paths) {
      const stored = this.listing.find(path)?.state === 'stored';
      if (stored || Date.now() > (this.expected.get(path) ?? 0)) {
        this.expected.delete(path);
      }
    }
  }

  private goOn(): void {
    if (this.everything) {
      this.wake(0, PUSH_GAP_MS);
    } else if (this.expected.size > 0) {
      this.wake(POLL_MS, POLL_MS);
    }
  }

  private readonly expected = new Map<string, number>();
  private everything = false;
  private working = false;
  private disposed = false;
  private finished = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
}
