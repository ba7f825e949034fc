"""A folder of this machine that is reached as a URI: what `LocalStore` does, for MLflow's own follows links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store.adapters.base import Adapter
from mlart_jupyter.store.base import Page
from mlart_jupyter.store.local import LocalStore


class Local(Adapter):
    """``file:///folder``."""

    scheme = "file"

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._store = LocalStore(Path(repository.artifact_dir))

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """See `Adapter.page`."""
        return self._store.page(folder, cursor, limit)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`."""
        return self._store.info(path)

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        return self._store.read(path, start, length)

    def put(self, path: str, file: Path) -> None:
        """See `Adapter.put`."""
        self._store.put_tree(path, file)

    def put_tree(self, path: str, folder: Path) -> None:
        """See `Adapter.put_tree`."""
        self._store.put_tree(path, folder)

    def delete(self, path: str) -> None:
        """See `Adapter.delete`."""
        self._store.delete(path)
