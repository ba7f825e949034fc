"""Labels of rows and columns as JSON, which has no times, tuples or gaps of its own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

ADDRESS = re.compile(r"(<(?:[^<>'\"]|<lambda>|<locals>)*) at 0x[0-9A-Fa-f]+")
"""As `object.__repr__` tells it."""
ARROWS_OWN = "__index_level_"
"""How Arrow names what has no name, and takes for such when it reads."""


@cache
def text_dtype() -> Any:
    """The dtype that pandas itself gives to text labels, the only one that Parquet restores."""
    import pandas as pd

    return pd.Index(["a"]).dtype


def levels_of(index: Any) -> list[Any]:
    """The labels of each level of an index, with its name: `get_level_values` takes a number for a name first."""
    unnamed = index.set_names([None] * index.nlevels)
    return [unnamed.get_level_values(i).rename(name) for i, name in enumerate(index.names)]


def label(value: Any) -> Any:
    """A label as JSON: what JSON does not have is told by its wrapping."""
    import pandas as pd

    if isinstance(value, tuple):
        return {"tuple": [label(part) for part in value]}
    if value is pd.NaT or value is pd.NA:
        return {"gap": str(value)}
    for kind, name in ((pd.Timestamp, "time"), (dt.datetime, "datetime"), (dt.date, "date")):
        if isinstance(value, kind):
            return {name: value.isoformat()}
    value = value.item() if hasattr(value, "item") else value
    return value if value is None or isinstance(value, (str, bool, int, float)) else text_of(value)


def unlabel(value: Any) -> Any:
    """The label that `label` told."""
    import pandas as pd

    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "tuple":
        return tuple(unlabel(part) for part in inner)
    if kind == "gap":
        return pd.NA if inner == str(pd.NA) else pd.NaT
    read = {"time": pd.Timestamp, "datetime": dt.datetime.fromisoformat, "date": dt.date.fromisoformat}
    return read[kind](inner)


def labels(values: Iterable[Any], notes: list[str]) -> list[Any]:
    """Labels as JSON, with a note where some come back as others."""
    values = list(values)
    told = [label(value) for value in values]
    if any(_is_other(new, old) for new, old in zip(map(unlabel, told), values, strict=True)):
        notes.append("labels of other types are kept as text")
    return told


def _is_other(new: Any, old: Any) -> bool:
    try:
        return new is not old and bool(new != old) and not (new != new and old != old)
    except (TypeError, ValueError):  # a label that compares as it likes
        return True


def texts(values: Iterable[Any]) -> list[str]:
    """Unique names for labels: as they read, or their numbers where these meet."""
    found = [text_of(value) for value in values]
    clear = len(set(found)) == len(found) and not any(text.startswith(ARROWS_OWN) for text in found)
    return found if clear else [str(i) for i in range(len(found))]


def text_of(value: Any) -> str:
    """How anything reads, in characters that a file can hold; a type's name where it does not tell.

    The same each time: without the address that an object has in memory, and a set in one order.
    """
    try:
        text = _reading(value)
    except Exception:  # its own method raises what it likes
        text = f"<{type(value).__name__}>"
    return text.encode(errors="replace").decode()


def _reading(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    is_set = isinstance(value, (set, frozenset)) and len(value) > 0
    return ADDRESS.sub(r"\1", f"{{{', '.join(sorted(map(repr, value)))}}}" if is_set else str(value))
