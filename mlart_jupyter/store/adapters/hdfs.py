"""HDFS, through the pyarrow file system that MLflow's repository makes."""

from __future__ import annotations

import posixpath
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.base import Listed, missing

PACKED = {".gz", ".bz2", ".lz4", ".zst"}
"""Names by which pyarrow, in MLflow's calls, packs a file when it is written and unpacks it when it is read: its
size is not known and it has no parts."""


class Hdfs(Listed):
    """``hdfs://host:port/path``."""

    scheme = "hdfs"

    @cached_property
    def _system(self) -> Any:
        """One connection for the life of the repository, made by MLflow with its own settings."""
        from mlflow.store.artifact import hdfs_artifact_repo

        repository = self._repository
        making = hdfs_artifact_repo.hdfs_system(scheme=repository.scheme, host=repository.host, port=repository.port)
        return making.__enter__()

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`: one request, with sizes and times."""
        from pyarrow.fs import FileSelector

        try:
            rows = self._system.get_file_info(FileSelector(self._at(folder), allow_not_found=True))
        except OSError:
            row = self.info(folder)
            if row is None or not row.is_dir:
                return []
            raise
        return [self._row(join(folder, row.base_name), row) for row in rows if row.path != self._at(folder)]

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`."""
        found = self._system.get_file_info(self._at(path))
        return None if found.type.name == "NotFound" else self._row(path, found)

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        row = self.info(path)
        if row is None or row.is_dir:
            raise missing(path)
        if row.size is None:
            return self._unpacked(path, start, length)
        left = max(0, row.size - start)
        with self._system.open_input_file(self._at(path)) as file:
            return bytes(file.read_at(left if length is None else min(length, left), start))

    def _unpacked(self, path: str, start: int, length: int | None) -> bytes:
        with self._system.open_input_stream(self._at(path)) as file:
            data = file.read() if length is None else file.read(start + length)
        return bytes(data[start:])

    def delete(self, path: str) -> None:
        """See `Adapter.delete`; MLflow empties a folder but leaves it."""
        super().delete(path)
        row = self.info(path)
        if row is not None and row.is_dir:
            self._system.delete_dir(self._at(path))

    def _at(self, path: str) -> str:
        return posixpath.join(self._repository.path, path).rstrip("/")

    def _row(self, path: str, found: Any) -> ArtifactInfo:
        is_dir = found.type.name == "Directory"
        time = found.mtime.timestamp() if found.mtime else None
        size = None if is_dir or PurePosixPath(path).suffix in PACKED else found.size
        return ArtifactInfo(path, is_dir, size, time=time)
