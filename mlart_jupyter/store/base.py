"""What a store is: one run's artifacts, to list, read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mlart_jupyter.models import ArtifactInfo


class Store(Protocol):
    """One run's artifacts.

    Paths are relative to the run, with ``/``; each method raises `BadPath` for one that leaves it and
    `StoreUnavailable` when the store does not answer.
    """

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """List a folder: folders first, then by name; an unknown folder is empty."""

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder; None where there is none."""

    def read(self, path: str) -> bytes:
        """Read a file.

        Raises
        ------
        UnknownArtifact
            The run has no such file.
        """

    def put(self, path: str, data: bytes | memoryview) -> None:
        """Write a file, replacing one of that path."""

    def put_tree(self, path: str, source: Path) -> None:
        """Write a local file, or a folder with all it holds, under a path of the run."""

    def download(self, path: str, target: Path) -> Path:
        """Copy a file or a folder into the local folder `target` and return where it is."""
