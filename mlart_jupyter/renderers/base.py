"""What a renderer is: a function from a shown object and its MIME bundle to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mlart_jupyter.models import Rendered

Bundle = Mapping[str, Any]
"""A MIME bundle as the host has made it: media type → str (base64 for pictures), bytes or JSON."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in memory, in bytes, at which a renderer changes its way; nothing larger than `largest` is kept."""

    inline: int = 2**20
    budget: int = 256 * 2**20
    largest: int = sys.maxsize


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


class Renderer(Protocol):
    """Turn an object into files.

    With an empty bundle the object was given by hand and the renderer makes the picture itself. None
    means that nothing worth keeping was shown (a figure's text alone).
    """

    def __call__(self, obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred | None:
        """Render."""
