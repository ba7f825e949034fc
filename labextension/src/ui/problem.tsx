// Owns how a failure is shown: its sentence, its next step, and a way to try again.

import React from 'react';

import type { Failure } from './transport';
import { t } from './words';

export function Problem(props: {
  failure: Failure;
  onRetry?: () => void;
  /** What the button says. */
  action?: string;
}): React.JSX.Element {
  return (
    <div className="mlart-Problem" role="alert">
      <p className="mlart-Problem-what">{props.failure.message}</p>
      <p>{props.failure.next}</p>
      {props.onRetry && (
        <button type="button" className="mlart-Button" onClick={props.onRetry}>
          {props.action ?? t('Try again')}
        </button>
      )}
    </div>
  );
}

export function Hint({ children }: { children: React.ReactNode }): React.JSX.Element {
  return <div className="mlart-Hint">{children}</div>;
}
