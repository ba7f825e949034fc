// Owns the browser as a widget in JupyterLab's left area.

import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import React from 'react';

import { artifactsIcon } from './icon';
import type { Live } from './live';
import { NotebookBrowser } from './ui/browser';
import type { Host, Past } from './ui/host';
import type { Transport } from './ui/transport';
import { t } from './ui/words';

export const SIDEBAR_ID = 'mlart-browser';

export class Sidebar extends ReactWidget {
  constructor(
    private readonly transport: Transport,
    private readonly live: Live | null,
    private readonly host: Host | undefined,
    private readonly past?: Past
  ) {
    super();
    this.id = SIDEBAR_ID;
    this.addClass('mlart-Sidebar');
    this.title.icon = artifactsIcon;
    this.title.caption = t('Artifacts');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', t('Artifacts'));
  }

  protected override render(): React.JSX.Element {
    const { live, transport, host, past } = this;
    if (!live) {
      return <NotebookBrowser transport={transport} host={host} past={past} where={null} />;
    }
    return (
      <UseSignal signal={live.moved}>
        {() => <NotebookBrowser {...{ transport, host, past }} changes={live} where={live.where} />}
      </UseSignal>
    );
  }
}
