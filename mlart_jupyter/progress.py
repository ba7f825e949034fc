"""Progress bars of what takes longer than a second, as widgets in a notebook and as text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds without a bar."""


def progress(things: Iterable[T], title: str, unit: str = "file") -> Iterator[T]:
    """Go through things, showing how far it is once that has taken a while."""
    from tqdm.auto import tqdm

    yield from tqdm(things, desc=title, unit=unit, delay=PATIENCE, leave=False)
