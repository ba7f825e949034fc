"""Tab completion of ``%mlart``."""

from __future__ import annotations

from typing import Any

from mlart_jupyter.errors import MlartError
from mlart_jupyter.kernel.arguments import mlart_parser
from mlart_jupyter.services import current

TAKES_PATHS = ("ls", "show", "get")


def complete_mlart(shell: Any, event: Any) -> list[str]:
    """Complete a subcommand, then paths of the run's artifacts."""
    words = event.line[: len(event.line)].split()
    typing_first = len(words) < 2 or (len(words) == 2 and not event.line.endswith(" "))
    if typing_first:
        return [word for word in mlart_parser().commands if word.startswith(event.symbol)]
    return _paths(event.symbol) if words[1] in TAKES_PATHS else []


def _paths(start: str) -> list[str]:
    folder = start.rpartition("/")[0]
    try:
        rows = current().artifacts().list(folder)
    except MlartError:
        return []
    names = (row.path + ("/" if row.is_dir else "") for row in rows)
    return [name for name in names if name.startswith(start)]
