"""Frames that Arrow refuses as they are: what it has no place for becomes text, the rest stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers import exact
from mlart_jupyter.renderers.base import joined
from mlart_jupyter.renderers.labels import levels_of, text_dtype, text_of, texts

if TYPE_CHECKING:
    import pyarrow as pa

INDEX = "index"
TRIED_ROWS = 3
"""Rows that are read back: they tell a type that does not come back."""


def to_arrow(obj: Any) -> tuple[pa.Table, str | None]:
    """`exact.to_arrow`, but nothing is refused: the note says what is kept as text, or comes back as another type."""
    try:
        table, note = exact.to_arrow(obj)
        return table, joined([note, _changed(obj, table)])
    except Exception:  # pandas, Arrow, extension types and the cells' own methods raise what they like
        plain, parts = _with_texts(obj)
        table, note = exact.to_arrow(plain)
        lost = f"kept as text, for Arrow has no place for it: {', '.join(parts)}" if parts else None
        return table, joined([note, lost, "attrs are not kept" if obj.attrs else None])


def _changed(obj: Any, table: pa.Table) -> str | None:
    """Say which parts come back as another type; reading back takes a while, so only what may is tried."""
    before = _types(obj)
    if all(_is_known(kind) or (kind.name == "object" and part != INDEX) for part, kind in before):
        return None
    after = _types(exact.from_arrow(table.slice(0, TRIED_ROWS)))
    parts = [part for (part, old), (_, new) in zip(before, after, strict=True) if old != new]
    return f"comes back as another type: {', '.join(parts)}" if parts else None


def _types(obj: Any) -> list[tuple[str, Any]]:
    """Each part and its type."""
    index = [(INDEX, level.dtype) for level in levels_of(obj.index)]
    if obj.ndim == 1:
        return [*index, ("values", obj.dtype)]
    index += [("names of columns", level.dtype) for level in levels_of(obj.columns)]
    return [*index, *((text_of(name), kind) for name, kind in zip(obj.columns, obj.dtypes, strict=True))]


def _is_known(kind: Any) -> bool:
    """Whether a type always comes back: numbers, gaps in them, times, periods, the texts of pandas itself."""
    import pandas as pd

    if isinstance(kind, pd.CategoricalDtype):
        return _is_known(kind.categories.dtype)
    if isinstance(kind, pd.api.extensions.ExtensionDtype):
        is_nullable = hasattr(kind, "numpy_dtype") and not isinstance(kind, pd.ArrowDtype)
        return is_nullable or isinstance(kind, pd.PeriodDtype) or kind == text_dtype()
    return kind.kind in "biufmM"


# -- texts ------------------------------------------------------------------------------------------


def _with_texts(obj: Any) -> tuple[Any, list[str]]:
    """The same with texts for what Arrow refuses, and the names of these parts."""
    import pandas as pd

    frame = pd.DataFrame(obj, copy=False) if obj.ndim == 2 else obj.rename("0").to_frame()
    frame, parts = frame.copy(deep=False), []
    frame.attrs = {}  # they may be what cannot be copied
    if not _is_taken(lambda: pd.DataFrame(index=frame.index)):
        frame.index = _index_of_texts(frame.index)
        parts.append("index")
    if not _is_taken(lambda: pd.DataFrame(columns=frame.columns)):
        frame.columns = texts(frame.columns)
        parts.append("names of columns")
    for i, name in enumerate(frame.columns):
        values = frame.iloc[:, i].array
        if not _is_taken(lambda v=values: pd.Series(v, name="0")):  # type: ignore[misc]
            frame.isetitem(i, pd.array(_texts_of(values), dtype=object))
            parts.append(text_of(name))
    return (frame, parts) if obj.ndim == 2 else (_named(frame.iloc[:, 0], obj.name, parts), parts)


def _named(series: Any, name: Any, parts: list[str]) -> Any:
    named = series.rename(name)
    if _is_taken(lambda: named.iloc[:0]):
        return named
    parts.append("its name")
    return series.rename(text_of(name))


def _is_taken(make: Callable[[], Any]) -> bool:
    """Whether Arrow takes a part, and gives it back."""
    try:
        exact.from_arrow(exact.to_arrow(make())[0])
    except Exception:  # see `to_arrow`
        return False
    return True


def _index_of_texts(index: Any) -> Any:
    import pandas as pd

    names = [None if name is None else text_of(name) for name in index.names]
    levels = [_texts_of(level) for level in levels_of(index)]
    if index.nlevels > 1:
        return pd.MultiIndex.from_arrays(levels, names=names)
    return pd.Index(levels[0], dtype=object, name=names[0])


def _texts_of(values: Any) -> list[str | None]:
    """Each value as it reads; gaps stay gaps."""
    return [None if _is_gap(value) else text_of(value) for value in values]


def _is_gap(value: Any) -> bool:
    import pandas as pd

    try:
        found = pd.isna(value)
    except ArithmeticError:  # a signalling NaN of decimal
        return False
    return isinstance(found, bool) and found  # that of a list tells of each value in it
