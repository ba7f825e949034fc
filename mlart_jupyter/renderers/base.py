"""What a renderer is: a function from a shown object and its MIME bundle to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlart_jupyter.models import Rendered

Bundle = Mapping[str, Any]
"""A MIME bundle as the host has made it: media type → str (base64 for pictures), bytes or JSON."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes at which a renderer changes its way.

    Attributes
    ----------
    inline
        Frames up to this are written in the cell, but for wide and slow ones. Bytes in memory.
    budget
        Of frames over this only the head is kept. Bytes in memory.
    largest
        Nothing larger is kept. Bytes in memory.
    columns
        Frames of more columns are written after the cell, however small.
    slow_cells
        Frames of more cells that are pickled one by one (dates, decimals and the like) as well.
    """

    inline: int = 2**20
    budget: int = 256 * 2**20
    largest: int = sys.maxsize
    columns: int = 1000
    slow_cells: int = 500


@dataclass(frozen=True, slots=True)
class Deferred:
    """A snapshot whose files are made later, off the cell.

    Attributes
    ----------
    size
        Bytes that it may keep in memory until then.
    folder, title
        As in `Rendered`.
    """

    render: Callable[[], Rendered]
    size: int
    folder: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing is kept, for a reason that the user may want to know."""

    reason: str


Made = Rendered | Deferred | Skipped | None
"""What a renderer gives; None: nothing worth keeping was shown (a figure's text alone)."""


class Renderer(Protocol):
    """Turn an object into files.

    With an empty bundle the object was given by hand and the renderer makes the picture itself.
    """

    def __call__(self, obj: Any, bundle: Bundle, limits: Limits) -> Made:
        """Render."""


def joined(notes: Iterable[str | None]) -> str | None:
    """One note of several."""
    return "; ".join(note for note in notes if note) or None
