"""Columns of Python objects: as Arrow has them, where all cells come back as they were, else as JSON text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers import cells
from mlart_jupyter.renderers.labels import label, unlabel
from mlart_jupyter.renderers.parquet import has_place

if TYPE_CHECKING:
    import pyarrow as pa

How = dict[str, Any]
"""How a column is brought back, as the JSON in the file has it.

One of json (letters of `cells`), object (with gap and each), dtype, categories and ordered, sparse and fill,
complex, arrow (a schema).
"""
HOLDERS = (list, tuple, dict, set, frozenset)
DEEPEST = 64
"""Levels of lists and the like in a cell that Arrow is given."""
GAPS = ("float", "NaTType", "NAType")
"""Types of the gaps that are told beside None, which Arrow has."""


def plain_objects(
    values: Any, name: str, notes: list[str], as_text: Callable[[Any], str] | None = None
) -> tuple[Any, How]:
    """Give a column such cells as Arrow and Parquet hold, and tell how to bring it back.

    Parameters
    ----------
    as_text
        Writes a cell as JSON, where it does not fit; `cells.told` without it.
    """
    import pandas as pd

    gap = _gap_of(values)
    filled = values if gap is None else values.where(values.notna(), None)
    told = {} if gap is None else {"gap": label(gap)}
    types = set(map(type, filled))
    if _is_exact(filled, types):
        are_lists = any(map(_is_list_to_arrow, types))
        each = _each_of(filled, types) if are_lists else {}
        if are_lists and not each and any(map(_holds_others, filled)):
            notes.append(f"tuples and arrays in cells come back as lists: {name}")
        return filled, {"object": True, **told, **each}
    notes.append(f"json:{name}")
    words, letters = ([as_text(v) for v in values], "") if as_text else cells.told(values)
    return pd.Series(words, index=values.index, dtype=object), {"json": letters}


def objects_back(how: How, column: pa.ChunkedArray) -> list[Any]:
    """The cells of a column that went as objects."""
    gap, each = unlabel(how.get("gap")), _maker(how.get("each"))
    return [gap if value is None else each(value) for value in column.to_pylist()]


def _gap_of(values: Any) -> Any:
    """What all missing cells are, if that is one thing other than None; else None."""
    try:
        gaps = values[values.isna()].tolist()
    except ArithmeticError:  # a signalling NaN of decimal
        return None
    kinds = {type(gap).__name__ for gap in gaps}
    return gaps[0] if len(kinds) == 1 and kinds <= set(GAPS) else None


# -- whether they come back -------------------------------------------------------------------------


def _is_exact(values: Any, types: set[type]) -> bool:
    import pyarrow as pa

    if any(issubclass(kind, HOLDERS) for kind in types) and any(map(_is_endless, values)):
        return False
    try:
        array = pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    if types <= {str, type(None)}:
        return True
    return has_place(array.type) and _same(array.to_pylist(), values.tolist())


def _is_endless(value: Any, above: tuple[Any, ...] = ()) -> bool:
    """Whether a cell holds itself or is nested too deep, of which pyarrow crashes."""
    if not isinstance(value, HOLDERS):
        return False
    if len(above) == DEEPEST or any(value is each for each in above):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_is_endless(part, (*above, value)) for part in inner)


def _same(left: Any, right: Any) -> bool:
    """Whether Arrow's cell equals ours; a list counts for a tuple or array: `_each_of` or a note tells those apart."""
    right = right.tolist() if hasattr(right, "tolist") and getattr(right, "ndim", 0) == 1 else right
    if isinstance(left, list) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_same, left, right))
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in right)
    if isinstance(left, (dt.datetime, dt.time)) and _zone_of(left) != _zone_of(right):
        return False
    try:
        return bool(left == right)
    except (TypeError, ValueError):  # what compares as it likes
        return False


def _zone_of(time: dt.datetime | dt.time) -> tuple[Any, str]:
    """What equal times may differ in: the offset, and the zone's name."""
    return time.utcoffset(), str(time.tzinfo)


def _is_list_to_arrow(kind: type) -> bool:
    return issubclass(kind, HOLDERS) or hasattr(kind, "tolist")


def _holds_others(value: Any) -> bool:
    """Whether a cell is, or holds, what Arrow gives back as a list and is none."""
    if isinstance(value, dict):
        return any(map(_holds_others, value.values()))
    if type(value) is list:
        return any(map(_holds_others, value))
    return isinstance(value, tuple) or hasattr(value, "tolist")


# -- tuples and arrays --------------------------------------------------------------------------------


def _each_of(values: Any, types: set[type]) -> How:
    """What every cell is, where Arrow has lists for it: tuples, or arrays of numbers of one type."""
    kinds = types - {type(None)}
    found = [value for value in values if value is not None]
    if kinds == {tuple} and not any(_holds_others(list(value)) for value in found):
        return {"each": "tuple"}
    if [kind.__name__ for kind in kinds] != ["ndarray"]:
        return {}
    dtypes = {value.dtype for value in found}
    return {"each": dtypes.pop().str} if len(dtypes) == 1 and found[0].dtype.kind in "biuf" else {}


def _maker(each: str | None) -> Callable[[Any], Any]:
    if each is None:
        return lambda value: value
    if each == "tuple":
        return tuple
    import numpy as np

    return lambda value: np.array(value, each)
