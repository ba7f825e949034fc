"""SFTP, through the pool of connections that MLflow's repository holds."""

from __future__ import annotations

import posixpath
import stat
from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.base import Listed, missing


class Sftp(Listed):
    """``sftp://user@host/path``."""

    scheme = "sftp"

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`: one request, with sizes and times."""
        with self._connection() as connection:
            try:
                found = connection.listdir_attr(self._at(folder))
            except FileNotFoundError:
                return []
            except OSError:
                if self._is_file(connection, folder):
                    return []
                raise
        rows = [_row(join(folder, attributes.filename), attributes) for attributes in found]
        return [row for row in rows if row is not None]

    def _is_file(self, connection: Any, path: str) -> bool:
        try:
            return not stat.S_ISDIR(connection.stat(self._at(path)).st_mode)
        except OSError:
            return False

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`."""
        with self._connection() as connection:
            try:
                return _row(path, connection.stat(self._at(path)))
            except OSError as error:
                if isinstance(error, FileNotFoundError) or "ailure" in str(error) or "irectory" in str(error):
                    return None
                raise

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        row = self.info(path)
        if row is None or row.is_dir:
            raise missing(path)
        with self._connection() as connection, connection.open(self._at(path), "rb") as file:
            file.seek(start)
            return bytes(file.read(max(0, (row.size or 0) - start) if length is None else length))

    def _connection(self) -> Any:
        return self._repository.pool.get_sftp_connection()

    def _at(self, path: str) -> str:
        return posixpath.join(self._repository.path, path)


def _row(path: str, attributes: Any) -> ArtifactInfo | None:
    """A row; links and devices are no artifacts: a link could lead out of the run."""
    mode = attributes.st_mode or 0
    if stat.S_ISDIR(mode):
        return ArtifactInfo(path, is_dir=True, time=attributes.st_mtime)
    if not stat.S_ISREG(mode):
        return None
    return ArtifactInfo(path, is_dir=False, size=attributes.st_size, time=attributes.st_mtime)
