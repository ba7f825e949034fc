"""Keeping a spool clean: what may be removed, and what an audit finds wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlart_jupyter.errors import TornItem
from mlart_jupyter.spool.item import Name
from mlart_jupyter.spool.owner import server_time
from mlart_jupyter.spool.rooms import Rooms, files_in, holds_of, names_in
from mlart_jupyter.spool.spares import is_spare

STALE_SECONDS = 600.0
"""A file in tmp/ that is older is what an interrupt left."""

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an audit found wrong."""

    path: Path
    problem: str


class Sweep:
    """One pass over what interrupts and dead owners left that holds no item.

    Parameters
    ----------
    lives
        Whether the owner of a token may still deliver.
    dead_days
        How long items in dead/ are kept; None keeps them for ever.
    """

    def __init__(self, rooms: Rooms, lives: Callable[[str], bool], dead_days: float | None = None) -> None:
        self._rooms = rooms
        self._lives = lives
        self._dead_days = dead_days
        self._time: float | None = None

    def run(self) -> int:
        """Remove it; return how many files, besides spare ones, which hold nothing."""
        rooms = self._rooms
        gone = [path for path in files_in(rooms.tmp) if self._is_stale(path)]
        gone += [path for path in files_in(rooms.owners) if self._is_forsaken(path)]
        if self._dead_days is not None:
            limit = self._dead_days * DAY
            gone += [path for path in files_in(rooms.dead) if self._age(path) > limit]
        for path in gone:
            path.unlink(missing_ok=True)
        for folder in rooms.all_held():
            if not self._lives(folder.name):
                with contextlib.suppress(OSError):  # it holds items, or another sweep was first
                    folder.rmdir()
        return sum(not is_spare(path) for path in gone)

    def _is_stale(self, path: Path) -> bool:
        return not self._lives(path.name.partition("-")[0]) or self._age(path) > STALE_SECONDS

    def _is_forsaken(self, path: Path) -> bool:
        if path.suffix != ".json":  # a lease being signed, or the probe that tells the server's time
            return self._age(path) > STALE_SECONDS
        token = path.stem
        holds = holds_of(self._rooms.new, token) or any(names_in(self._rooms.held(token)))
        return not holds and not self._lives(token)

    def _age(self, path: Path) -> float:
        """Seconds since a file was written, by the clock of the file server."""
        try:
            if self._time is None:
                self._time = server_time(self._rooms.owners)
            return self._time - path.stat().st_mtime
        except OSError:  # it is gone, or nothing can be written here
            return 0.0


def check(rooms: Rooms, peek: Callable[[Path, Name], object]) -> list[Finding]:
    """Audit all of a spool; an empty list is a clean one."""
    found: list[Finding] = []
    for folder in rooms.with_items():
        found += [Finding(path, "is no item") for path in files_in(folder) if _is_strange(path)]
        found += [
            Finding(folder / str(name), problem)
            for name in names_in(folder)
            if (problem := _damage(folder / str(name), name, peek))
        ]
    bare = [name for name in names_in(rooms.dead) if not (rooms.dead / f"{name}.json").exists()]
    return found + [
        Finding(rooms.dead / str(name), "has no reason beside it")
        for name in bare
        if (rooms.dead / str(name)).exists()  # not revived meanwhile
    ]


def _is_strange(path: Path) -> bool:
    return Name.parse(path.name) is None and path.suffix != ".json"


def _damage(path: Path, name: Name, peek: Callable[[Path, Name], object]) -> str:
    try:
        peek(path, name)
    except TornItem:
        if not path.exists():  # delivered meanwhile: its file may hold the next item
            return ""
        return "is damaged: its bytes are not those that its name tells"
    except FileNotFoundError:
        return ""  # delivered while the audit looked
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    return ""
