"""Pandas frames and series: typed Parquet that reads back equal.

In the cell a small frame becomes an Arrow IPC file (a third of the time that Parquet takes) and a
large one a copy-on-write snapshot; the Parquet is made when the item is delivered.
What Arrow cannot hold is told in the schema's metadata under ``mlart`` and undone by `read`.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits
from mlart_jupyter.renderers.plain_table import is_plain, plain_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ENCODING = "arrow"
FOLDER = "frames"
META = b"mlart"
HEAD_ROWS = 1000
"""Rows that are kept of a frame over its budget."""
NAMED_DTYPES = 500
"""Tables of more columns have no dtypes in the catalogue."""
SAMPLED_ROWS = 20
PARQUET = "application/vnd.apache.parquet"


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a frame or a series."""
    size = size_in_memory(obj)
    title = "" if obj.ndim == 2 or obj.name is None else str(obj.name)
    if size <= limits.inline:
        return _rendered(obj, obj, title)
    kept = obj if size <= limits.budget else obj.head(HEAD_ROWS)
    snapshot = _snapshot(kept)
    shape = obj.shape
    size = min(size, limits.budget)
    return Deferred(lambda: _rendered(snapshot, snapshot, title, full_shape=shape), size, FOLDER, title)


def _rendered(obj: Any, kept: Any, title: str, full_shape: tuple[int, ...] | None = None) -> Rendered:
    table, note = to_arrow(kept)
    if full_shape and full_shape != kept.shape:
        cut = f"over the size budget: only the first {len(kept):,} of {full_shape[0]:,} rows are kept"
        note = f"{note}; {cut}" if note else cut
    file = File(".parquet", PARQUET, ipc_bytes(table), ENCODING)
    return Rendered("frame", FOLDER, (file,), title, shape=full_shape or obj.shape, dtypes=_dtypes(table), note=note)


def _dtypes(table: pa.Table) -> dict[str, str] | None:
    """The columns' dtypes, from what pyarrow has just noted of them."""
    if table.num_columns > NAMED_DTYPES:
        return None
    noted = json.loads(table.schema.metadata[b"pandas"])
    return {str(c["name"]): c["numpy_type"] for c in noted["columns"] if c["field_name"] not in noted["index_columns"]}


def size_in_memory(obj: Any) -> int:
    """Bytes that a frame or series holds, from a sample where its cells are Python objects."""
    # The blocks, as pyarrow reads them too: `memory_usage` takes a millisecond for ten columns.
    values = [block.values for block in obj._mgr.blocks]  # noqa: SLF001
    return int(sum(array.nbytes + _inside(array) for array in values) + obj.index.nbytes)


def _inside(values: Any) -> int:
    """Bytes of the Python objects that an array refers to, estimated from its first ones."""
    if getattr(values.dtype, "kind", "") != "O" or not isinstance(getattr(values, "flat", None), Iterable):
        return 0
    sample = list(islice(values.flat, SAMPLED_ROWS))
    size: int = values.size
    return size * sum(map(sys.getsizeof, sample)) // max(1, len(sample))


def _snapshot(obj: Any) -> Any:
    """A copy that later writes do not reach: free under copy-on-write, a real copy in pandas 2."""
    import pandas as pd

    lazy = int(pd.__version__.partition(".")[0]) >= 3 or pd.get_option("mode.copy_on_write") is True
    return obj.copy(deep=not lazy)


# -- to Arrow and back ----------------------------------------------------------------------------


def to_arrow(obj: Any) -> tuple[pa.Table, str | None]:
    """Turn a pandas frame or series into a table, with a note where a part is not kept exactly."""
    meta: dict[str, Any] = {}
    frame: Any = obj
    if obj.ndim == 1:
        meta["series"] = {"name": _label(obj.name)}
        frame = obj.to_frame(name="0" if obj.name is None else obj.name)
    frame, changes = _with_plain_columns(frame)
    table, notes = _table(frame)
    meta |= changes | notes
    note = f"stored as JSON text: {', '.join(notes['json'])}" if notes else None
    return (_with_meta(table, meta) if meta else table), note


def _with_plain_columns(frame: Any) -> tuple[Any, dict[str, Any]]:
    """Give columns plain names where Parquet could not tell them apart or restore them."""
    if frame.columns.nlevels > 1 or (frame.columns.is_unique and all(isinstance(c, str) for c in frame.columns)):
        return (frame, {}) if frame.columns.is_unique else _renamed(frame)
    same_type = frame.columns.is_unique and frame.columns.dtype.kind in "iuM"
    return (frame, {}) if same_type else _renamed(frame)


def _renamed(frame: Any) -> tuple[Any, dict[str, Any]]:
    labels = [_label(label) for label in frame.columns]
    names = [_label(name) for name in frame.columns.names]
    plain = frame.copy(deep=False)
    plain.columns = [f"{i}" for i in range(frame.shape[1])]
    return plain, {"columns": labels, "column_names": names, "multi": frame.columns.nlevels > 1}


def _label(value: Any) -> Any:
    """A label as JSON: tuples are told from lists by their wrapping."""
    if isinstance(value, tuple):
        return {"tuple": [_label(part) for part in value]}
    return value if value is None or isinstance(value, (str, bool, int, float)) else _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _unlabel(value: Any) -> Any:
    return tuple(_unlabel(part) for part in value["tuple"]) if isinstance(value, dict) else value


def _table(frame: Any) -> tuple[pa.Table, dict[str, list[str]]]:
    """Convert; a column that Arrow refuses goes in as JSON text and is named."""
    import pyarrow as pa

    if is_plain(frame):
        return plain_table(frame), {}
    try:
        return pa.Table.from_pandas(frame, nthreads=1), {}
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError):
        refused = [name for name in frame.columns if not _holds(frame[name])]
        plain = frame.copy(deep=False)
        for name in refused:
            plain[name] = frame[name].map(_as_json)
        return pa.Table.from_pandas(plain, nthreads=1), {"json": [str(name) for name in refused]}


def _holds(column: Any) -> bool:
    import pyarrow as pa

    try:
        pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError):
        return False
    return True


def _as_json(value: Any) -> str:
    return json.dumps(value, default=_plain_or_text)


def _plain_or_text(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else str(value)


def _with_meta(table: pa.Table, meta: dict[str, Any]) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), META: json.dumps(meta).encode()})


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


def read(parquet: bytes) -> pd.DataFrame | pd.Series[Any]:
    """Read a stored frame back as it was shown: frame or series, with its own column labels."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(pa.BufferReader(parquet))
    meta = json.loads((table.schema.metadata or {}).get(META, b"{}"))
    frame = table.to_pandas()
    for name in meta.get("json", ()):
        frame[name] = frame[name].map(json.loads)
    if "columns" in meta:
        frame.columns = _columns(pd, meta)
    return _as_series(frame, meta["series"]) if "series" in meta else frame


def _columns(pd: Any, meta: dict[str, Any]) -> Any:
    labels = [_unlabel(label) for label in meta["columns"]]
    names = [_unlabel(name) for name in meta["column_names"]]
    if meta["multi"]:
        return pd.MultiIndex.from_tuples(labels, names=names)
    return pd.Index(labels, name=names[0], tupleize_cols=False)


def _as_series(frame: pd.DataFrame, meta: dict[str, Any]) -> pd.Series[Any]:
    return frame.iloc[:, 0].rename(_unlabel(meta["name"]))
