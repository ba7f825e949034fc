"""Tab completion of ``%mlart``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mlart_jupyter.errors import MlartError
from mlart_jupyter.kernel.arguments import mlart_parser
from mlart_jupyter.services import current


def complete_mlart(shell: Any, event: Any) -> list[str]:
    """Complete a subcommand, then what it takes: paths in the run, runs or notebooks on disk."""
    words = event.line.split()
    typing_first = len(words) < 2 or (len(words) == 2 and not event.line.endswith(" "))
    found = mlart_parser().commands if typing_first else TAKES.get(words[1], _nothing)(event.symbol)
    return sorted(name for name in found if name.startswith(event.symbol))


def _nothing(start: str) -> Iterable[str]:
    return ()


def _paths(start: str) -> Iterable[str]:
    folder = start.rpartition("/")[0]
    try:
        rows = current().artifacts().list(folder)
    except MlartError:
        return ()
    return (row.path + ("/" if row.is_dir else "") for row in rows)


def _runs(start: str) -> Iterable[str]:
    """This session's runs, by their names; one whose name is not a single word by its id."""
    runs = current().words.runs
    return {run.name if run.name and len(run.name.split()) == 1 else run.run_id for run in runs}


def _files(start: str) -> Iterable[str]:
    """Folders, and notebooks."""
    head = start[: start.rfind("/") + 1]
    try:
        below = list(Path(head or ".").expanduser().iterdir())
    except OSError:
        return ()
    names = (path.name + ("/" if path.is_dir() else "") for path in below)
    return (head + name for name in names if name.endswith(("/", ".ipynb")) and not name.startswith("."))


TAKES: dict[str, Callable[[str], Iterable[str]]] = {
    "ls": _paths,
    "show": _paths,
    "get": _paths,
    "checkout": _runs,
    "diff": _runs,
    "notebook": _files,
}
