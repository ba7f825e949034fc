// Owns what happens when files of JupyterLab's file browser are dragged onto the sidebar, or onto its icon.

import type { MimeData } from '@lumino/coreutils';

const FILES = 'application/x-jupyter-icontents';
const OVER = 'mlart-mod-drop';

/** The event of JupyterLab's own drag and drop, which is not the browser's. */
interface DropEvent extends Event {
  readonly mimeData?: MimeData;
  readonly proposedAction?: string;
  dropAction?: string;
}

/**
 * The file browser and the sidebar share the left area, so that only one of them is seen: the icon takes files too.
 */
export class Dropping {
  constructor(
    private readonly root: HTMLElement,
    /** What takes files: a selector. */
    private readonly target: string,
    private readonly onDrop: (paths: string[]) => void
  ) {
    root.addEventListener('lm-dragenter', this.enter);
    root.addEventListener('lm-dragover', this.enter);
    root.addEventListener('lm-dragleave', this.leave);
    root.addEventListener('lm-drop', this.drop);
  }

  dispose(): void {
    this.root.removeEventListener('lm-dragenter', this.enter);
    this.root.removeEventListener('lm-dragover', this.enter);
    this.root.removeEventListener('lm-dragleave', this.leave);
    this.root.removeEventListener('lm-drop', this.drop);
  }

  private readonly enter = (event: DropEvent): void => {
    const over = this.over(event);
    if (over && event.mimeData?.hasData(FILES)) {
      event.preventDefault();
      event.stopPropagation();
      // the file browser allows no other; nothing is moved
      event.dropAction = event.proposedAction ?? 'none';
      over.classList.add(OVER);
    }
  };

  private readonly leave = (event: DropEvent): void => {
    this.over(event)?.classList.remove(OVER);
  };

  private readonly drop = (event: DropEvent): void => {
    const over = this.over(event);
    const paths: unknown = over && event.mimeData?.getData(FILES);
    over?.classList.remove(OVER);
    if (Array.isArray(paths)) {
      event.preventDefault();
      event.stopPropagation();
      event.dropAction = event.proposedAction ?? 'none';
      this.onDrop(paths.map(String));
    }
  };

  private over({ target }: Event): Element | null {
    return target instanceof Element ? target.closest(this.target) : null;
  }
}
