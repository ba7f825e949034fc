"""What an adapter does, and what adapters share: listings that are kept for a moment."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, ClassVar

from mlart_jupyter.errors import StoreRefused, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join, parent
from mlart_jupyter.store.base import Page, cut

LISTING_SECONDS = 10.0
"""How long a listing that cannot be asked for by page is kept for its next pages."""
LISTINGS = 16


class Adapter:
    """One storage, seen through MLflow's repository for it.

    Paths are plain (see `paths.inside`). Errors are those of the storage's own client, except
    `UnknownArtifact` for what is not there; `RunStore` tells the others as ours.

    Parameters
    ----------
    repository
        MLflow's repository; credentials, endpoint and proxy are its own.
    """

    scheme: ClassVar[str] = ""

    def __init__(self, repository: Any) -> None:
        self._repository = repository

    @property
    def ranged(self) -> bool:
        """Whether `read` fetches only what it is asked for."""
        return True

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """A page of a folder; an unknown one, and a file, are empty."""
        raise NotImplementedError

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder."""
        raise NotImplementedError

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """Read a part of a file; shorter where the file ends."""
        raise NotImplementedError

    def put(self, path: str, file: Path) -> None:
        """Write a local file, whose name is the last part of `path`."""
        self._repository.log_artifact(str(file), parent(path) or None)

    def put_tree(self, path: str, folder: Path) -> None:
        """Write a local folder."""
        self._repository.log_artifacts(str(folder), path or None)

    def fetch(self, path: str, file: Path) -> None:
        """Copy a whole file to a local one, without the progress bar of ``download_artifacts``."""
        self._repository._download_file(path, str(file))  # noqa: SLF001  what each repository implements

    def delete(self, path: str) -> None:
        """Delete a file or a folder that is there."""
        self._repository.delete_artifacts(path)


class Listed(Adapter):
    """A storage that lists a folder only as a whole: kept for the pages that follow."""

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._listings: OrderedDict[str, tuple[float, list[ArtifactInfo]]] = OrderedDict()
        self._lock = threading.Lock()

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """All rows of a folder, in any order."""
        found = self._repository.list_artifacts(folder or None)
        return [ArtifactInfo(row.path, bool(row.is_dir), None if row.is_dir else row.file_size) for row in found]

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """See `Adapter.page`: a first page is always asked for anew."""
        with self._lock:
            made, rows = self._listings.get(folder, (0.0, []))
        if cursor is None or time.monotonic() - made > LISTING_SECONDS:
            rows = self.whole(folder)
            self._keep(folder, rows if len(rows) > limit else None)
        return cut(rows, cursor, limit)

    def _keep(self, folder: str, rows: list[ArtifactInfo] | None) -> None:
        with self._lock:
            self._listings.pop(folder, None)
            if rows is not None:
                self._listings[folder] = time.monotonic(), rows
                while len(self._listings) > LISTINGS:
                    self._listings.popitem(last=False)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: through the folder's listing, for want of a shorter way."""
        return next((row for row in self.whole(parent(path)) if row.path == path), None)


def under(root: str, path: str) -> str:
    """The key of an artifact in an object store, below the run's own."""
    return join(root, path)


def prefix_of(root: str, folder: str) -> str:
    """What the keys of a folder's content begin with."""
    key = under(root, folder)
    return f"{key}/" if key else ""


def missing(path: str) -> UnknownArtifact:
    """The error for what is not there."""
    return UnknownArtifact(f"The run has no artifact {path}", "List what it has with %mlart ls")


def end_of(start: int, length: int | None) -> int | None:
    """The last byte of a part, counted as HTTP does; None is the end of the file."""
    return None if length is None else start + length - 1


def range_header(start: int, length: int | None) -> str:
    """A part of a file as the header ``Range`` names it.

    >>> range_header(0, 10)
    'bytes=0-9'
    """
    end = end_of(start, length)
    return f"bytes={start}-{'' if end is None else end}"


def cannot_delete(what: str) -> StoreRefused:
    """The error where MLflow deletes nothing."""
    return StoreRefused(f"MLflow does not delete artifacts on {what}", "Delete them with the storage's own tools")
