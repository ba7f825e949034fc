// Owns the last line: what waits, what is kept, what failed, and what to do about it.

import React from 'react';

import { describeSpool, formatDuration } from './format';
import type { Load } from './load';
import type { Status } from './transport';
import { t } from './words';

// less than that is the ordinary way of an item to the store
const LONG_WAIT_S = 60;

function Trouble({ status }: { status: Status }): React.JSX.Element | null {
  const { last_error, oldest_seconds } = status;
  if (last_error && status.waiting + status.dead > 0) {
    return (
      <p className="mlart-Footer-trouble">
        {last_error.error} {last_error.next}
      </p>
    );
  }
  if (oldest_seconds !== null && oldest_seconds > LONG_WAIT_S) {
    return <p>{t('The oldest has waited for %1.', formatDuration(oldest_seconds))}</p>;
  }
  return null;
}

export function Footer({ status }: { status: Load<Status> }): React.JSX.Element {
  const { value, failure } = status;
  return (
    <div className="mlart-Footer" role="status" aria-label={t('Uploads')}>
      {failure && (
        <p className="mlart-Footer-trouble">
          {failure.message} {failure.next}{' '}
          <button type="button" className="mlart-Link" onClick={status.again}>
            {t('Try again')}
          </button>
        </p>
      )}
      {value && <p>{describeSpool(value)}</p>}
      {value && <Trouble status={value} />}
    </div>
  );
}
