"""What a preview can be."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | float | bool | None
"""A cell of a table as JSON holds it."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; its bytes are asked for on their own. Width and height in pixels, where the head tells."""

    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and type, in words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of a table; `total_rows` is None where only reading all of it would tell."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total_rows: int | None
    truncated: bool
    size: int
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Text:
    """The head of a text. ``kind`` is ``text``, ``json``, ``markdown`` or ``html``."""

    text: str
    truncated: bool
    size: int
    kind: str = "text"
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing to show, and why."""

    note: str
    size: int
    kind: str = "unknown"


Preview = Image | Table | Text | Unknown
