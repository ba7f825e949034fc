// Owns the commands that restore lost outputs, and when that is offered by itself.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import { artifactsIcon } from './icon';
import { offer, restoreLost, restoreOne } from './restore';
import type { Transport } from './ui/transport';
import { t } from './ui/words';

const RESTORE = 'mlart:restore-output';
const RESTORE_ALL = 'mlart:restore-lost-outputs';
const ARGS = { args: { type: 'object', properties: {} } } as const;

/** Only a kernel with the extension is asked: any other would log that it does not know the question. */
async function offerWhenOpen(panel: NotebookPanel, transport: Transport): Promise<void> {
  await Promise.all([panel.context.ready, panel.sessionContext.ready]);
  const kernel = panel.sessionContext.session?.kernel?.id;
  const session = kernel && (await transport.session({ path: panel.context.localPath, kernel }));
  if (session && session.alive) {
    await offer(panel);
  }
}

function codeCellOf(panel: NotebookPanel | null, node: Element | undefined): ICodeCellModel | null {
  const content = panel?.content;
  const under = content?.widgets.find(cell => node !== undefined && cell.node.contains(node));
  const model = (under ?? content?.activeCell)?.model;
  return model?.type === 'code' ? (model as ICodeCellModel) : null;
}

export function addRestoring(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  transport: Transport,
  palette: ICommandPalette | null
): void {
  const { commands } = app;
  const isEnabled = () => tracker.currentWidget !== null;
  commands.addCommand(RESTORE, {
    label: t('Restore Output'),
    caption: t('Put back what this cell has shown, when its output was lost'),
    icon: artifactsIcon,
    describedBy: ARGS,
    isEnabled,
    execute: async () => {
      const panel = tracker.currentWidget;
      const model = codeCellOf(
        panel,
        app.contextMenuHitTest(() => true)
      );
      await (panel && model ? restoreOne(panel, model) : undefined);
    }
  });
  commands.addCommand(RESTORE_ALL, {
    label: t('Restore Lost Outputs'),
    caption: t('Put back what the cells without an output have shown'),
    describedBy: ARGS,
    isEnabled,
    execute: () => tracker.currentWidget && restoreLost(tracker.currentWidget)
  });
  app.contextMenu.addItem({ command: RESTORE, selector: '.jp-Notebook .jp-CodeCell', rank: 21 });
  [RESTORE, RESTORE_ALL].forEach(command =>
    palette?.addItem({ command, category: t('Artifacts') })
  );
  tracker.widgetAdded.connect((_, panel) => {
    offerWhenOpen(panel, transport).catch((error: unknown) =>
      console.debug('mlart: no outputs are offered', error)
    );
  });
}
