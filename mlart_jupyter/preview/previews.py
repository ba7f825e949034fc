"""What a preview can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Value = str | float | bool | None
"""A cell of a table as JSON holds it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a file or a column: what it is about, and in words what it is."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; its bytes are asked for on their own. Width and height in pixels, where the head tells."""

    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    kind: str = "image"


@dataclass(frozen=True, slots=True)
class Media:
    """What the browser plays or shows itself: ``kind`` is ``audio``, ``video`` or ``pdf``."""

    media_type: str
    size: int
    kind: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and type in words, and what the first page tells of its values.

    Attributes
    ----------
    bars
        How many of the values stand in each of equal steps from the least to the greatest.
    """

    name: str
    type: str
    stats: tuple[Fact, ...] = ()
    bars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A page of a table.

    Attributes
    ----------
    columns
        Of the first page; empty on the later ones.
    total_rows, total_columns
        Of the whole table; None where only reading all of it would tell.
    more
        Where the next page begins, to be given as ``at``; None at the end.
    counted
        From how many rows the columns' statistics are.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total_rows: int | None
    truncated: bool
    size: int
    total_columns: int | None = None
    more: int | None = None
    counted: int = 0
    facts: tuple[Fact, ...] = ()
    note: str | None = None
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a text.

    Attributes
    ----------
    tokens
        The same text in parts, each with what it is (``keyword``, ``ansi-red bold``, …); empty for a plain text.
    more
        Where the next part begins, to be given as ``at``; None at the end.
    """

    text: str
    truncated: bool
    size: int
    kind: str = "text"
    language: str | None = None
    tokens: tuple[tuple[str, str], ...] = ()
    more: int | None = None
    facts: tuple[Fact, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """A JSON, YAML or TOML file as its values."""

    value: Any
    size: int
    language: str
    truncated: bool = False
    kind: str = "tree"


@dataclass(frozen=True, slots=True)
class Chart:
    """The specification of a chart, which a library draws when the user asks for it.

    Attributes
    ----------
    library
        ``plotly``, ``vega`` or ``bokeh``.
    below
        The specification itself, as its values or its text.
    version
        Of the library, as the chart asks for it; ``""`` where it does not say.
    """

    library: str
    below: Tree | Text
    size: int
    version: str = ""
    kind: str = "chart"


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown as a page, for which the browser must give it a sandbox: ``html``, ``markdown``, ``notebook``.

    Attributes
    ----------
    scripts
        Whether its scripts may be started, still in the sandbox, when the user asks for it.
    drawn
        Whether it needs a library's script that is not in it: what is run is asked for on its own.
    """

    html: str
    truncated: bool
    size: int
    kind: str
    scripts: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """An MLflow model: what its MLmodel file tells, and how to load it."""

    facts: tuple[Fact, ...]
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    snippet: str
    size: int
    requirements: str = ""
    kind: str = "model"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing to show, and why."""

    note: str
    size: int
    facts: tuple[Fact, ...] = field(default=())
    kind: str = "unknown"


Preview = Image | Media | Table | Text | Tree | Chart | Page | Model | Unknown
