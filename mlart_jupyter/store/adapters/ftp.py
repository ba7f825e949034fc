"""FTP, through the connections that MLflow's repository opens."""

from __future__ import annotations

import calendar
import contextlib
import ftplib
import posixpath
import time
from collections.abc import Iterator
from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.base import Listed, cannot_delete, missing

BLOCK = 64 * 1024


class Ftp(Listed):
    """``ftp://user:password@host/path``."""

    scheme = "ftp"

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`: one request where the server knows MLSD, else MLflow's own way."""
        with self._client() as ftp:
            if not self._enter(ftp, folder):
                return []
            try:
                found = list(ftp.mlsd(facts=["type", "size", "modify"]))
            except ftplib.error_perm:
                return super().whole(folder)
        rows = [_row(join(folder, name), facts) for name, facts in found]
        return [row for row in rows if row is not None]

    @contextlib.contextmanager
    def _client(self) -> Iterator[ftplib.FTP]:
        """A connection that is closed after an error too, which MLflow's own is not."""
        with self._repository.get_ftp_client() as ftp, contextlib.closing(ftp):
            yield ftp

    def _enter(self, ftp: Any, folder: str) -> bool:
        try:
            ftp.cwd(self._at(folder))
        except ftplib.error_perm as error:
            if str(error).startswith("550"):
                return False
            raise
        return True

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`: the transfer begins at `start` and is broken off at the end of the part."""
        if length == 0:
            return b""
        with self._client() as ftp:
            ftp.voidcmd("TYPE I")
            try:
                transfer = ftp.transfercmd(f"RETR {self._at(path)}", rest=start or None)
            except ftplib.error_perm as error:
                if str(error).startswith("550"):
                    raise missing(path) from error
                if str(error).startswith("554"):  # past the end
                    return b""
                raise
            with contextlib.closing(transfer):
                return _take(transfer, length)

    def delete(self, path: str) -> None:
        """MLflow has no deletion for FTP."""
        raise cannot_delete("FTP")

    def _at(self, path: str) -> str:
        return posixpath.join(self._repository.path, path) if path else self._repository.path


def _take(transfer: Any, length: int | None) -> bytes:
    parts, left = [], length
    while left is None or left > 0:
        part = transfer.recv(BLOCK if left is None else min(BLOCK, left))
        if not part:
            break
        parts.append(part)
        left = None if left is None else left - len(part)
    return b"".join(parts)


def _row(path: str, facts: dict[str, str]) -> ArtifactInfo | None:
    kind, changed = facts.get("type"), facts.get("modify")
    when = float(calendar.timegm(time.strptime(changed[:14], "%Y%m%d%H%M%S"))) if changed else None
    if kind == "dir":
        return ArtifactInfo(path, is_dir=True, time=when)
    return ArtifactInfo(path, is_dir=False, size=int(facts["size"]), time=when) if kind == "file" else None
