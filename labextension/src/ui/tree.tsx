// Owns the tree on the screen: only the rows in sight are in the page, and the keyboard moves among them.

import { useVirtualizer, type VirtualItem, type Virtualizer } from '@tanstack/react-virtual';
import React, { useCallback, useEffect, useId, useRef, useSyncExternalStore } from 'react';

import { moveFor } from './keys';
import type { EntryRow, Listing, Row } from './listing';
import { isMarked, markByClick, markByKey, markByMove, type Marks } from './marking';
import { EntryLine, NoteLine } from './row';
import { t } from './words';

export const ROW_HEIGHT = 24;

interface TreeProps {
  listing: Listing;
  selected: string | null;
  marks: Marks;
  onSelect: (path: string) => void;
  onDelete: (() => void) | undefined;
}

function pathsOf(rows: readonly Row[]): string[] {
  return rows.flatMap(row => (row.type === 'entry' ? [row.entry.path] : []));
}

function indexOf(rows: readonly Row[], path: string | null): number {
  return rows.findIndex(row => row.type === 'entry' && row.entry.path === path);
}

function keyOf(row: Row): string {
  return row.type === 'entry' ? row.entry.path : `${row.type}:${row.folder}`;
}

/** Scrolling to the end of a folder's known entries brings its next page. */
function useNextPages(listing: Listing, inSight: readonly (Row | undefined)[]): void {
  // text, since an array would be new at each render
  const ended = JSON.stringify(inSight.flatMap(row => (row?.type === 'more' ? [row.folder] : [])));
  useEffect(() => {
    for (const folder of JSON.parse(ended) as string[]) {
      void listing.more(folder);
    }
  }, [listing, ended]);
}

function useKeys(
  props: TreeProps,
  rows: readonly Row[],
  virtualizer: Virtualizer<HTMLDivElement, Element>
): (event: React.KeyboardEvent) => void {
  const { marks, selected, onDelete } = props;
  const place = { paths: () => pathsOf(rows), focus: selected };
  return event => {
    // a button inside a row has its own Enter
    if (event.target !== event.currentTarget) {
      return;
    }
    const isMark = markByKey(marks, event, place);
    const isDelete = event.key === 'Delete' && onDelete !== undefined;
    const move = isMark || isDelete ? {} : moveFor(event.key, rows, selected);
    if (!move) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (isDelete) {
      onDelete();
    }
    if (move.toggle) {
      props.listing.toggle(move.toggle);
    }
    if (move.select) {
      markByMove(marks, event, { ...place, path: move.select });
      props.onSelect(move.select);
      virtualizer.scrollToIndex(indexOf(rows, move.select));
    }
  };
}

/** Only the rows in sight are in the page. */
function Lines(
  props: TreeProps & { rows: readonly Row[]; inSight: VirtualItem[]; treeId: string }
) {
  const { listing, marks, onSelect, rows } = props;
  const latest = useRef(props);
  latest.current = props;
  const onClick = useCallback(
    ({ entry }: EntryRow, event: React.MouseEvent) => {
      const { rows, selected, marks } = latest.current;
      const place = { paths: () => pathsOf(rows), path: entry.path, focus: selected };
      if (markByClick(marks, event, place)) {
        return;
      }
      onSelect(entry.path);
      if (entry.is_dir) {
        listing.toggle(entry.path);
      }
    },
    [listing, onSelect]
  );
  return props.inSight.map(({ index, key, start }) => {
    const row = rows[index];
    const placed = { id: `${props.treeId}${index}`, top: start };
    if (!row) {
      return null;
    }
    if (row.type !== 'entry') {
      const retry = () => void listing.more(row.folder);
      return <NoteLine key={key} {...placed} row={row} onRetry={retry} />;
    }
    const focus = row.entry.path === props.selected;
    const marked = isMarked(marks, row.entry.path, props.selected);
    return <EntryLine key={key} {...placed} {...{ row, focus, marked, onClick }} />;
  });
}

export function Tree(props: TreeProps): React.JSX.Element {
  const { listing, selected } = props;
  const rows = useSyncExternalStore(listing.subscribe, listing.rows);
  const scroller = useRef<HTMLDivElement>(null);
  const treeId = useId();
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: index => keyOf(rows[index] as Row),
    overscan: 12
  });
  const inSight = virtualizer.getVirtualItems();
  useNextPages(
    listing,
    inSight.map(item => rows[item.index])
  );
  const onKeyDown = useKeys(props, rows, virtualizer);
  const selectedIndex = indexOf(rows, selected);
  const isInSight = inSight.some(item => item.index === selectedIndex);

  return (
    <div
      ref={scroller}
      className="mlart-Tree"
      role="tree"
      aria-label={t('Artifacts of the run')}
      aria-multiselectable
      aria-activedescendant={isInSight ? `${treeId}${selectedIndex}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        <Lines {...props} rows={rows} inSight={inSight} treeId={treeId} />
      </div>
    </div>
  );
}
