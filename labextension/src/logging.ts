// Owns the ways by which files and folders of the server are logged: dragged here, or by the file browser's menu and the palette.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { Dropping } from './dropping';
import { filesAt } from './folders';
import { artifactsIcon } from './icon';
import { ServerIntake } from './intake';
import type { Live } from './live';
import type { RestTransport } from './rest';
import { SIDEBAR_ID } from './sidebar';
import type { Place } from './ui/transport';
import { t } from './ui/words';

const LOG = 'mlart:log-file';
const FILES = '.jp-DirListing-item';
const TARGET = `#${SIDEBAR_ID}, .lm-TabBar-tab[data-id="${SIDEBAR_ID}"]`;

interface Parts {
  live: Live;
  transport: RestTransport;
  onLogged: (place: Place) => void;
}

function selected(factory: IFileBrowserFactory): string[] {
  return Array.from(factory.tracker.currentWidget?.selectedItems() ?? [], ({ path }) => path);
}

/** `show` opens the sidebar, where it is told how it goes. */
export function addLogging(
  app: JupyterFrontEnd,
  { live, transport, onLogged }: Parts,
  factory: IFileBrowserFactory | null,
  palette: ICommandPalette | null,
  show: () => void
): ServerIntake {
  const { contents } = app.serviceManager;
  const intake = new ServerIntake({
    post: (op, body) => transport.post<Place>(op, body),
    where: () => live.where,
    driveOf: path => contents.driveName(path),
    filesAt: path => filesAt(path, (at, options) => contents.get(at, options)),
    onLogged
  });
  const log = (paths: string[]) => {
    show();
    return intake.log(paths);
  };
  void app.started.then(() => new Dropping(app.shell.node, TARGET, paths => void log(paths)));
  if (factory) {
    app.commands.addCommand(LOG, {
      label: t('Log to the MLflow Run'),
      caption: t("Log the selected files and folders into the notebook's MLflow run"),
      icon: artifactsIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => selected(factory).length > 0,
      execute: () => log(selected(factory))
    });
    app.contextMenu.addItem({ command: LOG, selector: FILES, rank: 20 });
    palette?.addItem({ command: LOG, category: t('Artifacts') });
  }
  return intake;
}
