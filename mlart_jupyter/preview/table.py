"""The first rows of CSV and Parquet files."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from mlart_jupyter.preview.previews import Column, Preview, Table, Unknown, Value

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS = 200
COLUMNS = 200
CELL_CHARACTERS = 500
LARGEST_GROUP = 128 * 2**20
"""Bytes, uncompressed, of a row group that is read for its first rows."""


def csv_table(head: bytes, size: int, separator: str) -> Preview:
    """Preview delimited text: every cell is a text, as it is in the file."""
    lines = head.decode("utf-8-sig", errors="replace")
    if len(head) < size:
        lines = lines.rpartition("\n")[0]
    rows = [row[:COLUMNS] for row in islice(csv.reader(io.StringIO(lines), delimiter=separator), ROWS + 2)]
    if not rows:
        return Unknown("This table is empty.", size)
    names, body = rows[0], rows[1 : ROWS + 1]
    truncated = len(head) < size or len(rows) > ROWS + 1
    columns = tuple(Column(name[:CELL_CHARACTERS], "text") for name in names)
    cells = tuple(_padded([cell[:CELL_CHARACTERS] for cell in row], len(names)) for row in body)
    return Table(columns, cells, None if truncated else len(body), truncated, size)


def _padded(row: list[str], width: int) -> tuple[Value, ...]:
    return (*row[:width], *[None] * (width - len(row)))


def parquet_table(file: BinaryIO, size: int) -> Preview:
    """Preview a Parquet file: its first rows, as they are read from the first row group alone."""
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(file)
    facts = parquet.metadata
    if facts.num_row_groups and facts.row_group(0).total_byte_size > LARGEST_GROUP:
        return Unknown("The rows of this Parquet file come in parts too large to look into; download it.", size)
    names = parquet.schema_arrow.names[:COLUMNS]
    table = _first_rows(parquet, names)
    columns = tuple(Column(field.name, str(field.type)) for field in table.schema)
    cells = zip(*(map(_value, column.to_pylist()) for column in table.columns), strict=True)
    truncated = facts.num_rows > len(table) or len(parquet.schema_arrow.names) > COLUMNS
    return Table(columns, tuple(cells), facts.num_rows, truncated, size)


def _first_rows(parquet: pq.ParquetFile, names: list[str]) -> pa.Table:
    import pyarrow as pa

    batches = parquet.iter_batches(batch_size=ROWS, columns=names)
    first = next(batches, None)
    if first is None:
        return parquet.schema_arrow.empty_table().select(names)
    return pa.Table.from_batches([first])


def _value(value: Any) -> Value:
    """A cell as JSON holds it; JSON has no infinities, and JavaScript no integers beyond 2⁵³."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and abs(value) < 2**53:
        return value
    return str(value)[:CELL_CHARACTERS]
