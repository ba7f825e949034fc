// Owns the line about the files that are marked: how many, and what can be done with all of them.

import React from 'react';

import { IconButton } from './button';
import { formatCount } from './format';
import { t } from './words';

export function MarkedLine(props: {
  count: number;
  onZip: () => void;
  /** Not given where nothing may be deleted. */
  onDelete: (() => void) | undefined;
  onClear: () => void;
}): React.JSX.Element | null {
  if (props.count === 0) {
    return null;
  }
  return (
    <div className="mlart-Marked" role="group" aria-label={t('Selection')}>
      <span role="status">{t('%1 selected', formatCount(props.count, 'item'))}</span>
      <IconButton
        icon="download"
        label={t('Download the selection as zip')}
        onClick={props.onZip}
      />
      {props.onDelete && (
        <IconButton icon="trash" label={t('Delete the selection')} onClick={props.onDelete} />
      )}
      <IconButton icon="close" label={t('Clear the selection')} onClick={props.onClear} />
    </div>
  );
}
