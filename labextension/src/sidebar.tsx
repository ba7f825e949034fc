// Owns the browser as a widget in JupyterLab's left area; what it consists of is loaded when it is seen first.

import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import React, { Suspense } from 'react';

import { artifactsIcon } from './icon';
import type { Live } from './live';
import type { Host, Past } from './ui/host';
import type { Transport } from './ui/transport';
import { t } from './ui/words';

export const SIDEBAR_ID = 'mlart-browser';

const NotebookBrowser = React.lazy(async () => ({
  default: (await import('./ui/browser')).NotebookBrowser
}));

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

  protected override onAfterShow(): void {
    this.update();
  }

  protected override render(): React.JSX.Element {
    this.seen ||= this.isVisible;
    return this.seen ? <Suspense fallback={null}>{this.browser()}</Suspense> : <></>;
  }

  private browser(): React.JSX.Element {
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

  private seen = false;
}
