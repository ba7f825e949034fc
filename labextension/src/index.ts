// Owns the plugin: the sidebar, the command that shows it, and the setting that shows it at the start.

import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';

import { artifactsIcon } from './icon';
import { Live } from './live';
import { addLogging } from './logging';
import { Notebooks } from './notebooks';
import { addViewer } from './opening';
import { RestPast } from './past';
import { RestTransport } from './rest';
import { addRestoring } from './restoring';
import { Sidebar, SIDEBAR_ID } from './sidebar';
import type { Place } from './ui/transport';
import { speak, t } from './ui/words';

const PLUGIN_ID = '@mlart/labextension:plugin';
const OPEN = 'mlart:open';
const REVEAL = 'mlart:show-output';

/** Notebook 7 has a shell of its own, with a left area that opens by this method. */
interface ExpandingShell {
  expandLeft?(id?: string): void;
}

function show(app: JupyterFrontEnd, labShell: ILabShell | null): void {
  if (labShell) {
    labShell.activateById(SIDEBAR_ID);
  } else {
    (app.shell as ExpandingShell).expandLeft?.(SIDEBAR_ID);
  }
}

async function showOnStart(app: JupyterFrontEnd, registry: ISettingRegistry): Promise<void> {
  const settings = await registry.load(PLUGIN_ID);
  if (settings.get('openOnStart').composite === true) {
    // JupyterLab's restored layout decides which sidebar is open, and Notebook 7 is "restored" before it has a shell
    await Promise.all([app.started, app.restored]);
    await app.commands.execute(OPEN);
  }
}

function addCommand(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  palette: ICommandPalette | null
): void {
  app.commands.addCommand(OPEN, {
    label: t('Show Artifacts'),
    caption: t('Show what the notebook has kept in its MLflow run'),
    icon: artifactsIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => show(app, labShell)
  });
  palette?.addItem({ command: OPEN, category: t('Artifacts') });
}

/** "Show in artifacts" in the menu of an output. */
function addReveal(app: JupyterFrontEnd, notebooks: Notebooks): void {
  const under = (): Element | null => app.contextMenuHitTest(() => true) ?? null;
  app.commands.addCommand(REVEAL, {
    label: t('Show in Artifacts'),
    icon: artifactsIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    isVisible: () => notebooks.artifactAt(under()) !== null,
    execute: async () => {
      const what = notebooks.artifactAt(under());
      if (what) {
        await app.commands.execute(OPEN);
        notebooks.reveal(what);
      }
    }
  });
  app.contextMenu.addItem({ command: REVEAL, selector: '.jp-Notebook .jp-CodeCell', rank: 20 });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: "Shows the artifacts of the notebook's MLflow run.",
  autoStart: true,
  optional: [
    ILabShell,
    ILayoutRestorer,
    INotebookTracker,
    ISettingRegistry,
    ICommandPalette,
    ITranslator,
    IFileBrowserFactory
  ],
  activate: (
    app: JupyterFrontEnd,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    tracker: INotebookTracker | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null,
    files: IFileBrowserFactory | null
  ) => {
    speak(translator?.load('mlart_jupyter') ?? null);
    const transport = new RestTransport(app.serviceManager.serverSettings);
    const open = (path: string) => app.commands.execute('docmanager:open', { path });
    const notebooks = tracker
      ? new Notebooks(tracker, id => app.shell.activateById(id), addViewer(app, transport))
      : undefined;
    const live = tracker && new Live(tracker);
    const past = live ? new RestPast(transport, live, open) : undefined;
    if (live && notebooks) {
      const onLogged = (place: Place) => notebooks.reveal(place);
      const parts = { live, transport, onLogged };
      notebooks.intake = addLogging(app, parts, files, palette, () => show(app, labShell));
    }
    const sidebar = new Sidebar(transport, live, notebooks, past);
    app.shell.add(sidebar, 'left', { rank: 900 });
    restorer?.add(sidebar, SIDEBAR_ID);
    addCommand(app, labShell, palette);
    if (notebooks) {
      addReveal(app, notebooks);
    }
    if (tracker) {
      addRestoring(app, tracker, transport, palette);
    }
    if (registry) {
      showOnStart(app, registry).catch((error: unknown) =>
        console.warn('mlart: no settings', error)
      );
    }
  }
};

export default plugin;
