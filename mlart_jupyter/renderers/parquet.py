"""Arrow tables on the way (Arrow IPC) and in the run (Parquet; an Arrow file where Parquet has no such type)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mlart_jupyter.models import File

if TYPE_CHECKING:
    import pyarrow as pa

ENCODING = "arrow"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.file"
ARROW_MAGIC = b"ARROW1"
NO_PARQUET = "kept as an Arrow file: Parquet has no place for a type in it"


def table_file(table: pa.Table) -> tuple[File, str | None]:
    """Lay a table out for the spool, with a note where it cannot become Parquet."""
    if fits_parquet(table):
        return parquet_file(table), None
    return File(".arrow", ARROW, ipc_bytes(table)), NO_PARQUET


def parquet_file(table: pa.Table) -> File:
    """Lay out a table that is known to fit Parquet."""
    return File(".parquet", PARQUET, ipc_bytes(table), ENCODING)


def fits_parquet(table: pa.Table) -> bool:
    """Whether Parquet holds this table and gives it back; asks the writer, which writes nothing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.ParquetWriter(pa.BufferOutputStream(), table.schema).close()
    except (pa.ArrowException, NotImplementedError):
        return False
    # pyarrow writes gaps between lists of a fixed size, and cannot read them again.
    fixed = [i for i, field in enumerate(table.schema) if "fixed_size_list" in str(field.type)]
    return not any(table.column(i).null_count or table.schema.field(i).type.num_fields > 1 for i in fixed)


def ipc_bytes(table: pa.Table) -> memoryview:
    """The table as an Arrow IPC file, not copied out of Arrow's memory."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return memoryview(sink.getvalue())


def parquet_from_ipc(payload: bytes | memoryview) -> bytes:
    """The Parquet file of a spooled frame; the same payload gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.ipc.open_file(pa.BufferReader(payload)).read_all()
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def read_table(data: bytes) -> pa.Table:
    """Open a stored file of either form."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if data.startswith(ARROW_MAGIC):
        return pa.ipc.open_file(pa.BufferReader(data)).read_all()
    return pq.ParquetFile(pa.BufferReader(data)).read()  # `pq.read_table` refuses columns of one name
