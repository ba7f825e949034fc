// Owns what the browser may ask of the application around it; in a page that is no JupyterLab there is none.

import type { Origin, Place } from './transport';

/** How the cell of an artifact was found in the open notebook. */
export interface CellFound {
  state: 'there' | 'gone' | 'closed';
  /** As the cell is now; null where there is none. */
  source: string | null;
}

export interface Host {
  /** Scrolls the open notebook to the cell, and tells what is there. */
  goToCell(origin: Origin): Promise<CellFound>;
  /** Writes lines into a new cell of the notebook in front; false where none is open. */
  insert(lines: string): boolean;
  /** Calls back when the user asks for the artifact of an output. */
  onReveal(listener: (what: Pick<Place, 'run' | 'path'>) => void): () => void;
}
