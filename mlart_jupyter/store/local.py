"""A run's artifacts in a folder of this machine, without MLflow: it takes seconds to import.

A file lands by rename, so that one that is half written never shows under its name. Symbolic links that
lead out of the run are no artifacts: MLflow's own repository would follow them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mlart_jupyter.errors import StoreRefused, StoreUnavailable, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside, join

PARTIAL = ".mlart-partial-"

IMPOSSIBLE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)
"""A file where a folder is, a folder where a file is, a name too long: trying again is useless."""


def local_folder(artifact_uri: str) -> Path | None:
    """The folder that an artifact URI names; None when it is not on this machine."""
    parts = urlsplit(artifact_uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    return Path(artifact_uri) if artifact_uri.startswith("/") else None


class LocalStore:
    """The artifacts under one folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        folder = self._path(path)
        with _told(self.root):
            try:
                with os.scandir(folder) as rows:
                    found = [info for row in rows if (info := self._info(Path(row.path), row.is_symlink()))]
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(found, key=lambda row: (not row.is_dir, row.path))

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Store.info`."""
        with _told(self.root):
            return self._info(self._path(path), is_link=True)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """See `Store.open`."""
        row = self.info(path)
        if row is None or row.is_dir:
            raise UnknownArtifact(f"The run has no artifact {path}", "List what it has with %mlart ls")
        with _told(self.root), self._path(path).open("rb") as file:
            yield file

    def read(self, path: str) -> bytes:
        """See `Store.read`."""
        with self.open(path) as file:
            return file.read()

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        with self._landing(path) as partial:
            partial.write_bytes(data)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`."""
        if source.is_file():
            with self._landing(path) as partial:
                shutil.copyfile(source, partial)
            return
        for file in sorted(p for p in source.rglob("*") if p.is_file()):
            self.put_tree(join(inside(path), file.relative_to(source).as_posix()), file)

    def download(self, path: str, target: Path) -> Path:
        """See `Store.download`."""
        row = self.info(path) if inside(path) else ArtifactInfo("", is_dir=True)
        if row is None:
            raise UnknownArtifact(f"The run has no artifact {path}", "List what it has with %mlart ls")
        wanted = target / row.name
        with _told(self.root):
            self._copy(row, wanted)
        return wanted

    def _copy(self, row: ArtifactInfo, wanted: Path) -> None:
        if not row.is_dir:
            wanted.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._path(row.path), wanted)
            return
        wanted.mkdir(parents=True, exist_ok=True)
        for below in self.list(row.path):
            self._copy(below, wanted / below.name)

    @contextlib.contextmanager
    def _landing(self, path: str) -> Iterator[Path]:
        target = self._path(path)
        partial = target.with_name(f"{PARTIAL}{secrets.token_hex(4)}")
        with _told(self.root):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                yield partial
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)

    def _path(self, path: str) -> Path:
        return self.root / inside(path)

    def _info(self, path: Path, is_link: bool) -> ArtifactInfo | None:
        if path.name.startswith(PARTIAL) or (is_link and not self._stays(path)):
            return None
        try:
            facts = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        is_dir = path.is_dir()
        name = path.relative_to(self.root).as_posix()
        return ArtifactInfo(name, is_dir, None if is_dir else facts.st_size, time=facts.st_mtime)

    def _stays(self, path: Path) -> bool:
        """Whether a path, its links followed, is still in the run."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))


@contextlib.contextmanager
def _told(root: Path) -> Iterator[None]:
    """Raise what the file system raises as one of our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in IMPOSSIBLE:
            raise StoreRefused(
                f"The run cannot hold this name ({error.strerror})", "Log it under another path"
            ) from error
        raise StoreUnavailable(
            f"The artifact folder {root} does not work ({error.strerror or error})", "It is tried again by itself"
        ) from error
