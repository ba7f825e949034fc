"""Frames that Arrow refuses as they are: what it has no place for becomes text, the rest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers import exact
from mlart_jupyter.renderers.base import joined
from mlart_jupyter.renderers.labels import text_of, texts

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(obj: Any) -> tuple[pa.Table, str | None]:
    """`exact.to_arrow`, but nothing is refused: the note says what is kept as text."""
    try:
        return exact.to_arrow(obj)
    except Exception:  # pandas, Arrow, extension types and the cells' own methods raise what they like
        plain, parts = _with_texts(obj)
        table, note = exact.to_arrow(plain)
        return table, joined([note, f"kept as text, for Arrow has no place for it: {', '.join(parts)}"])


def _with_texts(obj: Any) -> tuple[Any, list[str]]:
    """The same with texts for what Arrow refuses, and the names of these parts."""
    import pandas as pd

    frame = pd.DataFrame(obj, copy=False) if obj.ndim == 2 else obj.to_frame()
    frame, parts = frame.copy(deep=False), []
    frame.attrs = {}
    if not _is_taken(pd.DataFrame(index=frame.index)):
        frame.index = _index_of_texts(frame.index)
        parts.append("index")
    if not _is_taken(pd.DataFrame(columns=frame.columns)):
        frame.columns = texts(frame.columns)
        parts.append("names of columns")
    for i, name in enumerate(frame.columns):
        values = frame.iloc[:, i]
        if not _is_taken(pd.Series(values.array, name="0")):
            frame.isetitem(i, pd.array(_texts_of(values.array), dtype=object))
            parts.append(text_of(name))
    return (frame.iloc[:, 0] if obj.ndim == 1 else frame), parts


def _is_taken(part: Any) -> bool:
    try:
        exact.to_arrow(part)
    except Exception:  # see `to_arrow`
        return False
    return True


def _index_of_texts(index: Any) -> Any:
    import pandas as pd

    names = [None if name is None else text_of(name) for name in index.names]
    levels = [_texts_of(index.get_level_values(i)) for i in range(index.nlevels)]
    if index.nlevels > 1:
        return pd.MultiIndex.from_arrays(levels, names=names)
    return pd.Index(levels[0], dtype=object, name=names[0])


def _texts_of(values: Any) -> list[str | None]:
    """Each value as it reads; gaps stay gaps."""
    import pandas as pd

    return [None if gap else text_of(value) for value, gap in zip(values, pd.isna(values), strict=True)]
