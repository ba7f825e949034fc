"""Cells of mixed Python objects as JSON text, and back: what JSON has no word for is told by a letter for each cell."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from mlart_jupyter.renderers.labels import text_of

PLAIN = "-"
"""The letter of what JSON itself gives back, or nothing does."""


def told(values: Iterable[Any]) -> tuple[list[str], str]:
    """Each cell as JSON text, and a letter for each; no letters where all are plain."""
    found = list(values)
    words = [_as_json(value) for value in found]
    letters = "".join(map(_letter, found, words))
    return words, letters if letters.strip(PLAIN) else ""


def read(words: Iterable[str], letters: str) -> list[Any]:
    """The cells that `told` told, of which there may be fewer."""
    cells = [json.loads(word) for word in words]
    readers = {letter: reader for letter, _, reader in _kinds()}
    for i, letter in enumerate(letters[: len(cells)]):
        if letter != PLAIN:
            cells[i] = readers[letter](cells[i])
    return cells


def _letter(value: Any, word: str) -> str:
    """The letter by which a cell comes back as it was."""
    for letter, kind, reader in _kinds():
        if type(value) is kind:
            try:
                back = reader(json.loads(word))
                return letter if back is value or back == value else PLAIN
            except (ValueError, ArithmeticError):  # it reads otherwise than it was written
                return PLAIN
    return PLAIN


@cache
def _kinds() -> tuple[tuple[str, type, Callable[[Any], Any]], ...]:
    """Letters, types, and how each is read from its text."""
    import pandas as pd

    return (
        ("t", pd.Timestamp, pd.Timestamp),
        ("d", pd.Timedelta, pd.Timedelta),
        ("p", pd.Period, pd.Period),
        ("T", dt.datetime, dt.datetime.fromisoformat),
        ("D", dt.date, dt.date.fromisoformat),
        ("c", decimal.Decimal, decimal.Decimal),
        ("n", type(pd.NaT), lambda word: pd.NaT),
        ("a", type(pd.NA), lambda word: pd.NA),
    )


def _as_json(value: Any) -> str:
    try:
        return json.dumps(_with_keys(value), default=_plain_or_text)
    except (TypeError, ValueError, RecursionError):  # it holds itself, or a number that JSON has not
        return json.dumps(text_of(value))


def _with_keys(value: Any) -> Any:
    """The same with texts for keys that JSON does not have."""
    if isinstance(value, dict):
        return {key if isinstance(key, (str, int, float)) else text_of(key): _with_keys(v) for key, v in value.items()}
    return [_with_keys(part) for part in value] if isinstance(value, (list, tuple)) else value


def _plain_or_text(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else text_of(value)
