"""What changed from one notebook to another, by the sources of its cells; nbdime tells which belong together."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from typing import Any

from mlart_jupyter.errors import MlartError

MOST_CHANGES = 200
MOST_LINES = 500
"""Of one cell."""

Line = tuple[str, str]
"""``+``, ``-`` or a space, and the text."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that is not what it was.

    Attributes
    ----------
    kind
        ``added``, ``removed`` or ``changed``.
    at
        Where the cell is in the notebook before, or would be; from 0.
    lines
        Its source, each line with what became of it.
    """

    kind: str
    at: int
    cell_type: str
    lines: tuple[Line, ...]


def changed_cells(before: bytes, after: Sequence[dict[str, Any]], name: str) -> list[Change]:
    """What changed from a notebook to these cells (``cell_type`` and ``source``), up to `MOST_CHANGES`.

    Raises
    ------
    MlartError
        nbdime is not installed, or the first is no notebook.
    """
    _need_nbdime()
    from nbdime.diffing.notebooks import diff_notebooks

    old, new = _bare(parsed(before, name).cells), _bare(after)
    [cells] = [each.diff for each in diff_notebooks(old, new) if each.key == "cells"] or [[]]
    return [change for at, steps in groupby(cells, _place) for change in _changes(old.cells, at, steps)][:MOST_CHANGES]


def _place(step: Any) -> int:
    at: int = step.key
    return at


def _bare(cells: Sequence[Any]) -> Any:
    """A notebook of the sources alone: nbdime's own choice of what to compare is one for the whole process."""
    from nbformat import NotebookNode

    rest: dict[str, Any] = {"metadata": NotebookNode(), "outputs": []}
    sources = [NotebookNode(cell_type=cell["cell_type"], source=cell["source"], **rest) for cell in cells]
    return NotebookNode(cells=sources, metadata=NotebookNode(), nbformat=4, nbformat_minor=4)


def _changes(cells: Sequence[Any], at: int, steps: Iterable[Any]) -> Iterator[Change]:
    """What nbdime does at one place; cells that come where others go have changed."""
    from nbdime import patch

    added, removed = list[Any](), 0
    for step in steps:
        if step.op == "patch":
            new = patch(cells[at], step.diff)
            yield Change("changed", at, new.cell_type, _lines(cells[at].source, new.source))
        elif step.op == "removerange":
            removed = step.length
        else:
            added += step.valuelist
    for number, (old, new) in enumerate(zip_longest(cells[at : at + removed], added)):
        kind = "added" if old is None else "removed" if new is None else "changed"
        lines = _lines(old.source if old else "", new.source if new else "")
        yield Change(kind, at + number, (new or old).cell_type, lines)


def _lines(before: str, after: str) -> tuple[Line, ...]:
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            lines += [(" ", line) for line in old[a:b]]
        else:
            lines += [("-", line) for line in old[a:b]] + [("+", line) for line in new[c:d]]
    return tuple(lines[:MOST_LINES])


def difference(before: bytes, after: bytes, names: tuple[str, str]) -> str:
    """What changed from one notebook to another, cell by cell, by the sources only; ``""`` when nothing did.

    Raises
    ------
    MlartError
        nbdime is not installed, or one of them is no notebook.
    """
    _need_nbdime()
    from nbdime.diffing.notebooks import diff_notebooks, set_notebook_diff_targets
    from nbdime.prettyprint import PrettyPrintConfig, pretty_print_notebook_diff

    books = [parsed(data, name) for data, name in zip((before, after), names, strict=True)]
    set_notebook_diff_targets(
        sources=True, outputs=False, attachments=False, metadata=False, identifier=False, details=False
    )
    try:
        changes = diff_notebooks(*books)
    finally:
        set_notebook_diff_targets()
    out = io.StringIO()
    if changes:
        config = PrettyPrintConfig(out=out, use_color=False, use_git=False, use_diff=False)
        pretty_print_notebook_diff(*names, books[0], changes, config)
    return out.getvalue()


def _need_nbdime() -> None:
    if importlib.util.find_spec("nbdime") is None:
        raise MlartError("nbdime is not installed", "Install it with `pip install 'mlart-jupyter[diff]'`")


def parsed(data: bytes, name: str) -> Any:
    """Read a notebook; `name` is how an error calls it.

    Raises
    ------
    MlartError
        It is none.
    """
    import nbformat

    try:
        return nbformat.reads(data.decode(), as_version=4)
    except (ValueError, AttributeError, KeyError) as error:
        words = str(error).partition("\n")[0][:200]
        raise MlartError(f"{name} is no notebook ({words})", "Name another one, or save it again") from error
