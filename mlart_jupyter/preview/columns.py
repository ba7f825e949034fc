"""What all tables share: cells as JSON holds them, and what a column's values tell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mlart_jupyter.preview.previews import Column, Fact, Value

ROWS = 200
"""Rows of a page."""
COLUMNS = 200
CELL_CHARACTERS = 500
SAMPLED_CELLS = 200_000
BARS = 12
MISSING = (None, "")


def cell(value: Any) -> Value:
    """A cell as JSON holds it; JSON has no infinities, and JavaScript no integers beyond 2⁵³."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and abs(value) < 2**53:
        return value
    return _words(value)[:CELL_CHARACTERS]


def _words(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of more digits than Python likes to write
        return "a very long number"


def padded(row: Sequence[Any], width: int) -> tuple[Value, ...]:
    """A row of exactly so many cells."""
    cells = [cell(value) for value in row[:width]]
    return (*cells, *[None] * (width - len(cells)))


def sampled_rows(columns: int) -> int:
    """How many rows are read for the statistics of so many columns."""
    return max(ROWS, min(2000, SAMPLED_CELLS // max(columns, 1)))


def described(name: str, kind: str, values: Sequence[Any]) -> Column:
    """A column with what its values tell; texts that are all numbers count as numbers."""
    name = name[:CELL_CHARACTERS]
    there = [value for value in values if value not in MISSING]
    missing = Fact("missing", f"{len(values) - len(there):,}")
    numbers = _numbers(there)
    if numbers:
        label = "number" if kind == "text" else kind
        return Column(name, label, (missing, *_spread(numbers)), _bars(numbers))
    return Column(name, kind, (missing, *_variety(there)))


def _numbers(values: Sequence[Any]) -> list[float]:
    """The finite values as numbers; empty when one is none."""
    try:
        numbers = [float(value) for value in values if not isinstance(value, bool)]
    except (TypeError, ValueError, OverflowError):
        return []
    return [number for number in numbers if math.isfinite(number)] if len(numbers) == len(values) else []


def _spread(numbers: Sequence[float]) -> Iterable[Fact]:
    yield Fact("least", f"{min(numbers):.6g}")
    yield Fact("mean", f"{math.fsum(number / len(numbers) for number in numbers):.6g}")
    yield Fact("greatest", f"{max(numbers):.6g}")


def _variety(values: Sequence[Any]) -> Iterable[Fact]:
    counted = Counter(_words(value)[:CELL_CHARACTERS] for value in values)
    yield Fact("distinct", f"{len(counted):,}")
    for word, count in counted.most_common(1):
        if count > 1:
            yield Fact("most often", f"{word[:40]} ({count:,}×)")


def _bars(numbers: Sequence[float]) -> tuple[int, ...]:
    low, high = min(numbers), max(numbers)
    width = high / BARS - low / BARS
    if not width or not math.isfinite(width):
        return ()
    counts = [0] * BARS
    for number in numbers:
        counts[min(int((number - low) / width), BARS - 1)] += 1
    return tuple(counts)
