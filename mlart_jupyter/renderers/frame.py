"""Pandas frames and series: typed Parquet that reads back equal.

In the cell a small frame becomes an Arrow IPC file (a third of the time that Parquet takes) and a
large one a copy-on-write snapshot; the Parquet is made when the item is delivered.
How pandas goes to Arrow and back is `exact`'s.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits
from mlart_jupyter.renderers.exact import from_arrow, to_arrow

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ENCODING = "arrow"
FOLDER = "frames"
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
    return Rendered("frame", FOLDER, (file,), title, shape=full_shape or obj.shape, dtypes=_dtypes(kept), note=note)


def _dtypes(obj: Any) -> dict[str, str] | None:
    if obj.ndim == 1:
        return {str(obj.name): str(obj.dtype)}
    if obj.shape[1] > NAMED_DTYPES:
        return None
    dtypes = [""] * obj.shape[1]
    for block in obj._mgr.blocks:  # noqa: SLF001  `obj.dtypes` builds a series
        for place in block.mgr_locs:
            dtypes[place] = str(block.dtype)
    return dict(zip(map(str, obj.columns.tolist()), dtypes, strict=True))


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


# -- on the way and in the run -----------------------------------------------------------------------


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
    import pyarrow as pa
    import pyarrow.parquet as pq

    return from_arrow(pq.read_table(pa.BufferReader(parquet)))  # type: ignore[no-any-return]
