"""The folders of a spool and what lies in them: listing, and the move that every step is made of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlart_jupyter.spool.item import SUFFIX, Name


@dataclass(frozen=True)
class Rooms:
    """The folders below the root of one spool."""

    root: Path

    @cached_property
    def tmp(self) -> Path:
        """Items being written."""
        return self.root / "tmp"

    @cached_property
    def new(self) -> Path:
        """Whole items that wait."""
        return self.root / "new"

    @cached_property
    def dead(self) -> Path:
        """Items that can never be delivered."""
        return self.root / "dead"

    @cached_property
    def owners(self) -> Path:
        """The leases."""
        return self.root / "owners"

    def held(self, token: str) -> Path:
        """Items being delivered by an owner."""
        return self.root / "claimed" / token

    def all_held(self) -> list[Path]:
        """The folders of all owners."""
        claimed = self.root / "claimed"
        return sorted(claimed.iterdir()) if claimed.is_dir() else []

    def changed(self) -> float:
        """When something has come into new/ or left it, by the clock of the file server; 0.0 when nothing ever has."""
        try:
            return os.stat(self.new).st_mtime
        except OSError:
            return 0.0

    def with_items(self) -> list[Path]:
        """Every folder that can hold items."""
        return [self.new, self.dead, *self.all_held()]


def names_in(folder: Path) -> list[Name]:
    """The items in a folder, oldest first."""
    found = (Name.parse(text) for text in _listed(folder))
    return sorted((name for name in found if name), key=lambda name: name.made)


def holds_of(folder: Path, token: str) -> bool:
    """Whether a folder holds an item that this owner has put."""
    mark = f"-{token}-"
    try:
        with os.scandir(folder) as rows:  # up to the first one: the folder may be long
            return any(mark in row.name and row.name.endswith(SUFFIX) and row.is_file() for row in rows)
    except (FileNotFoundError, NotADirectoryError):
        return False


def files_in(folder: Path) -> Iterator[Path]:
    """The files in a folder; none where there is no folder."""
    return (folder / text for text in _listed(folder))


def _listed(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as rows:
            return [row.name for row in rows if row.is_file()]
    except (FileNotFoundError, NotADirectoryError):  # nothing was spooled yet, or nothing can be
        return []


def moved(source: Path, target: Path) -> bool:
    """Move a file by rename; False when another process was first.

    On NFS a rename may report that the source is missing after it has succeeded (the reply was lost and
    the request repeated): then the target is there.
    """
    try:
        os.rename(source, target)  # noqa: PTH104  of a path it would make the target's path anew, for each step of an item
    except FileNotFoundError:
        return target.exists()
    return True


def reason_of(path: Path) -> str:
    """Why an item lies in dead/, as the file beside it says."""
    try:
        return str(json.loads(path.read_text())["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return "no reason was written"
