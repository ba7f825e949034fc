"""What the folders of one run hold, as its store tells it and as this process has written it.

A folder is listed anew before a name in it is taken, for another session or the user may have put
something there since; but a listing that is slow is repeated the less often for it, so that a folder of a
hundred thousand files on a remote store costs a tenth of the time at most. A store that is near is asked for
the name alone.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from mlart_jupyter.errors import MlartError, NameTaken
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import parent, told_apart
from mlart_jupyter.store import LocalStore

PATIENCE = 10.0
"""A listing is good for so many times what it took."""
CHUNK = 2**20
REMEMBERED = 4096
"""Files of a near store whose digests are known without reading them: a long session is not to grow with each."""


class Destination(Protocol):
    """What a delivery needs of a `Store`."""

    def list(self, path: str = "") -> Sequence[ArtifactInfo]:
        """See `Store.list`."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """See `Store.open`."""

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder; None where there is none."""

    def read(self, path: str) -> bytes:
        """Read a file whole."""

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A file that the store holds; ``sha256`` is None where only its size is known."""

    size: int | None
    sha256: str | None = None


class Shelves:
    """One run's folders; looked at by one delivery at a time, while its transfers report.

    Parameters
    ----------
    is_near
        To ask the store for one name is quicker than to list a folder.
    """

    def __init__(self, store: Destination, *, is_near: bool = False) -> None:
        self._store = store
        self.is_near = is_near
        self._rows: dict[str, dict[str, int | None]] = {}
        self._fresh_until: dict[str, float] = {}
        self._under_way: dict[str, Held] = {}
        self._written: dict[str, Held] = {}
        self._cut: set[str] = set()
        self._lock = threading.Lock()

    def look(self, path: str) -> Held | None:
        """What is, or is about to be, under a path; None when nothing is."""
        if path in self._under_way:
            return self._under_way[path]
        return self._ask(path) if self.is_near else self._search(path)

    def _ask(self, path: str) -> Held | None:
        row = self._store.info(path)
        if row is None:  # deleted since, if it was there
            self._written.pop(path, None)
            return None
        return self._told(path, row.size)

    def _told(self, path: str, size: int | None) -> Held:
        """What the store tells of a file, and what is known of it if this process has written it."""
        own = self._written.get(path)
        return own if own and size in (own.size, None) else Held(size)

    def _search(self, path: str) -> Held | None:
        folder = parent(path)
        if self._fresh_until.get(folder, 0.0) <= time.monotonic():
            self._list(folder)
        rows = self._rows[folder]
        if path not in rows:  # written while the listing was under way
            return self._written.get(path)
        return self._told(path, rows[path])

    def _list(self, folder: str) -> None:
        begun = time.monotonic()
        before = [path for path in list(self._written) if parent(path) == folder]
        self._rows[folder] = {row.path: row.size for row in self._store.list(folder)}
        for path in before:
            if path not in self._rows[folder]:  # deleted since
                self._written.pop(path, None)
        now = time.monotonic()
        self._fresh_until[folder] = now + PATIENCE * (now - begun)

    def look_again(self) -> None:
        """List each folder anew before a name in it is taken: something was deleted."""
        self._fresh_until.clear()

    def put(self, path: str, data: Payload, sha256: str, *, is_new: bool) -> str:
        """Write a file, and return where it is: under a name told apart if another process took this one just now.

        A local folder tells so; for other stores `look` has to do, which was a moment before.
        """
        if not (is_new and isinstance(self._store, LocalStore)):
            self._store.put(path, data)
            return path
        try:
            self._store.put_new(path, data)
        except NameTaken:
            with suppress(MlartError):  # deleted since, or a link to nothing
                if self._digest(path) == sha256:
                    return path
            self.failed(path, begun=False)
            path = told_apart(path, sha256)
            self._store.put(path, data)
        return path

    def reserve(self, path: str, held: Held) -> None:
        """A file is about to be written under a name."""
        self._under_way[path] = held

    def written(self, path: str, held: Held) -> None:
        """A file has arrived whole."""
        self._written[path] = held
        if self.is_near and len(self._written) > REMEMBERED:  # a far one may be listed no more before it is asked
            self._forget_oldest()
        self._under_way.pop(path, None)
        self._cut.discard(path)
        rows = self._rows.get(parent(path), {})
        if path in rows:
            rows[path] = held.size

    def _forget_oldest(self) -> None:
        with self._lock:
            for path in list(self._written)[: REMEMBERED // 4]:
                self._written.pop(path, None)

    def failed(self, path: str, *, begun: bool) -> None:
        """A transfer has failed: if it had begun the store may hold all of it, a part, or nothing."""
        self._under_way.pop(path, None)
        self._fresh_until.pop(parent(path), None)
        if begun:
            self._cut.add(path)
            self._written.pop(path, None)

    def holds(self, path: str, held: Held, data: Payload, sha256: str) -> bool:
        """Whether these very bytes are under a path."""
        if held.sha256 is not None:
            return held.sha256 == sha256
        if held.size is not None and held.size != len(data):
            return False
        return self._digest(path) == sha256

    def _digest(self, path: str) -> str:
        digest = hashlib.sha256()
        with self._store.open(path) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def is_torn(self, path: str, held: Held, data: Payload, *, suspect: bool) -> bool:
        """Whether a path holds only the beginning of these bytes, left by a transfer that was cut.

        Parameters
        ----------
        suspect
            An earlier delivery of the same item may have been cut by the death of its process.
        """
        if held.sha256 is not None or not (suspect or path in self._cut):
            return False
        with self._store.open(path) as file:
            start = 0
            while chunk := file.read(CHUNK):
                if data[start : start + len(chunk)] != chunk:
                    return False
                start += len(chunk)
        return start < len(data)
