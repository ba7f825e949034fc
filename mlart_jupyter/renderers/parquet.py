"""Arrow tables on the way (Arrow IPC) and in the run (Parquet; an Arrow file where Parquet has no such type).

Parquet rounds some types; `as_type` undoes that.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from mlart_jupyter.models import File

if TYPE_CHECKING:
    import pyarrow as pa

ENCODING = "arrow"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.file"
ARROW_MAGIC = b"ARROW1"
VIEWS = 21
"""The version of pyarrow from which its Parquet writer is trusted with views."""
NO_PARQUET = "kept as an Arrow file: Parquet has no place for a type in it"


def table_file(table: pa.Table) -> tuple[File, str | None]:
    """Lay a table out for the spool, with a note where it cannot become Parquet."""
    if fits_parquet(table):
        return File(".parquet", PARQUET, ipc_bytes(table), ENCODING), None
    return File(".arrow", ARROW, ipc_bytes(table)), NO_PARQUET


def fits_parquet(table: pa.Table) -> bool:
    """Whether Parquet holds this table and gives it back (pyarrow.parquet would take the cell 100 ms to import)."""
    return all(has_place(field.type) for field in table.schema) and not any(map(_has_fixed_gaps, table.columns))


def has_place(kind: pa.DataType) -> bool:
    """Whether Parquet has a type like this one."""
    from pyarrow import types

    if hasattr(kind, "storage_type"):
        return has_place(kind.storage_type)
    if types.is_union(kind) or types.is_interval(kind) or types.is_run_end_encoded(kind) or _is_new(kind):
        return False
    if types.is_struct(kind):
        return kind.num_fields > 0 and all(has_place(kind.field(i).type) for i in range(kind.num_fields))
    if types.is_map(kind):
        return has_place(kind.key_type) and has_place(kind.item_type)
    if types.is_dictionary(kind):
        return not types.is_nested(kind.value_type) and has_place(kind.value_type)
    return not types.is_nested(kind) or has_place(kind.value_type)


def _is_new(kind: pa.DataType) -> bool:
    """Whether this is a view, which the Parquet writers of older versions of pyarrow refuse."""
    import pyarrow as pa

    return str(kind).partition("<")[0].endswith("_view") and int(pa.__version__.partition(".")[0]) < VIEWS


def _has_fixed_gaps(column: pa.ChunkedArray) -> bool:
    """Whether there may be gaps between lists of a fixed size: pyarrow writes these, and cannot read them again."""
    from pyarrow import types

    storage = getattr(column.type, "storage_type", column.type)
    if "fixed_size_list" not in str(storage):
        return False
    return bool(column.null_count) or not types.is_fixed_size_list(storage)


def ipc_bytes(table: pa.Table) -> memoryview:
    """The table as an Arrow IPC file, not copied out of Arrow's memory.

    Measured first: a buffer that grows while it is written takes more than twice the time.
    """
    import pyarrow as pa

    measure = pa.MockOutputStream()
    _write_ipc(table, measure)
    buffer = pa.allocate_buffer(measure.size())
    _write_ipc(table, pa.FixedSizeBufferWriter(buffer))
    return memoryview(buffer).toreadonly()


def _write_ipc(table: pa.Table, sink: pa.NativeFile) -> None:
    import pyarrow as pa

    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def parquet_from_ipc(payload: bytes | memoryview) -> bytes:
    """The Parquet file of a spooled table; the same payload gives the same bytes."""
    import pyarrow as pa

    return parquet_bytes(pa.ipc.open_file(pa.BufferReader(payload)).read_all())


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a Parquet file."""
    import pyarrow.parquet as pq

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


# -- exact types ------------------------------------------------------------------------------------


def schema_text(schema: pa.Schema) -> str:
    """An Arrow schema as letters, for the metadata of a file."""
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def schema_of(text: str) -> pa.Schema:
    """The schema that `schema_text` wrote."""
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


def as_type(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A column as it was before Parquet, which has seconds as milliseconds, and one width of indices."""
    import pyarrow as pa

    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
        column = column.cast(kind.value_type).dictionary_encode()
    if not pa.types.is_dictionary(kind):
        return column.cast(kind)
    return pa.chunked_array([_coded(chunk, kind) for chunk in column.chunks], type=kind)


def _coded(chunk: pa.DictionaryArray, kind: pa.DataType) -> pa.DictionaryArray:
    """Parquet has one width of indices, and one of text."""
    import pyarrow as pa

    indices, values = chunk.indices.cast(kind.index_type), chunk.dictionary.cast(kind.value_type)
    return pa.DictionaryArray.from_arrays(indices, values, ordered=kind.ordered)
