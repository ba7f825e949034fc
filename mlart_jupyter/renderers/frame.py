"""Pandas frames and series: typed Parquet that reads back equal.

In the cell a small frame is copied (`pickles`); a large, wide or slow one becomes a copy-on-write snapshot. The
Parquet is made when the item is delivered. How pandas goes to Arrow and back is `exact`'s.
"""

from __future__ import annotations

import datetime as dt
import decimal
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, joined
from mlart_jupyter.renderers.labels import text_of
from mlart_jupyter.renderers.objects import HOLDERS
from mlart_jupyter.renderers.parquet import table_file
from mlart_jupyter.renderers.pickles import MOST_BYTES, pickled_file
from mlart_jupyter.renderers.salvage import to_arrow
from mlart_jupyter.renderers.sharing import is_shared
from mlart_jupyter.renderers.statistics import HEAD_ROWS, NAMED_DTYPES, cut_note, sampled_places, statistics_file

FOLDER = "frames"
SAMPLED_ROWS = 20
SAMPLED_TYPES = 1000
"""Cells of a column of objects that are looked at for lists and the like."""
INDEX_BYTES = 4 * 2**20
"""Labels of rows that are copied for a snapshot at once; that takes half a millisecond."""
FIXED = (str, bytes, int, float, complex, type(None), dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID)
FIXED_NAMES = ("NAType", "NaTType", "Interval", "Period")
"""Types of cells that nobody can write to; the latter are pandas' own."""
QUICK = frozenset((str, bytes, int, float, bool, type(None), *HOLDERS))
"""Types of cells that cost a pickle next to nothing."""
SHARED = "shared: an array holds its memory, too, and what was written to that right after the cell may be in the file"
SHALLOW = "shallow: cells hold lists or the like, and what was changed in them right after the cell may be in the file"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows of a frame or series that no later write reaches.

    Attributes
    ----------
    shape
        Of the whole, of which `data` may be the head.
    sample
        Rows for the statistics of a frame that is cut.
    """

    data: Any
    shape: tuple[int, ...]
    title: str
    sample: Any = None
    note: str | None = None

    def render(self) -> Rendered:
        """Make the files."""
        file, inexact = self._file()
        cut = cut_note(len(self.data), self.shape[0]) if self.data.shape != self.shape else None
        beside = () if self.sample is None else (statistics_file(self.sample, self.shape, dtypes(self.sample)),)
        note = joined([inexact, cut, self.note])
        named = dtypes(self.data) if self.data.ndim == 1 or self.data.shape[1] <= NAMED_DTYPES else None
        return Rendered("frame", FOLDER, (file, *beside), self.title, self.shape, named, note)

    def _file(self) -> tuple[File, str | None]:
        """The rows, with a note where a part of them is not kept exactly and the delivery does not tell it."""
        if size_in_memory(self.data) <= MOST_BYTES and (small := pickled_file(self.data)):
            return small, None
        table, inexact = to_arrow(self.data)
        file, unfit = table_file(table)
        return file, joined([inexact, unfit])


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a frame or a series."""
    size = size_in_memory(obj)
    title = "" if obj.ndim == 2 or obj.name is None else text_of(obj.name)
    narrow = obj.ndim == 1 or obj.shape[1] <= limits.columns
    if size <= limits.inline and narrow and not is_slow(obj, limits.slow_cells):
        return Snapshot(obj, obj.shape, title).render()
    is_cut = size > limits.budget and len(obj) > HEAD_ROWS
    kept = snapshot_of(obj.head(HEAD_ROWS) if is_cut else obj)
    sample = obj.iloc[sampled_places(len(obj), kept.size // max(1, len(kept)))] if is_cut else None
    note = joined([SHALLOW if holds_mutable(kept) else None, SHARED if is_shared(kept) else None])
    snapshot = Snapshot(kept, obj.shape, title, sample, note)
    return Deferred(snapshot.render, min(size, limits.budget), FOLDER, title)


def dtypes(obj: Any) -> dict[str, str]:
    """Each column's dtype in words."""
    if obj.ndim == 1:
        return {text_of(obj.name): str(obj.dtype)}
    found = [""] * obj.shape[1]
    for block in obj._mgr.blocks:  # noqa: SLF001  `obj.dtypes` builds a series
        word = str(block.dtype)
        for place in block.mgr_locs:
            found[place] = word
    return dict(zip(map(text_of, obj.columns.tolist()), found, strict=True))


# -- what a frame holds -------------------------------------------------------------------------------


def _blocks(obj: Any) -> list[Any]:
    # The blocks, as pyarrow reads them too: `memory_usage` takes a millisecond for ten columns.
    return [block.values for block in obj._mgr.blocks]  # noqa: SLF001


def size_in_memory(obj: Any) -> int:
    """Bytes that a frame or series holds, or would hold as Arrow, from a sample where cells are Python objects."""
    return int(sum(_size(values) + _inside(values) for values in _blocks(obj)) + obj.index.nbytes)


def _size(values: Any) -> int:
    if hasattr(values, "sp_values"):  # Arrow has it dense
        return len(values) * int(values.dtype.subtype.itemsize)
    return int(values.nbytes)


def _inside(values: Any) -> int:
    """Bytes of the Python objects that an array refers to, estimated from its first ones."""
    if not _is_of_objects(values):
        return 0
    sample = list(islice(values.flat, SAMPLED_ROWS))
    size: int = values.size
    return size * sum(map(_weight, sample)) // max(1, len(sample))


def _weight(value: Any, depth: int = 3) -> int:
    """Bytes of a cell, and of the containers in it: long ones are not for the cell."""
    size = sys.getsizeof(value) + (value.nbytes if _is_view(value) else 0)
    if not depth or not isinstance(value, HOLDERS):
        return size
    inner = list(islice(value.values() if isinstance(value, dict) else value, SAMPLED_ROWS))
    inside = sum(_weight(part, depth - 1) for part in inner if isinstance(part, HOLDERS))
    return size + len(value) * inside // max(1, len(inner))


def _is_view(value: Any) -> bool:
    """Whether a cell is an array that shows another one's numbers, which no size of its own tells."""
    return type(value).__name__ == "ndarray" and value.base is not None


def _is_of_objects(values: Any) -> bool:
    return getattr(values.dtype, "kind", "") == "O" and isinstance(getattr(values, "flat", None), Iterable)


def holds_mutable(obj: Any) -> bool:
    """Whether cells seem to be lists or the like, which a copy of the frame shares with it."""
    import numpy as np

    types: set[type] = set()
    for values in filter(_is_of_objects, _blocks(obj)):
        types.update(map(type, _sampled(values)))
    return not all(issubclass(kind, (*FIXED, np.generic)) or kind.__name__ in FIXED_NAMES for kind in types)


def is_slow(obj: Any, most: int) -> bool:
    """Whether a snapshot is better than a copy: more cells are slow to copy, and none can be written to."""
    return sum(map(_slow_cells, _objects(obj))) > most and not holds_mutable(obj)


def _objects(obj: Any) -> list[Any]:
    """The arrays of Python objects among a frame's cells, labels and categories."""
    labels = [level for axis in obj.axes for level in getattr(axis, "levels", [axis])]
    labels += [values.categories for values in _blocks(obj) if hasattr(values, "categories")]
    return [*filter(_is_of_objects, _blocks(obj)), *(each.to_numpy() for each in labels if each.dtype == object)]


def _slow_cells(values: Any) -> int:
    """How many cells are pickled one by one (two microseconds each), estimated from a sample."""
    sample = list(_sampled(values))
    return int(values.size * sum(type(value) not in QUICK for value in sample) / max(1, len(sample)))


def _sampled(values: Any) -> Any:
    """Some cells, drawn the same each time; every so many-th would meet the same column again and again."""
    import numpy as np

    if values.size <= SAMPLED_TYPES:
        return values.flat
    return values.flat[np.random.default_rng(0).integers(0, values.size, SAMPLED_TYPES)]


def snapshot_of(obj: Any) -> Any:
    """A copy that later writes do not reach: free under copy-on-write, a real copy in pandas 2."""
    import pandas as pd

    lazy = int(pd.__version__.partition(".")[0]) >= 3 or pd.get_option("mode.copy_on_write") is True
    made = obj.copy(deep=not lazy)
    if type(made.index) is pd.Index and made.index.nbytes <= INDEX_BYTES:  # pandas guards none that is an array's
        made.index = made.index.copy(deep=True)
    return made
