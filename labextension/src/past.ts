// Owns what is done with a run's notebook in JupyterLab: it comes back beside the one in front, or is compared with it.

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

import type { RestTransport } from './rest';
import type { CellChange, Past } from './ui/host';
import { Failure, type Place } from './ui/transport';
import { t } from './ui/words';

export class RestPast implements Past {
  constructor(
    private readonly transport: Pick<RestTransport, 'post'>,
    private readonly tracker: Pick<INotebookTracker, 'currentWidget'>,
    private readonly open: (path: string) => Promise<unknown>
  ) {}

  async bringBack(place: Place): Promise<string> {
    const beside = this.tracker.currentWidget?.context.localPath ?? '';
    const { path } = await this.transport.post<{ path: string }>('checkout', { ...place, beside });
    await this.open(path);
    return path;
  }

  async changesSince(place: Place): Promise<{ name: string; changes: CellChange[] }> {
    const panel = this.tracker.currentWidget;
    if (!panel) {
      throw new Failure(t('No notebook is open.'), t('Open the one to compare with.'));
    }
    const body = { ...place, cells: cellsOf(panel) };
    const { changes } = await this.transport.post<{ changes: CellChange[] }>('changes', body);
    return { name: panel.context.localPath.split('/').pop() ?? '', changes };
  }
}

function cellsOf(panel: NotebookPanel): { cell_type: string; source: string }[] {
  const cells = Array.from(panel.content.model?.cells ?? []);
  return cells.map(({ type, sharedModel }) => ({
    cell_type: type,
    source: sharedModel.getSource()
  }));
}
