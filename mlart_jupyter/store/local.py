"""A run's artifacts in a folder of this machine, without MLflow: it takes seconds to import.

A file lands by rename, so that one that is half written never shows under its name. Symbolic links that
lead out of the run are no artifacts: MLflow's own repository would follow them.
"""

from __future__ import annotations

import contextlib
import errno
import heapq
import os
import secrets
import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from stat import S_ISDIR
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mlart_jupyter.errors import BadPath, NameTaken, StoreRefused, StoreUnavailable, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside, join
from mlart_jupyter.store.base import PAGE, Page, in_order
from mlart_jupyter.store.copying import Tell, copy

PARTIAL = ".mlart-partial-"

NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
"""What file systems say that have no hard links."""
IMPOSSIBLE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)
"""A file where a folder is, a folder where a file is, a name too long: trying again is useless."""


def local_folder(artifact_uri: str) -> Path | None:
    """The folder that an artifact URI names; None when it is not on this machine."""
    parts = urlsplit(artifact_uri)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    return Path(artifact_uri) if artifact_uri.startswith("/") else None


@lru_cache(maxsize=64)
def disk_of(folder: Path) -> int | None:
    """Number of the file system that holds a folder, or will; None when none can be asked."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            return place.stat().st_dev
    return None


class LocalStore:
    """The artifacts under one folder."""

    ranged = True

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self._own: dict[Path, tuple[int, int]] = {}

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        folder = self._path(path)
        with _told(self.root):
            try:
                if not self._stays(folder):
                    return []
                with os.scandir(folder) as rows:
                    found = [info for row in rows if (info := self._row(inside(path), row))]
            except (FileNotFoundError, NotADirectoryError):
                return []
        return in_order(found)

    def page(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """See `Store.page`: the names of all, the facts of those on the page alone."""
        folder = self._path(path)
        with _told(self.root):
            try:
                names = os.listdir(folder) if self._stays(folder) else []
            except (FileNotFoundError, NotADirectoryError):
                return Page(())
            left = names if cursor is None else [name for name in names if name > cursor]
            given = heapq.nsmallest(limit + 1, left)
            paths = [folder / name for name in given[:limit]]
            rows = [row for path in paths if (row := self._info(path, path.is_symlink()))]
        return Page(tuple(in_order(rows)), given[limit - 1] if len(given) > limit else None)

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

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """See `Store.read`."""
        with self.open(path) as file:
            file.seek(start)
            return file.read(-1 if length is None else length)

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        with self._landing(path) as partial:
            partial.write_bytes(data)

    def put_new(self, path: str, data: Payload) -> None:
        """As `put`, where nothing is yet: of two processes that put one name at once, one is told.

        Raises
        ------
        NameTaken
            There is a file.
        """
        with self._landing(path, is_new=True) as partial:
            partial.write_bytes(data)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`."""
        if source.is_file():
            with self._landing(path) as partial:
                shutil.copyfile(source, partial)
            return
        for file in sorted(p for p in source.rglob("*") if p.is_file()):
            self.put_tree(join(inside(path), file.relative_to(source).as_posix()), file)

    def download(self, path: str, target: Path, tell: Tell | None = None) -> Path:
        """See `Store.download`."""
        with _told(self.root):
            return copy(self, path, target, tell=tell)

    def delete(self, path: str) -> None:
        """See `Store.delete`: a link goes, what it leads to stays."""
        target = self._path(path)
        if target == self.root:
            raise BadPath("This is the run itself", "Name a file or folder in it")
        with _told(self.root):
            if not self._stays(target.parent):
                raise _leads_out(path)
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    target.unlink()

    @contextlib.contextmanager
    def _landing(self, path: str, *, is_new: bool = False) -> Iterator[Path]:
        target = self._path(path)
        folder = target.parent
        partial = folder / f"{PARTIAL}{secrets.token_hex(4)}"
        with _told(self.root):
            if not self._is_own(folder):
                raise _leads_out(path)
            try:
                yield partial
                if not (is_new and _has_linked(partial, target)):
                    os.replace(partial, target)  # noqa: PTH105  of a path it would make the target's anew
            except BaseException:
                partial.unlink(missing_ok=True)
                raise

    def _is_own(self, folder: Path) -> bool:
        """Whether a folder, made if there is none, is in the run: asked again when it has become another one."""
        try:
            facts = folder.stat()
        except FileNotFoundError:
            if not self._stays(folder):
                return False
            folder.mkdir(parents=True, exist_ok=True)
            facts = folder.stat()
        identity = facts.st_dev, facts.st_ino
        if self._own.get(folder) != identity:
            if not self._stays(folder):
                return False
            self._own[folder] = identity
        return True

    def _path(self, path: str) -> Path:
        return self.root / inside(path)

    def _row(self, folder: str, row: os.DirEntry[str]) -> ArtifactInfo | None:
        """As `_info`, of a listed entry."""
        if row.is_symlink():
            return self._info(Path(row.path), is_link=True)
        if row.name.startswith(PARTIAL):
            return None
        try:
            facts, is_dir = row.stat(follow_symlinks=False), row.is_dir(follow_symlinks=False)
        except FileNotFoundError:
            return None
        return ArtifactInfo(join(folder, row.name), is_dir, None if is_dir else facts.st_size, time=facts.st_mtime)

    def _info(self, path: Path, is_link: bool) -> ArtifactInfo | None:
        try:
            facts = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if path.name.startswith(PARTIAL) or (is_link and not self._stays(path)):
            return None
        is_dir = S_ISDIR(facts.st_mode)
        name = path.relative_to(self.root).as_posix()
        return ArtifactInfo(name, is_dir, None if is_dir else facts.st_size, time=facts.st_mtime)

    def _stays(self, path: Path) -> bool:
        """Whether a path, its links followed, is still in the run."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))


def _leads_out(path: str) -> BadPath:
    return BadPath(f"{path!r} follows a link that leaves the run", "Name a folder of the run itself")


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


def _has_linked(partial: Path, target: Path) -> bool:
    """Give a file its name, if nothing has it; False where the file system has no such way."""
    try:
        os.link(partial, target)
    except FileExistsError as error:
        raise NameTaken(f"There is a file {target.name} already", "Take another name") from error
    except OSError as error:
        if error.errno in NO_LINKS:
            return False
        raise
    partial.unlink()
    return True
