// Owns the line of the files that are logged by hand: which one is on its way, or why it is not.

import React, { useSyncExternalStore } from 'react';

import { formatCount } from './format';
import type { Intake } from './host';
import { Problem } from './problem';
import { t } from './words';

function Line({ intake }: { intake: Intake }): React.JSX.Element | null {
  const { name, left, failure } = useSyncExternalStore(intake.subscribe, intake.state);
  if (failure) {
    return <Problem failure={failure} onRetry={intake.dismiss} action={t('Close')} />;
  }
  if (name === null) {
    return null;
  }
  return (
    <div className="mlart-Transfer" role="status">
      <span className="mlart-Transfer-name">{t('Logging %1 …', name)}</span>
      {left > 0 && <span>{t('then %1', formatCount(left, 'file'))}</span>}
    </div>
  );
}

/** Nothing where the application around logs no files. */
export function IntakeLine(props: { intake: Intake | undefined }): React.JSX.Element | null {
  return props.intake ? <Line intake={props.intake} /> : null;
}
