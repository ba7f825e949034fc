"""HDFS, through one pyarrow file system like those that MLflow's repository makes for each call."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.base import Listed, missing

PACKED = {".gz", ".bz2", ".lz4", ".zst"}
"""Names by which pyarrow, in MLflow's calls, packs a file when it is written and unpacks it when it is read: its
size is not known and it has no parts."""

BLOCKS = "dfs.client.block.write.locateFollowingBlock"
BRISK = {f"{BLOCKS}.initial.delay.ms": "10", f"{BLOCKS}.retries": "11"}
"""A writer that closes a small file is nearly always a moment too early and asks again, by default after 400 ms; so it
asks after 10, and doubles that until it has waited 20 s in all (by default 12 s)."""
PIECE = 2**20
AT_ONCE = 8
"""Files of a folder that are written at the same time."""


class Hdfs(Listed):
    """``hdfs://host:port/path``."""

    scheme = "hdfs"

    @cached_property
    def _system(self) -> Any:
        """One connection for the life of the repository, with the settings that MLflow's own have."""
        from mlflow.environment_variables import (
            MLFLOW_KERBEROS_TICKET_CACHE,
            MLFLOW_KERBEROS_USER,
            MLFLOW_PYARROW_EXTRA_CONF,
        )
        from pyarrow.fs import HadoopFileSystem

        scheme, host, port = self._repository.scheme, self._repository.host, self._repository.port
        theirs = (MLFLOW_PYARROW_EXTRA_CONF.get() or "").split(",")
        return HadoopFileSystem(
            host=f"{scheme}://{host}" if host else "default",
            port=port or 0,
            user=MLFLOW_KERBEROS_USER.get(),
            kerb_ticket=MLFLOW_KERBEROS_TICKET_CACHE.get(),
            extra_conf=BRISK | dict(pair.split("=", 1) for pair in theirs if pair),
        )

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`: one request, with sizes and times."""
        return [self._row(join(folder, row.base_name), row) for row in self._below(folder)]

    def _below(self, path: str) -> list[Any]:
        """What a folder holds; nothing where there is none.

        Raises
        ------
        PermissionError
            One may not see it.
        """
        from pyarrow.fs import FileSelector

        try:
            rows = self._system.get_file_info(FileSelector(self._at(path)))
        except PermissionError:
            if not self._is_below_a_file(path):
                raise
            return []
        except OSError:
            if self._system.get_file_info(self._at(path)).type.name == "Directory":
                raise
            return []
        return [row for row in rows if row.path != self._at(path)]

    def _is_below_a_file(self, path: str) -> bool:
        """Whether there can be nothing at a path: HDFS says that one may not look below a file."""
        above = [self._at(str(folder)) for folder in PurePosixPath(path).parents]
        return any(row.type.name == "File" for row in self._system.get_file_info(above))

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: pyarrow does not find what one may not see, and only a listing says so."""
        found = self._system.get_file_info(self._at(path))
        if found.type.name == "NotFound":
            self._below(path)
            return None
        return self._row(path, found)

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

    def put(self, path: str, file: Path) -> None:
        """See `Adapter.put`."""
        with file.open("rb") as source, self._system.open_output_stream(self._at(path)) as target:
            shutil.copyfileobj(source, target, PIECE)

    def put_tree(self, path: str, folder: Path) -> None:
        """See `Adapter.put_tree`: several files at a time, for each waits until the cluster has it."""
        files = list(self._made(path, folder))
        with ThreadPoolExecutor(AT_ONCE, "mlart-hdfs") as pool:
            for _ in pool.map(self.put, *zip(*files, strict=True)) if files else ():
                pass

    def _made(self, path: str, folder: Path) -> Iterator[tuple[str, Path]]:
        """Make the folders of a tree, and give where its files go."""
        for place, _, names in os.walk(folder):
            below = posixpath.join(path, *Path(place).relative_to(folder).parts)
            self._system.create_dir(self._at(below), recursive=True)
            for name in names:
                yield join(below, name), Path(place, name)

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
