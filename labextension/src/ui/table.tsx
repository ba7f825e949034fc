// Owns the picture of a table: column names and types on top, as many rows as the preview holds.

import React, { useState } from 'react';

import { formatCount } from './format';
import type { TablePreview, Value } from './transport';

// a browser lays out some thousand cells at once without a pause
const FIRST_ROWS = 100;

const NUMERIC = /^u?int|^float|^double|^decimal|^half/i;

function Cell({ value }: { value: Value }): React.JSX.Element {
  if (value === null) {
    return <td className="mlart-Table-null">null</td>;
  }
  const text = String(value);
  return (
    <td className={typeof value === 'number' ? 'mlart-Table-number' : undefined} title={text}>
      {text}
    </td>
  );
}

function Head({ columns }: Pick<TablePreview, 'columns'>): React.JSX.Element {
  return (
    <thead>
      <tr>
        {columns.map((column, index) => (
          <th
            key={index}
            scope="col"
            title={`${column.name}: ${column.type}`}
            className={NUMERIC.test(column.type) ? 'mlart-Table-number' : undefined}
          >
            {column.name} <span className="mlart-Table-type">{column.type}</span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function howMuch(table: TablePreview): string {
  const columns = formatCount(table.columns.length, 'column');
  if (table.total_rows === null) {
    const first = table.truncated ? 'The first ' : '';
    return `${first}${formatCount(table.rows.length, 'row')} × ${columns}`;
  }
  const total = `${formatCount(table.total_rows, 'row')} × ${columns}`;
  return table.truncated
    ? `The first ${table.rows.length.toLocaleString('en')} of ${total}`
    : total;
}

export function Table({ table }: { table: TablePreview }): React.JSX.Element {
  const [all, setAll] = useState(false);
  const rows = all ? table.rows : table.rows.slice(0, FIRST_ROWS);
  return (
    <>
      <div className="mlart-Preview-note">
        {howMuch(table)}
        {rows.length < table.rows.length && (
          <button type="button" className="mlart-Link" onClick={() => setAll(true)}>
            Show all {table.rows.length.toLocaleString('en')}
          </button>
        )}
      </div>
      <div className="mlart-Table" tabIndex={0} role="region" aria-label="Table">
        <table>
          <Head columns={table.columns} />
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                {row.map((value, column) => (
                  <Cell key={column} value={value} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
