// Owns how a run's file is opened in JupyterLab's own viewer: without a kernel, and never as a page.

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { DRIVE, isOfRun, localPathOf, RunDrive } from './drive';
import { type RestTransport, tooLarge } from './rest';
import type { Viewer } from './ui/host';
import type { Place } from './ui/transport';
import { viewingOf } from './viewers';

const NO_KERNEL = {
  shouldStart: false,
  canStart: false,
  autoStartDefault: false,
  shutdownOnDispose: false
};

export class LabViewer implements Viewer {
  constructor(private readonly openIn: (path: string, factory: string) => Promise<unknown>) {}

  opens(path: string): boolean {
    return viewingOf(path) !== null;
  }

  async open(place: Place, size: number | null): Promise<void> {
    const viewing = viewingOf(place.path);
    if (viewing && (size ?? 0) <= viewing.most) {
      await this.openIn(`${DRIVE}:${localPathOf(place)}`, viewing.factory);
    } else if (viewing) {
      throw tooLarge(viewing.most);
    }
  }
}

type Registry = JupyterFrontEnd['docRegistry'];

/** By whatever way such a document is opened: our button, an address, or the layout of the last time. */
export function guard(registry: Registry): void {
  registry.addWidgetExtension('Notebook', {
    createNew: (_widget, context) => {
      if (isOfRun(context.path)) {
        // before its session begins
        context.sessionContext.kernelPreference = NO_KERNEL;
        void context.ready.then(() => {
          context.model.readOnly = true;
          // or its tab would ask whether to save it
          context.model.dirty = false;
        });
      }
    }
  });
  registry.addWidgetExtension('HTML Viewer', {
    createNew: (widget, context) => {
      if (isOfRun(context.path)) {
        void context.ready.then(() => widget.dispose());
      }
    }
  });
}

export function addViewer(app: JupyterFrontEnd, transport: RestTransport): LabViewer {
  const { contents, serverSettings } = app.serviceManager;
  contents.addDrive(new RunDrive(transport, serverSettings));
  guard(app.docRegistry);
  return new LabViewer((path, factory) =>
    app.commands.execute('docmanager:open', { path, factory })
  );
}
