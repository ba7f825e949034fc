"""What a store is: one run's artifacts, to list, read and write."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from mlart_jupyter.models import ArtifactInfo, Payload


class Store(Protocol):
    """One run's artifacts.

    Paths are relative to the run, with ``/``; each method raises `BadPath` for one that leaves it and
    `StoreUnavailable` when the store does not answer.
    """

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """List a folder: folders first, then by name; an unknown folder is empty."""

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder; None where there is none."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file for reading, at its start.

        Raises
        ------
        UnknownArtifact
            The run has no such file.
        """

    def read(self, path: str) -> bytes:
        """Read a file whole.

        Raises
        ------
        UnknownArtifact
            The run has no such file.
        """

    def put(self, path: str, data: Payload) -> None:
        """Write a file, replacing one of that path."""

    def put_tree(self, path: str, source: Path) -> None:
        """Write a local file, or a folder with all it holds, under a path of the run."""

    def download(self, path: str, target: Path) -> Path:
        """Copy a file or a folder into the local folder `target` and return where it is."""
