// Owns the picture of a table: how much of it there is, and its grid, which asks for the next page at its end.

import React, { useMemo } from 'react';

import { Facts } from './facts';
import { formatCount } from './format';
import { Grid } from './grid';
import { usePages } from './pages';
import { Problem } from './problem';
import type { Place, TablePreview, Transport } from './transport';
import { t } from './words';

function howMuch(table: TablePreview, shown: number): string {
  const columns = formatCount(table.total_columns ?? table.columns.length, 'column');
  if (table.total_rows === null) {
    const rows = formatCount(shown, 'row');
    return `${table.truncated ? t('The first %1', rows) : rows} × ${columns}`;
  }
  return `${formatCount(table.total_rows, 'row')} × ${columns}`;
}

function notesOf(table: TablePreview, shown: number): string[] {
  const notes = [howMuch(table, shown)];
  const hidden = (table.total_columns ?? 0) - table.columns.length;
  if (hidden > 0) {
    notes.push(t('the first %1 columns are shown', table.columns.length.toLocaleString('en')));
  }
  const counted = table.counted ?? 0;
  if (counted > 0 && (table.total_rows === null || counted < table.total_rows)) {
    notes.push(t('statistics of the first %1', formatCount(counted, 'row')));
  }
  return notes;
}

export function Table(props: {
  table: TablePreview;
  transport: Transport;
  place: Place;
}): React.JSX.Element {
  const { table } = props;
  const { pages, more, loading, failure, next } = usePages(props.transport, props.place, table);
  const rows = useMemo(() => pages.flatMap(page => page.rows), [pages]);
  return (
    <>
      {table.note && <div className="mlart-Preview-note mlart-Preview-warning">{table.note}</div>}
      <Facts facts={table.facts} />
      <div className="mlart-Preview-note" role="status">
        {notesOf(table, rows.length).join(' · ')}
        {loading && ` · ${t('loading …')}`}
      </div>
      {failure && <Problem failure={failure} onRetry={next} />}
      <Grid
        columns={table.columns}
        rows={rows}
        total={more ? (table.total_rows ?? -1) : rows.length}
        onEnd={failure ? () => undefined : next}
      />
    </>
  );
}
