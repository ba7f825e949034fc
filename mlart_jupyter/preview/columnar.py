"""Parquet, Feather and Arrow files: a page is read from the row groups or record batches that hold it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from mlart_jupyter.preview.columns import COLUMNS, ROWS, cell, described, sampled_rows
from mlart_jupyter.preview.extension import readable
from mlart_jupyter.preview.previews import Column, Fact, Preview, Table, Unknown
from mlart_jupyter.preview.source import Source

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

LARGEST_GROUP = 128 * 2**20
"""Bytes, uncompressed, of a row group that is read for a page."""
READ = 256 * 1024
"""Bytes that are read of a column at a time: its first rows need its first pages, not all of its row group."""
LARGEST_BATCH = 256 * 2**20
"""Bytes of an Arrow file that has one record batch only."""


def parquet(source: Source) -> Preview | None:
    """Preview a Parquet file."""
    if not source.head.startswith(b"PAR1"):
        return None
    import pyarrow.parquet as pq

    file = pq.ParquetFile(_open(source), pre_buffer=False, buffer_size=READ)
    facts = file.metadata
    group, skip = _group_of(facts, source.at)
    if group < facts.num_row_groups and facts.row_group(group).total_byte_size > LARGEST_GROUP:
        return Unknown("The rows of this Parquet file come in parts too large to look into; download it.", source.size)
    names = file.schema_arrow.names[:COLUMNS]
    wanted = sampled_rows(len(names)) if source.at == 0 else ROWS
    table = _taken(_batches(file, group, names), skip, wanted, file.schema_arrow.empty_table().select(names))
    words = (
        Fact("row groups", f"{facts.num_row_groups:,}"),
        Fact("written by", str(facts.created_by or "unknown")[:80]),
    )
    return _page(source, table, facts.num_rows, len(file.schema_arrow.names), words)


def _open(source: Source) -> BinaryIO:
    return io.BytesIO(source.head) if source.is_whole else source.seekable()


def _group_of(facts: pq.FileMetaData, row: int) -> tuple[int, int]:
    """The row group that holds a row, and how many of its rows stand before it."""
    group = 0
    while group < facts.num_row_groups and row >= facts.row_group(group).num_rows:
        row -= facts.row_group(group).num_rows
        group += 1
    return group, row


def _batches(file: pq.ParquetFile, group: int, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows from a group on; a group too large to look into ends them."""
    for each in range(group, file.metadata.num_row_groups):
        if file.metadata.row_group(each).total_byte_size > LARGEST_GROUP:
            return
        yield from file.iter_batches(batch_size=ROWS, row_groups=[each], columns=names)


def _taken(batches: Iterator[pa.RecordBatch], skip: int, wanted: int, empty: pa.Table) -> pa.Table:
    """Some rows, the first ones passed over."""
    import pyarrow as pa

    kept: list[pa.RecordBatch] = []
    have = 0
    for batch in batches:
        part = batch.slice(min(skip, batch.num_rows), wanted - have)
        skip = max(0, skip - batch.num_rows)
        kept.append(part)
        have += part.num_rows
        if have >= wanted:
            break
    return pa.Table.from_batches(kept) if kept else empty


def arrow(source: Source) -> Preview | None:
    """Preview an Arrow file, which a Feather file is."""
    if not source.head.startswith(b"ARROW1"):
        return None
    import pyarrow as pa

    reader = pa.ipc.open_file(_open(source))
    if reader.num_record_batches < 2 and source.size > LARGEST_BATCH:
        return Unknown("This Arrow file is one part too large to look into; download it.", source.size)
    names = reader.schema.names[:COLUMNS]
    empty = reader.schema.empty_table().select(range(len(names)))
    wanted = sampled_rows(len(names)) if source.at == 0 else ROWS
    batches = (reader.get_batch(i).select(range(len(names))) for i in range(reader.num_record_batches))
    table = _taken(batches, source.at, wanted + 1, empty)
    words = (Fact("record batches", f"{reader.num_record_batches:,}"),)
    total = _counted(reader, table, source, wanted)
    return _page(source, table.slice(0, wanted), total, len(reader.schema.names), words)


def _counted(reader: Any, table: pa.Table, source: Source, wanted: int) -> int | None:
    """All rows, if they end on this page: an Arrow file does not tell without reading all of it."""
    return source.at + len(table) if len(table) <= wanted else None


def _page(source: Source, table: pa.Table, total: int | None, wide: int, facts: tuple[Fact, ...]) -> Table:
    told = [readable(field, column.to_pylist()) for field, column in zip(table.schema, table.columns, strict=True)]
    values = [column for _, column in told]
    rows = tuple(tuple(map(cell, row)) for row in zip(*(column[:ROWS] for column in values), strict=True))
    end = source.at + len(rows)
    more = end if rows and (total is None or end < total) else None
    columns: tuple[Column, ...] = ()
    if source.at == 0:
        names = table.schema.names
        columns = tuple(described(name, kind, column) for name, (kind, column) in zip(names, told, strict=True))
    truncated = more is not None or wide > COLUMNS
    return Table(columns, rows, total, truncated, source.size, wide, more, len(table), facts)
