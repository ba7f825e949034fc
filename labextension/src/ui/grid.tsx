// Owns the grid of a table: only the rows and columns in sight are in the page.

import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import React, { useEffect, useMemo, useRef } from 'react';

import { describeFacts } from './facts';
import type { Column, Value } from './transport';
import { t } from './words';

const ROW_HEIGHT = 24;
const CHARACTER = 7.6;
const PADDING = 24;
const NARROWEST = 64;
const WIDEST = 280;
/** Rows whose texts decide how wide a column is. */
const MEASURED = 50;

const NUMERIC = /^u?int|^float|^double|^decimal|^half|^number/i;

interface GridProps {
  columns: Column[];
  rows: Value[][];
  /** All rows that there are; -1 where nobody knows. */
  total: number;
  /** The last row is in sight. */
  onEnd: () => void;
}

function widthOf(column: Column, index: number, rows: Value[][]): number {
  const head = Math.max(column.name.length, column.type.length);
  const longest = rows
    .slice(0, MEASURED)
    .reduce((most, row) => Math.max(most, short(row[index] ?? '').length), head);
  return Math.min(Math.max(longest * CHARACTER + PADDING, NARROWEST), WIDEST);
}

/** A long fraction in as many digits as one reads; the title has all of them. */
function short(value: Value): string {
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(7)))
    : String(value);
}

function isNumeric(column: Column | undefined): boolean {
  return NUMERIC.test(column?.type ?? '');
}

/** How the values are spread, as bars; for texts how many there are of them. */
function Spread({ column }: { column: Column }): React.JSX.Element {
  const bars = column.bars ?? [];
  const most = Math.max(...bars, 1);
  const distinct = column.stats?.find(({ label }) => label === 'distinct')?.value;
  if (bars.length === 0) {
    return (
      <span className="mlart-Grid-spread">
        {distinct === undefined ? '' : `${distinct} distinct`}
      </span>
    );
  }
  return (
    <svg className="mlart-Grid-spread" viewBox={`0 0 ${bars.length} 10`} preserveAspectRatio="none">
      {bars.map((count, index) => {
        const height = count && Math.max(0.6, (10 * count) / most);
        return <rect key={index} x={index + 0.06} width={0.88} y={10 - height} height={height} />;
      })}
    </svg>
  );
}

function HeadCell({ column, item }: { column: Column; item: VirtualItem }): React.JSX.Element {
  const facts = describeFacts(column.stats);
  return (
    <div
      role="columnheader"
      aria-colindex={item.index + 1}
      className={isNumeric(column) ? 'mlart-Grid-number' : undefined}
      title={`${column.name}: ${column.type}${facts && `\n${facts}`}`}
      style={{ left: item.start, width: item.size }}
    >
      <span className="mlart-Grid-name">{column.name}</span>{' '}
      <span className="mlart-Grid-type">{column.type}</span>
      <Spread column={column} />
    </div>
  );
}

function Cell(props: { value: Value | undefined; item: VirtualItem; numeric: boolean }) {
  const { value, item } = props;
  const missing = value === null || value === undefined;
  const kind = missing ? 'mlart-Grid-null' : props.numeric ? 'mlart-Grid-number' : undefined;
  const text = missing ? 'null' : short(value);
  return (
    <div
      role="cell"
      aria-colindex={item.index + 1}
      className={kind}
      title={missing ? undefined : String(value)}
      style={{ left: item.start, width: item.size }}
    >
      {text}
    </div>
  );
}

function Line(props: GridProps & { item: VirtualItem; across: VirtualItem[] }): React.JSX.Element {
  const { columns, rows, item } = props;
  return (
    <div
      role="row"
      aria-rowindex={item.index + 2}
      style={{ transform: `translateY(${item.start}px)` }}
    >
      {props.across.map(column => (
        <Cell
          key={column.index}
          item={column}
          value={rows[item.index]?.[column.index]}
          numeric={isNumeric(columns[column.index])}
        />
      ))}
    </div>
  );
}

/** Both axes of what is in sight, and word when the last row is. */
function useInSight(props: GridProps, scroller: React.RefObject<HTMLDivElement>) {
  const { columns, rows, onEnd } = props;
  const widths = useMemo(
    () => columns.map((column, index) => widthOf(column, index, rows)),
    // the first page decides: columns that change under the eye would be worse than narrow ones
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [columns]
  );
  const getScrollElement = () => scroller.current;
  const down = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8
  });
  const across = useVirtualizer<HTMLDivElement, Element>({
    horizontal: true,
    count: columns.length,
    getScrollElement,
    estimateSize: index => widths[index] ?? NARROWEST,
    overscan: 3
  });
  const last = down.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 1) {
      onEnd();
    }
  }, [last, rows.length, onEnd]);
  return { down, across };
}

export function Grid(props: GridProps): React.JSX.Element {
  const { columns, total } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { down, across } = useInSight(props, scroller);
  const inSight = across.getVirtualItems();
  return (
    <div ref={scroller} className="mlart-Grid" tabIndex={0} role="region" aria-label={t('Table')}>
      <div
        role="table"
        aria-label={t('Rows')}
        aria-rowcount={total < 0 ? -1 : total + 1}
        aria-colcount={columns.length}
        style={{ width: across.getTotalSize() }}
      >
        <div role="rowgroup" className="mlart-Grid-head">
          <div role="row" aria-rowindex={1}>
            {inSight.map(item => (
              <HeadCell key={item.index} item={item} column={columns[item.index] as Column} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="mlart-Grid-body" style={{ height: down.getTotalSize() }}>
          {down.getVirtualItems().map(item => (
            <Line key={item.index} {...props} item={item} across={inSight} />
          ))}
        </div>
      </div>
    </div>
  );
}
