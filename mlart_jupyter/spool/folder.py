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
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from mlart_jupyter.errors import SpoolUnavailable
from mlart_jupyter.models import Payload
from mlart_jupyter.progress import tell_watcher
from mlart_jupyter.spool import audit
from mlart_jupyter.spool import item as items
from mlart_jupyter.spool.audit import Finding, Sweep
from mlart_jupyter.spool.disk import budget_of
from mlart_jupyter.spool.item import Name
from mlart_jupyter.spool.owner import Owner, lives
from mlart_jupyter.spool.rooms import Rooms, holds_of, moved, names_in, reason_of
from mlart_jupyter.spool.spares import Spares

FORMAT = "v1"
BLOCK = 16 * 2**20
"""Bytes that are written at once, so that a large item can tell how far it is."""
SMALL = 64 * 1024
"""Bytes of an item that is read as it is: a memory map costs more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that this process alone may deliver."""

    name: Name
    path: Path


class Spool:
    """One folder's queue, as one process sees it.

    Parameters
    ----------
    folder
        Where the queue lives; made at the first `put`, private to the user (0700).
    sync
        True: an item is synced to disk before `put` returns.
    budget
        Bytes that all waiting items may take together; None decides by the disk.
    on_full
        Called with the bytes that an item needs when the budget is reached; it may wait until
        deliveries have made room. `put` looks again when it returns.
    """

    def __init__(
        self,
        folder: Path,
        owner: Owner | None = None,
        *,
        sync: bool = False,
        budget: int | None = None,
        on_full: Callable[[int], None] = lambda length: None,
    ) -> None:
        self.root = folder / FORMAT
        self.rooms = Rooms(self.root)
        self.owner = owner or Owner.of_this_process()
        self.sync_at_once = sync
        self.on_full = on_full
        self._budget = budget
        self._used: int | None = None
        self._numbers = count()
        self._held = self.rooms.held(self.owner.token)
        self._spares = Spares(self.rooms.tmp, self.owner.token)
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
            The folder cannot be written, or the budget is reached and `on_full` has made no room;
            nothing is left behind.
        """
        chunks = items.encode(header, payload)
        name = items.name_of(chunks, self._now(), owner or self.owner.token)
        if name.length <= min(SMALL, BLOCK):  # one call, not one for each part
            chunks = [b"".join(chunks)]
        self._find_room(name.length)
        try:
            self._prepare()
            spare = self._spares.take()
            if spare is None or not self._land(spare, chunks, name, anew=False):
                self._land_anew(chunks, name)
        except OSError as error:
            raise _unavailable(self.root, error) from error
        self._used = (self._used or 0) + name.length
        return name

    def _land_anew(self, chunks: list[Payload], name: Name) -> None:
        partial = self.rooms.tmp / f"{self.owner.token}-{os.getpid()}-{next(self._numbers)}"
        if not self._land(partial, chunks, name):  # somebody has removed the folder since
            self._ready = False
            self._prepare()
            if not self._land(partial, chunks, name):
                raise FileNotFoundError(2, "it is removed again and again")

    def _land(self, partial: Path, chunks: list[Payload], name: Name, *, anew: bool = True) -> bool:
        try:
            _write(partial, chunks, sync=self.sync_at_once, anew=anew)
        except FileNotFoundError:
            return False
        return moved(partial, self._new(name))

    def mine(self) -> list[Name]:
        """What this process has put and nobody has claimed, oldest first."""
        return [name for name in self._names(self.rooms.new) if name.owner == self.owner.token]

    def claimed(self) -> list[Name]:
        """What this process has claimed and not acknowledged."""
        return self._names(self._held)

    def unfinished(self) -> list[Name]:
        """What this process has put or claimed and nobody has acknowledged."""
        waiting = self.mine()
        held = self.claimed()
        # Looked at twice: an item that is claimed or released meanwhile must not be missed.
        return sorted({*waiting, *held, *self.mine()}, key=lambda name: name.made)

    def is_done(self) -> bool:
        """Whether nothing is unfinished; cheap with a long queue."""
        token, new = self.owner.token, self.rooms.new
        return not (holds_of(new, token) or any(names_in(self._held)) or holds_of(new, token))

    def orphans(self) -> list[tuple[Name, Path]]:
        """What dead owners have left, oldest first, with the file each is in."""
        alive = cache(self._lives)
        found = {name: self._new(name) for name in self._names(self.rooms.new) if not alive(name.owner)}
        for folder in self.rooms.all_held():
            if not alive(folder.name):
                found |= {name: folder / str(name) for name in self._names(folder)}
        return sorted(found.items(), key=lambda pair: pair[0].made)

    def claim(self, name: Name, where: Path | None = None) -> Claim | None:
        """Take an item for delivery; None when another process was first."""
        target, source = self._held / str(name), where or self._new(name)
        self._prepare()
        if moved(source, target):
            return Claim(name, target)
        if target.parent.exists() or not source.exists():
            return None
        self._ready = False  # we were taken for dead, and swept away
        self._prepare()
        return Claim(name, target) if moved(source, target) else None

    def peek(self, path: Path, name: Name) -> tuple[bytes, memoryview]:
        """Read an item, claimed or not; a large one through a memory map, so that it costs no memory.

        Raises
        ------
        TornItem
            Its bytes are not those that its name tells.
        """
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size <= SMALL:
                return items.decode(name, file.read())
            return items.decode(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def header(self, path: Path) -> bytes:
        """Read an item's header alone: to know where it goes it need not be checked.

        Raises
        ------
        TornItem
            It has none.
        """
        with path.open("rb") as file:
            return items.header_of(file)

    def sync(self, *names: Name) -> None:
        """Make waiting items outlive a power cut too; those taken meanwhile are passed over."""
        found = False
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                _sync(self._new(name))
                found = True
        if found:
            _sync(self.rooms.new)

    def ack(self, claim: Claim) -> None:
        """Forget an item: it has arrived."""
        if not (self._is_reusable(claim.name) and self._spares.keep(claim.path)):
            claim.path.unlink(missing_ok=True)
        self._used = max(0, (self._used or 0) - claim.name.length)

    def release(self, claim: Claim) -> None:
        """Give an item back to be tried again; one that was adopted stays, for its owner is gone."""
        if claim.name.owner == self.owner.token:
            moved(claim.path, self._new(claim.name))

    def bury(self, claim: Claim, reason: str) -> None:
        """Move an item that can never be delivered to dead/, with the reason beside it."""
        note = self.rooms.dead / f"{claim.name}.json"
        note.write_text(json.dumps({"reason": reason, "time": time.time()}))
        if not moved(claim.path, self.rooms.dead / str(claim.name)):
            note.unlink(missing_ok=True)  # another has it: we were taken for dead

    def revive(self, name: Name) -> bool:
        """Let an item of dead/ wait again; False when it is not there."""
        found = moved(self.rooms.dead / str(name), self._new(name))
        (self.rooms.dead / f"{name}.json").unlink(missing_ok=True)
        return found

    # -- the budget -----------------------------------------------------------------------------

    @property
    def budget(self) -> int:
        """Bytes that all waiting items may take together."""
        if self._budget is None:
            self._budget = budget_of(self.root)
        return self._budget

    def used(self) -> int:
        """Bytes of all waiting items, measured now."""
        self._used = sum(name.length for name in self.waiting())
        return self._used

    def has_room(self, length: int) -> bool:
        """Whether an item of that many bytes fits; measured only when the estimate says no."""
        estimate = self.used() if self._used is None else self._used
        return estimate + length <= self.budget or self.used() + length <= self.budget

    def _find_room(self, length: int) -> None:
        if self.has_room(length):
            return
        self.on_full(length)
        if not self.has_room(length):
            raise SpoolUnavailable(
                f"The spool holds {self.used() / 2**20:.0f} MiB of the {self.budget / 2**20:.0f} MiB it may",
                "Deliver with %mlart flush, or raise Mlart.spool_budget_bytes",
            )

    # -- keeping house --------------------------------------------------------------------------

    def waiting(self) -> list[Name]:
        """All that is not delivered, of all owners, oldest first."""
        new = self._names(self.rooms.new)
        held = [name for folder in self.rooms.all_held() for name in self._names(folder)]
        # Looked at twice, as in `unfinished`.
        return sorted({*new, *held, *self._names(self.rooms.new)}, key=lambda name: name.made)

    def in_flight(self) -> int:
        """How many items are being delivered, by owners that live; what dead ones hold waits."""
        return sum(len(self._names(folder)) for folder in self.rooms.all_held() if self._lives(folder.name))

    def find(self, name: Name) -> Path:
        """Where an item is now; its place in new/ if it is gone."""
        for _ in range(2):  # it may move to where we have looked already
            for path in (self._new(name), *(folder / str(name) for folder in self.rooms.all_held())):
                if path.exists():
                    return path
        return self._new(name)

    def lives(self, token: str) -> bool:
        """Whether an owner may still deliver what it holds."""
        return self._lives(token)

    def dead(self) -> list[tuple[Name, str]]:
        """What will not be delivered, with the reasons."""
        return [(name, reason_of(self.rooms.dead / f"{name}.json")) for name in self._names(self.rooms.dead)]

    def count_dead(self) -> int:
        """How many items will not be delivered."""
        return len(self._names(self.rooms.dead))

    def heartbeat(self) -> None:
        """Renew the lease; also of a process that has put nothing yet but may be given something."""
        self._prepare()
        self.owner.sign(self.rooms.owners)

    def close(self) -> None:
        """Give up the lease: what is left is for whoever comes next, this process too."""
        self._spares.clear()
        if self._ready:
            with contextlib.suppress(OSError):  # it is gone, or holds what is no item
                self._held.rmdir()
            self.owner.lease(self.rooms.owners).unlink(missing_ok=True)
            self._ready = False

    def sweep(self, dead_days: float | None = None) -> int:
        """Remove what interrupts and dead owners left that holds no item; return how many files.

        Parameters
        ----------
        dead_days
            Items that have been in dead/ for longer go too. None: none does.
        """
        return Sweep(self.rooms, cache(self._lives), dead_days).run()

    def check(self) -> list[Finding]:
        """Audit all of the spool; an empty list is a clean one."""
        return audit.check(self.rooms, self.peek)

    # -- inside ---------------------------------------------------------------------------------

    def _prepare(self) -> None:
        if self._ready:  # without the lock: a forked child may have been given it locked
            return
        with self._lock:  # the cell and the writer's thread may both be the first: making it twice is nothing
            for folder in (self.rooms.tmp, self.rooms.new, self.rooms.dead, self.rooms.owners):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.parent.chmod(0o700)
            self.owner.sign(self.rooms.owners)
            # After the lease: a sweep removes an empty folder without a living owner.
            self._held.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._ready = True

    def _now(self) -> int:
        self._last = max(time.time_ns(), self._last + 1)
        return self._last

    def _is_reusable(self, name: Name) -> bool:
        """Who delivers what others have left puts little; a large item may still be mapped."""
        return name.owner == self.owner.token and name.length <= SMALL

    def _new(self, name: Name) -> Path:
        return self.rooms.new / str(name)

    def _lives(self, token: str) -> bool:
        return token == self.owner.token or lives(self.rooms.owners, token)

    def _names(self, folder: Path) -> list[Name]:
        return names_in(folder)


def _write(path: Path, chunks: list[Payload], *, sync: bool, anew: bool) -> None:
    handle = os.open(path, os.O_WRONLY | (os.O_CREAT | os.O_TRUNC if anew else 0), 0o600)
    try:
        try:
            for chunk in chunks:
                _write_all(handle, chunk)
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_all(handle: int, chunk: Payload) -> None:
    view, tell = memoryview(chunk), tell_watcher()
    while view:
        view = view[os.write(handle, view[:BLOCK]) :]
        tell(len(chunk) - len(view))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(root: Path, error: OSError) -> SpoolUnavailable:
    words = error.strerror or str(error)
    return SpoolUnavailable(
        f"The spool {root} cannot be written ({words})",
        "Free or unlock it, or point MLART_DATA to another folder and restart the kernel",
    )
