"""What a store is: one run's artifacts, to list, read and write."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, Protocol

from mlart_jupyter.models import ArtifactInfo, Payload

PAGE = 500
"""Rows of a page where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a folder's listing: folders first, then by name; `cursor` asks for the next part."""

    rows: tuple[ArtifactInfo, ...]
    cursor: str | None = None


class Store(Protocol):
    """One run's artifacts.

    Paths are relative to the run, with ``/``; each method raises `BadPath` for one that leaves it and
    `StoreUnavailable` when the store does not answer.
    """

    @property
    def ranged(self) -> bool:
        """Whether a part of a file is read without fetching all of it."""

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """List a folder: folders first, then by name; an unknown folder is empty."""

    def page(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """List a part of a folder.

        An entry that is there all the while stands on exactly one page, whatever others write.
        """

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder; None where there is none."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file for reading, at its start; it can seek.

        Raises
        ------
        UnknownArtifact
            The run has no such file.
        """

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """Read a file, or the part of it that begins at byte `start`.

        Raises
        ------
        UnknownArtifact
            The run has no such file.
        """

    def put(self, path: str, data: Payload) -> None:
        """Write a file, replacing one of that path."""

    def put_tree(self, path: str, source: Path) -> None:
        """Write a local file, or a folder with all it holds, under a path of the run."""

    def download(self, path: str, target: Path, tell: Callable[[int], object] | None = None) -> Path:
        """Copy a file or a folder into the local folder `target` and return where it is.

        Parameters
        ----------
        tell
            Is told how many bytes have come, as they come.
        """

    def delete(self, path: str) -> None:
        """Delete a file, or a folder with all it holds; what is not there is no error.

        Raises
        ------
        BadPath
            The path is the run itself.
        StoreRefused
            This storage, or MLflow for it, deletes nothing.
        """


def in_order(rows: builtins.list[ArtifactInfo]) -> builtins.list[ArtifactInfo]:
    """Sort as a folder is shown: folders first, then by name."""
    by_name = sorted(rows, key=attrgetter("path"))  # a pair for each row would keep the garbage collector busy
    return [row for row in by_name if row.is_dir] + [row for row in by_name if not row.is_dir]


def cut(rows: builtins.list[ArtifactInfo], cursor: str | None, limit: int) -> Page:
    """A page of a whole listing; the cursor is the name of the last row that was given."""
    left = sorted((row for row in rows if cursor is None or row.name > cursor), key=lambda row: row.name)
    page = left[:limit]
    return Page(tuple(in_order(page)), page[-1].name if len(left) > limit else None)
