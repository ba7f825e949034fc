"""Periods and intervals of pandas, which Arrow holds as numbers and as pairs: how they read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

NAME, FACTS = b"ARROW:extension:name", b"ARROW:extension:metadata"


def readable(field: pa.Field, values: list[Any]) -> tuple[str, list[Any]]:
    """The type of a column in words, and its values as a user knows them; other columns as they are."""
    try:
        name, facts = _extension(field)
        if name == "pandas.period":
            return f"period[{facts['freq']}]", _each(values, _period(facts["freq"]))
        if name == "pandas.interval":
            return "interval", _each(values, _interval(facts["closed"]))
    except (ValueError, KeyError, TypeError, OverflowError):  # not as pandas writes it
        pass
    return str(field.type), values


def _extension(field: pa.Field) -> tuple[str, dict[str, Any]]:
    """The name and the facts of a field's extension type, whether or not it was told to Arrow in this process."""
    told = getattr(field.type, "extension_name", None)
    if told is not None:
        name, facts = str(told), field.type.__arrow_ext_serialize__()
    else:
        metadata = field.metadata or {}
        name, facts = metadata.get(NAME, b"").decode(errors="replace"), metadata.get(FACTS, b"")
    return (name, json.loads(facts)) if name in ("pandas.period", "pandas.interval") else (name, {})


def _each(values: list[Any], word: Callable[[Any], str]) -> list[Any]:
    return [None if value is None else word(value) for value in values]


def _period(freq: str) -> Callable[[Any], str]:
    import pandas as pd

    return lambda ordinal: str(pd.Period(ordinal=ordinal, freq=freq))


def _interval(closed: str) -> Callable[[Any], str]:
    opening, closing = "[" if closed in ("left", "both") else "(", "]" if closed in ("right", "both") else ")"
    return lambda ends: f"{opening}{ends['left']}, {ends['right']}{closing}"
