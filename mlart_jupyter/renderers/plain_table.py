"""The short way from a plain frame to Arrow: numbers under text names on a range of rows.

`pyarrow.Table.from_pandas` takes a millisecond for ten columns, most of it to find out what such a
frame tells at a glance. The table made here is the same, its pandas metadata included, whose form is
https://pandas.pydata.org/docs/development/developer.html.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

KINDS = "biuf"
"""Kinds of NumPy dtypes that are the same in pandas, Arrow and Parquet."""
WIDEST = 8
"""Bytes of the widest number that Arrow has."""
MOST_COLUMNS = 1000


def is_plain(frame: Any) -> bool:
    """Whether the short way knows all of this frame."""
    index, columns = frame.index, frame.columns
    return (
        0 < len(columns) <= MOST_COLUMNS
        and type(index).__name__ == "RangeIndex"
        and index.name is None
        and type(columns).__name__ == "Index"
        and columns.dtype == text_dtype()
        and columns.name is None
        and not frame.attrs
        and frame.flags.allows_duplicate_labels
        and _are_names(columns.tolist())
        and all(_is_plain_dtype(block.dtype) for block in frame._mgr.blocks)  # noqa: SLF001  as pyarrow does
    )


def _are_names(labels: list[Any]) -> bool:
    """Whether all are texts, and none is there twice; `Index.is_unique` would build a hash table of its own."""
    if len(set(labels)) < len(labels) or not all(isinstance(label, str) for label in labels):
        return False
    try:
        "".join(labels).encode()
    except UnicodeEncodeError:  # half a character
        return False
    return True


@cache
def text_dtype() -> Any:
    """The dtype that pandas itself gives to text labels, the only one that Parquet restores."""
    import pandas as pd

    return pd.Index(["a"]).dtype


def _is_plain_dtype(dtype: Any) -> bool:
    is_number = type(dtype).__module__.startswith("numpy") and dtype.kind in KINDS and dtype.isnative
    return is_number and dtype.itemsize <= WIDEST and (dtype.kind, dtype.itemsize) != ("f", 2)


class Plain(NamedTuple):
    """What a plain frame is besides its numbers.

    Attributes
    ----------
    labels
        The dtype of the columns' names, in words.
    start, stop, step
        The range of its rows.
    """

    names: list[str]
    labels: str
    start: int
    stop: int
    step: int

    @property
    def length(self) -> int:
        """The number of rows."""
        return len(range(self.start, self.stop, self.step))


def plain_of(frame: Any) -> Plain:
    """Describe a frame that `is_plain`."""
    index = frame.index
    return Plain(frame.columns.tolist(), str(frame.columns.dtype), index.start, index.stop, index.step)


def plain_table(frame: Any) -> pa.Table:
    """Turn a plain frame into a table; `is_plain` must have said yes."""
    return table_of(plain_of(frame), _columns(frame))


def table_of(plain: Plain, columns: list[Any]) -> pa.Table:
    """Make the table of the columns' arrays."""
    import pyarrow as pa

    table = pa.Table.from_arrays([pa.array(values, from_pandas=True) for values in columns], names=plain.names)
    words = _metadata(plain, [str(values.dtype) for values in columns])
    return table.replace_schema_metadata({b"pandas": json.dumps(words).encode()})


def _columns(frame: Any) -> list[Any]:
    """The columns' values in their order, without a series for each."""
    found: list[Any] = [None] * frame.shape[1]
    for block in frame._mgr.blocks:  # noqa: SLF001
        for place, values in zip(block.mgr_locs, block.values, strict=True):
            found[place] = values
    return found


def _metadata(plain: Plain, dtypes: list[str]) -> dict[str, Any]:
    import pandas as pd
    import pyarrow as pa

    rows = {"kind": "range", "name": None, "start": plain.start, "stop": plain.stop, "step": plain.step}
    return {
        "index_columns": [rows],
        "column_indexes": [_column("unicode", plain.labels, None, {"encoding": "UTF-8"})],
        "columns": [_column(dtype, dtype, name, None) for name, dtype in zip(plain.names, dtypes, strict=True)],
        "attributes": {},
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": pd.__version__,
    }


def _column(pandas_type: str, numpy_type: str, name: str | None, metadata: dict[str, str] | None) -> dict[str, Any]:
    return {
        "name": name,
        "field_name": name,
        "pandas_type": pandas_type,
        "numpy_type": numpy_type,
        "metadata": metadata,
    }
