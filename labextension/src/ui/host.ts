// Owns what the browser may ask of the application around it; in a page that is no JupyterLab there is none.

import type { Failure, Origin, Place } from './transport';

/** How the cell of an artifact was found in the open notebook. */
export interface CellFound {
  state: 'there' | 'gone' | 'closed';
  /** As the cell is now; null where there is none. */
  source: string | null;
}

/** One cell that is not what it was in a run's notebook. */
export interface CellChange {
  kind: 'added' | 'removed' | 'changed';
  /** Where it is in the run's notebook, or would be; from 0. */
  at: number;
  cell_type: string;
  lines: [mark: '+' | '-' | ' ', text: string][];
}

/** What can be done with the notebook of a run. */
export interface Past {
  /** Writes it beside the notebook in front, or the kernel's own, never over it; resolves with its path. */
  bringBack(place: Place): Promise<string>;
  /** What changed from it to the notebook in front, saved or not; in a panel to the kernel's own, as saved. */
  changesSince(place: Place): Promise<{ name: string; changes: CellChange[] }>;
}

/** The application's own viewers. */
export interface Viewer {
  /** Whether there is one for a file of this name. */
  opens(path: string): boolean;
  /** Opens it beside the notebook, read-only; what cannot be is a `Failure`. */
  open(place: Place, size: number | null): Promise<void>;
}

export interface IntakeState {
  /** The file that is logged now. */
  name: string | null;
  /** How many come after it. */
  left: number;
  failure: Failure | null;
}

/** Files that the user logs by hand. */
export interface Intake {
  readonly state: () => IntakeState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly dismiss: () => void;
}

export interface Host {
  readonly viewer?: Viewer | undefined;
  readonly intake?: Intake | undefined;
  /** Scrolls the open notebook to the cell, and tells what is there. */
  goToCell(origin: Origin): Promise<CellFound>;
  /** Writes lines into a new cell of the notebook used last that can be written to; false where none is open. */
  insert(lines: string): boolean;
  /** Calls back when the user asks for the artifact of an output. */
  onReveal(listener: (what: Pick<Place, 'run' | 'path'>) => void): () => void;
}
