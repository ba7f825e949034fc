// Owns one line of the tree: a file, a folder, or a note where entries are missing.

import React from 'react';

import { describeEntry, formatSize } from './format';
import { Icon, iconOf } from './icons';
import type { EntryRow, NoteRow } from './listing';
import type { Entry } from './transport';
import { t } from './words';

export interface Placed {
  id: string;
  /** Pixels from the top of the list. */
  top: number;
}

function styleOf(top: number, level: number): React.CSSProperties {
  return { transform: `translateY(${top}px)`, paddingLeft: `${4 + (level - 1) * 12}px` };
}

function Badges({ entry }: { entry: Entry }): React.JSX.Element {
  const uploading = entry.state === 'uploading';
  return (
    <>
      {entry.version !== null && entry.version > 1 && (
        <span className="mlart-Row-version">v{entry.version}</span>
      )}
      {entry.cell !== null && <span className="mlart-Row-cell">[{entry.cell}]</span>}
      {uploading ? (
        <span className="mlart-Row-uploading">
          <Icon name="upload" />
          <span>{t('uploading')}</span>
        </span>
      ) : (
        <span className="mlart-Row-size">{formatSize(entry.size)}</span>
      )}
    </>
  );
}

export const EntryLine = React.memo(function EntryLine(
  props: Placed & {
    row: EntryRow;
    /** Whether it is the one that is looked at. */
    focus: boolean;
    marked: boolean;
    onClick: (row: EntryRow, event: React.MouseEvent) => void;
  }
): React.JSX.Element {
  const { row } = props;
  const { entry } = row;
  return (
    <div
      id={props.id}
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded}
      aria-selected={props.marked}
      data-focus={props.focus}
      className="mlart-Row"
      title={describeEntry(entry)}
      style={styleOf(props.top, row.level)}
      onClick={event => props.onClick(row, event)}
    >
      <span className="mlart-Row-twisty">{entry.is_dir && <Icon name="chevron" />}</span>
      <Icon name={iconOf(entry)} />
      <span className="mlart-Row-name">{entry.name}</span>
      <Badges entry={entry} />
    </div>
  );
});

function noteText(row: NoteRow): string {
  if (row.failure) {
    return row.failure.message;
  }
  return row.type === 'empty' ? t('This folder is empty.') : t('Loading …');
}

export function NoteLine(props: Placed & { row: NoteRow; onRetry: () => void }): React.JSX.Element {
  const { row } = props;
  return (
    <div
      id={props.id}
      role="treeitem"
      aria-level={row.level}
      aria-selected={false}
      className={`mlart-Row mlart-Row-note mlart-Row-${row.type}`}
      title={row.failure ? `${row.failure.message} ${row.failure.next}` : undefined}
      style={styleOf(props.top, row.level)}
    >
      <span className="mlart-Row-twisty" />
      <span className="mlart-Row-name">{noteText(row)}</span>
      {row.failure && (
        <button type="button" className="mlart-Link" onClick={props.onRetry}>
          {t('Try again')}
        </button>
      )}
    </div>
  );
}
