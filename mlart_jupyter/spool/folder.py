"""The spool: a durable queue of opaque items in a folder, after the manner of a maildir.

    tmp/                 being written
    new/                 whole, waiting
    claimed/<owner>/     being delivered by that owner
    dead/                never to be delivered, each beside its reason
    owners/              leases

An item moves by rename only, so that it is in one place at any moment and one process at most gets
it. A rename is enough against the death of the process; `sync` guards against a power cut.
Knows neither MLflow nor Jupyter.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from mlart_jupyter.errors import SpoolUnavailable, TornItem
from mlart_jupyter.models import Payload
from mlart_jupyter.spool import item as items
from mlart_jupyter.spool.item import Name
from mlart_jupyter.spool.owner import Owner, lives

FORMAT = "v1"
STALE_SECONDS = 600.0
"""A file in tmp/ that is older is what an interrupt left."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that this process alone may deliver."""

    name: Name
    path: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an audit found wrong."""

    path: Path
    problem: str


class Spool:
    """One folder's queue, as one process sees it.

    Parameters
    ----------
    folder
        Where the queue lives; made at the first `put`, private to the user (0700).
    sync
        True: an item is synced to disk before `put` returns.
    """

    def __init__(self, folder: Path, owner: Owner | None = None, *, sync: bool = False) -> None:
        self.root = folder / FORMAT
        self.owner = owner or Owner.of_this_process()
        self.sync_at_once = sync
        self._numbers = count()
        self._ready = False
        self._lock = threading.Lock()
        self._last = 0

    # -- making and delivering ------------------------------------------------------------------

    def put(self, header: bytes, *payload: Payload, owner: str | None = None) -> Name:
        """Store an item; when this returns it outlives the process.

        Parameters
        ----------
        owner
            Token of the process that is to deliver it. Default: this one.

        Raises
        ------
        SpoolUnavailable
            The folder cannot be written; nothing is left behind.
        """
        chunks = items.encode(header, payload)
        name = items.name_of(chunks, self._now(), owner or self.owner.token)
        partial = self.root / "tmp" / f"{self.owner.token}-{os.getpid()}-{next(self._numbers)}"
        try:
            self._prepare()
            try:
                self._land(partial, chunks, name)
            except FileNotFoundError:  # somebody has removed the folder since
                self._ready = False
                self._prepare()
                self._land(partial, chunks, name)
        except OSError as error:
            raise _unavailable(self.root, error) from error
        return name

    def _land(self, partial: Path, chunks: list[Payload], name: Name) -> None:
        _write(partial, chunks, sync=self.sync_at_once)
        partial.rename(self._new(name))

    def mine(self) -> list[Name]:
        """What this process has put and nobody has claimed, oldest first."""
        return [name for name in self._names(self.root / "new") if name.owner == self.owner.token]

    def unfinished(self) -> list[Name]:
        """What this process has put or claimed and nobody has acknowledged."""
        waiting = self.mine()
        held = self._names(self.root / "claimed" / self.owner.token)
        # Looked at twice: an item that is claimed or released meanwhile must not be missed.
        return sorted({*waiting, *held, *self.mine()}, key=lambda name: name.made)

    def orphans(self) -> list[tuple[Name, Path]]:
        """What dead owners have left, oldest first, with the file each is in."""
        found = [(name, self._new(name)) for name in self._names(self.root / "new") if not self._lives(name.owner)]
        for folder in self._claimed_folders():
            if not self._lives(folder.name):
                found += [(name, folder / str(name)) for name in self._names(folder)]
        return sorted(found, key=lambda pair: pair[0].made)

    def claim(self, name: Name, where: Path | None = None) -> Claim | None:
        """Take an item for delivery; None when another process was first."""
        target = self.root / "claimed" / self.owner.token / str(name)
        try:
            self._prepare()
            (where or self._new(name)).rename(target)
        except FileNotFoundError:
            # On NFS a rename may say so after it has succeeded.
            if not target.exists():
                return None
        return Claim(name, target)

    def peek(self, path: Path, name: Name) -> tuple[bytes, memoryview]:
        """Read an item, claimed or not, through a memory map: a large one costs no memory.

        Raises
        ------
        TornItem
            Its bytes are not those that its name tells.
        """
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return items.decode(name, b"")
            return items.decode(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def sync(self, name: Name) -> None:
        """Make a waiting item outlive a power cut too."""
        for path in (self._new(name), self.root / "new"):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def ack(self, claim: Claim) -> None:
        """Forget an item: it has arrived."""
        claim.path.unlink(missing_ok=True)

    def release(self, claim: Claim) -> None:
        """Give an item back to be tried again; one that was adopted stays, for its owner is gone."""
        if claim.name.owner == self.owner.token:
            claim.path.rename(self._new(claim.name))

    def bury(self, claim: Claim, reason: str) -> None:
        """Move an item that can never be delivered to dead/, with the reason beside it."""
        dead = self.root / "dead"
        words = {"reason": reason, "time": time.time()}
        (dead / f"{claim.name}.json").write_text(json.dumps(words))
        claim.path.rename(dead / str(claim.name))

    # -- keeping house --------------------------------------------------------------------------

    def waiting(self) -> list[Name]:
        """All that is not delivered, of all owners, oldest first."""
        folders = [self.root / "new", *self._claimed_folders()]
        return sorted((name for folder in folders for name in self._names(folder)), key=lambda name: name.made)

    def find(self, name: Name) -> Path:
        """Where an item is now; its place in new/ if it is gone."""
        places = [folder / str(name) for folder in self._claimed_folders()]
        return next((path for path in places if path.exists()), self._new(name))

    def lives(self, token: str) -> bool:
        """Whether an owner may still deliver what it holds."""
        return self._lives(token)

    def dead(self) -> list[tuple[Name, str]]:
        """What will not be delivered, with the reasons."""
        folder = self.root / "dead"
        return [(name, _reason(folder / f"{name}.json")) for name in self._names(folder)]

    def heartbeat(self) -> None:
        """Renew the lease; also of a process that has put nothing yet but may be given something."""
        self._prepare()
        self.owner.sign(self.root / "owners")

    def close(self) -> None:
        """Give up the lease when nothing of this process is left to deliver."""
        held = self.root / "claimed" / self.owner.token
        if self._ready and not self.mine() and not any(self._names(held)):
            with contextlib.suppress(OSError):  # it is gone, or holds what is no item
                held.rmdir()
            self.owner.lease(self.root / "owners").unlink(missing_ok=True)
            self._ready = False

    def sweep(self) -> int:
        """Remove what interrupts and dead owners left that holds no item; return how many files."""
        gone = [path for path in _files(self.root / "tmp") if self._is_stale(path)]
        gone += [path for path in _files(self.root / "owners") if self._is_forsaken(path)]
        for path in gone:
            path.unlink(missing_ok=True)
        for folder in self._claimed_folders():
            if not self._lives(folder.name):
                with contextlib.suppress(OSError):  # it holds items, or another sweep was first
                    folder.rmdir()
        return len(gone)

    def check(self) -> list[Finding]:
        """Audit all of the spool; an empty list is a clean one."""
        found = [Finding(path, "is no item") for folder in self._item_folders() for path in _strangers(folder)]
        found += [
            Finding(folder / str(name), problem)
            for folder in self._item_folders()
            for name in self._names(folder)
            if (problem := self._damage(folder / str(name), name))
        ]
        dead = self.root / "dead"
        missing = [name for name in self._names(dead) if not (dead / f"{name}.json").exists()]
        return found + [Finding(dead / str(name), "has no reason beside it") for name in missing]

    # -- inside ---------------------------------------------------------------------------------

    def _prepare(self) -> None:
        with self._lock:  # the cell and the writer's thread may both be the first
            if self._ready:
                return
            for folder in ("tmp", "new", "dead", "owners"):
                (self.root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.parent.chmod(0o700)
            self.owner.sign(self.root / "owners")
            # After the lease: a sweep removes an empty folder without a living owner.
            (self.root / "claimed" / self.owner.token).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._ready = True

    def _now(self) -> int:
        self._last = max(time.time_ns(), self._last + 1)
        return self._last

    def _new(self, name: Name) -> Path:
        return self.root / "new" / str(name)

    def _lives(self, token: str) -> bool:
        return token == self.owner.token or lives(self.root / "owners", token)

    def _names(self, folder: Path) -> list[Name]:
        found = (Name.parse(path.name) for path in _files(folder))
        return sorted((name for name in found if name), key=lambda name: name.made)

    def _claimed_folders(self) -> list[Path]:
        claimed = self.root / "claimed"
        return sorted(claimed.iterdir()) if claimed.is_dir() else []

    def _item_folders(self) -> list[Path]:
        return [self.root / "new", self.root / "dead", *self._claimed_folders()]

    def _is_stale(self, path: Path) -> bool:
        return not self._lives(path.name.partition("-")[0]) or _is_old(path)

    def _is_forsaken(self, path: Path) -> bool:
        if path.suffix != ".json":  # a lease being signed, or the probe of `lease_age`
            return _is_old(path)
        token = path.stem
        held = self.root / "claimed" / token
        in_new = any(name.owner == token for name in self._names(self.root / "new"))
        return not self._lives(token) and not in_new and not any(self._names(held))

    def _damage(self, path: Path, name: Name) -> str:
        try:
            self.peek(path, name)
        except TornItem:
            return "is damaged: its bytes are not those that its name tells"
        except FileNotFoundError:
            return ""  # delivered while the audit looked
        return ""


def _write(path: Path, chunks: Iterable[Payload], *, sync: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            for chunk in chunks:
                _write_all(file.fileno(), chunk)
            if sync:
                os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_all(handle: int, chunk: Payload) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]


def _unavailable(root: Path, error: OSError) -> SpoolUnavailable:
    words = error.strerror or str(error)
    return SpoolUnavailable(
        f"The spool {root} cannot be written ({words})",
        "Free or unlock it, or point MLART_DATA to another folder and restart the kernel",
    )


def _files(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as rows:
            paths = [Path(row.path) for row in rows if row.is_file()]
    except (FileNotFoundError, NotADirectoryError):  # nothing was spooled yet, or nothing can be
        return iter(())
    return iter(paths)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > STALE_SECONDS
    except FileNotFoundError:
        return False


def _strangers(folder: Path) -> list[Path]:
    return [path for path in _files(folder) if Name.parse(path.name) is None and path.suffix != ".json"]


def _reason(path: Path) -> str:
    try:
        return str(json.loads(path.read_text())["reason"])
    except (OSError, ValueError, KeyError):
        return "no reason was written"
