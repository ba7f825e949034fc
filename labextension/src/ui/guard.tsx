// Owns what is shown in place of a part of the browser that broke: a sentence, not an empty panel.

import React from 'react';

import { Problem } from './problem';
import { Failure } from './transport';
import { t } from './words';

interface State {
  broken: boolean;
}

export class Guard extends React.Component<{ children: React.ReactNode }, State> {
  override state: State = { broken: false };

  static getDerivedStateFromError(): State {
    return { broken: true };
  }

  override componentDidCatch(error: unknown): void {
    console.error('mlart: a part of the browser broke', error);
  }

  override render(): React.ReactNode {
    if (!this.state.broken) {
      return this.props.children;
    }
    const failure = new Failure(
      t('This part of the browser broke.'),
      t("Try again; the page's console has the details.")
    );
    return <Problem failure={failure} onRetry={() => this.setState({ broken: false })} />;
  }
}
