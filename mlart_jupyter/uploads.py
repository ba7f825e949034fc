"""From the spool to the store: the one place where both meet.

An item is acknowledged only after the store has its files and the catalogue has its entries, so a
crash in between repeats the delivery, which gives the same names and the same bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from mlart_jupyter.errors import MlartError, StoreUnavailable, TornItem
from mlart_jupyter.models import Census, Entry, RunRef
from mlart_jupyter.parcels import Check, Packed, Parcel, Unchecked, unpack
from mlart_jupyter.paths import parent, told_apart
from mlart_jupyter.renderers import finish
from mlart_jupyter.spool import Claim, Name, Spool
from mlart_jupyter.store import Editions, Store, segment

BATCH = 100
"""Items that share one segment of the catalogue."""
FIRST_DELAY, LONGEST_DELAY = 0.5, 8.0
"""Back-off, in seconds."""
IDLE_SECONDS = 1.0
"""How often the worker looks for what others put in this process's name: saved notebooks."""
SETTLE_SECONDS = 0.05
"""The worker lets the cell go on for so long before it begins: they share one interpreter lock."""

UNREADABLE = (TornItem, ValueError, TypeError, KeyError, AttributeError)
"""What reading an item raises that is torn, or that no version of this package wrote."""

OpenStore = Callable[[RunRef], Store]


@dataclass(frozen=True, slots=True)
class Opened:
    """A claimed item, opened."""

    claim: Claim
    parcel: Parcel
    payload: memoryview


class Courier:
    """Delivers items to one process's stores; remembers what it has seen there."""

    def __init__(self, spool: Spool, open_store: OpenStore) -> None:
        self._spool = spool
        self._open_store = open_store
        self._stores: dict[str, Store] = {}
        self._shelves: dict[tuple[str, str], dict[str, int | None]] = {}
        self._told: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._editions = Editions()
        self.kept = 0
        self.check: Check = Unchecked()
        self.on_kept: Callable[[], None] = lambda: None

    def deliver(self, claims: Iterable[Claim]) -> None:
        """Deliver claimed items of one run, in their order.

        Raises
        ------
        StoreUnavailable
            Those not delivered have been released; a later try may succeed.
        """
        self._shelves.clear()  # another session may have put something since
        held = list(claims)
        try:
            self._deliver([item for claim in held if (item := self._open(claim))])
        except BaseException:
            for claim in held:
                if claim.path.exists():
                    self._spool.release(claim)
            raise

    def _open(self, claim: Claim) -> Opened | None:
        try:
            header, payload = self._spool.peek(claim.path, claim.name)
            return Opened(claim, unpack(header), payload)
        except UNREADABLE as error:
            self._spool.bury(claim, f"{type(error).__name__}: {error}")
            return None

    def _deliver(self, items: list[Opened]) -> None:
        done: list[tuple[Opened, list[Entry]]] = []
        try:
            for item in items:
                entries = self._store_files(item)
                done += [(item, entries)] if entries is not None else []
        finally:  # what has arrived is told, even if the store went away after it
            if done:
                self._tell(done)

    def _store_files(self, item: Opened) -> list[Entry] | None:
        """Store an item's files; None, and the item buried, when they never can be."""
        try:
            store = self._store(item.parcel.run)
            parts = item.parcel.parts(item.payload)
            made = [(file, finish(file.encoding, data)) for file, data in parts]
            checked = [part for file, data in made for part in self.check.files(item.parcel, file, data)]
            return [entry for file, data in checked for entry in self._place(store, file, data)]
        except StoreUnavailable:
            raise
        except (OSError, MemoryError) as error:  # this machine's trouble, not the item's
            raise StoreUnavailable(f"A delivery failed here ({error})", "It is tried again by itself") from error
        except Exception as error:  # a renderer's fault or a refusal: the bytes stay in dead/ with the reason
            self._spool.bury(item.claim, f"{type(error).__name__}: {error}")
            return None

    def _store(self, run: RunRef) -> Store:
        if run.run_id not in self._stores:
            self._stores[run.run_id] = self._open_store(run)
        return self._stores[run.run_id]

    def _place(self, store: Store, file: Packed, data: bytes | memoryview) -> list[Entry]:
        """Put a file under its name, or one told apart when other bytes hold that name."""
        sha256 = hashlib.sha256(data).hexdigest()
        entry = dataclasses.replace(file.entry, sha256=sha256, size=len(data))
        if file.replaces:
            return self._editions.place(store, entry, data)
        shelf = self._shelf(store, entry)
        if entry.path in shelf:
            if _same(store, entry, shelf[entry.path]):
                return [entry]
            entry = dataclasses.replace(entry, path=told_apart(entry.path, sha256))
        store.put(entry.path, data)
        shelf[entry.path] = len(data)
        return [entry]

    def _shelf(self, store: Store, entry: Entry) -> dict[str, int | None]:
        """What a folder of the run holds, listed once: a listing may cost a round trip or a second."""
        place = entry.run_id, parent(entry.path)
        if place not in self._shelves:
            self._shelves[place] = {row.path: row.size for row in store.list(place[1])}
        return self._shelves[place]

    def _tell(self, done: list[tuple[Opened, list[Entry]]]) -> None:
        """Write the catalogue's segment of what has arrived, then forget the items."""
        first = done[0][1][0]
        told = self._told[first.run_id, first.session]
        sources = {
            e.source_hash: item.parcel.source
            for item, entries in done
            for e in entries
            if e.source_hash and item.parcel.source
        }
        new = {key: self.check.source(text) for key, text in sources.items() if key not in told}
        path, data = segment([entry for _, entries in done for entry in entries], new)
        self._stores[first.run_id].put(path, data)
        told.update(new)
        for item, _ in done:
            self._spool.ack(item.claim)
            self.kept += 1
        self.on_kept()


def _same(store: Store, entry: Entry, size: int | None) -> bool:
    """Whether the store holds these very bytes under the entry's path."""
    if size is not None and size != entry.size:
        return False
    return hashlib.sha256(store.read(entry.path)).hexdigest() == entry.sha256


def delay(attempt: int, chance: float) -> float:
    """Seconds to wait after the given number of failures: doubling, capped, spread by `chance` in [0, 1)."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 10)) * (0.5 + chance / 2)


class Breaker:
    """Keeps away from a run's store that has just failed; another run's may be well."""

    def __init__(self) -> None:
        self.failures = 0
        self.closed_at = 0.0
        self.error = ""

    def fail(self, error: str) -> None:
        """Stay away for a while, longer after each failure."""
        self.closed_at = time.monotonic() + delay(self.failures, random.random())
        self.failures += 1
        self.error = error

    def mend(self) -> None:
        """The store answers again."""
        self.failures, self.closed_at, self.error = 0, 0.0, ""

    @property
    def is_open(self) -> bool:
        """Whether to stay away now."""
        return time.monotonic() < self.closed_at


class Uploader:
    """A thread that delivers what this process has put into the spool."""

    def __init__(self, spool: Spool, open_store: OpenStore) -> None:
        self.courier = Courier(spool, open_store)
        self._spool = spool
        self._runs: dict[Name, RunRef] = {}
        self._breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._wake = threading.Event()
        self._idle = threading.Condition()
        self._stop = False
        self._thread: threading.Thread | None = None
        self._beat = 0.0

    def wake(self) -> None:
        """There is something to deliver: start the thread if it does not run."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="mlart-uploader", daemon=True)
            self._thread.start()
        self._wake.set()

    def flush(self, seconds: float) -> bool:
        """Try everything once more now; tell whether all has arrived within the time."""
        end = time.monotonic() + seconds
        for breaker in list(self._breakers.values()):
            breaker.closed_at = 0.0
        tried = {name: breaker.failures for name, breaker in list(self._breakers.items())}
        self.wake()
        with self._idle:
            while self._spool.unfinished() and time.monotonic() < end and not self._gave_up(tried):
                self._idle.wait(min(0.2, max(0.0, end - time.monotonic())))
        return not self._spool.unfinished()

    def _gave_up(self, tried: dict[str, int]) -> bool:
        """Whether each run that still has items has failed since."""
        names = self._spool.unfinished()
        waiting = {self._runs[name].run_id for name in names if name in self._runs}
        unseen = any(name not in self._runs for name in names)
        failed = {run_id for run_id in waiting if self._breakers[run_id].failures > tried.get(run_id, 0)}
        return not unseen and bool(waiting) and waiting == failed

    def close(self) -> None:
        """Stop after the item in hand."""
        self._stop = True
        self._wake.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(1.0)

    def census(self) -> Census:
        """What is where, of this process's items."""
        waiting, names = self._spool.mine(), self._spool.unfinished()
        errors = [breaker.error for breaker in list(self._breakers.values()) if breaker.error]
        return Census(
            waiting=len(waiting),
            in_flight=len(names) - len(waiting),
            kept=self.courier.kept,
            dead=len(self._spool.dead()),
            size=sum(name.length for name in names),
            oldest=names[0].made / 1e9 if names else None,
            last_error=errors[-1] if errors else None,
        )

    def _work(self) -> None:
        while not self._stop:
            self._wake.wait(self._next_try())
            self._wake.clear()
            time.sleep(SETTLE_SECONDS)
            try:
                self._keep_alive()
                self._round()
            except Exception as error:  # the thread must outlive a full disk; the status tells it
                self._breakers[""].fail(str(error))
            with self._idle:
                self._idle.notify_all()

    def _next_try(self) -> float:
        closed = [breaker.closed_at for breaker in self._breakers.values() if breaker.failures]
        return max(0.05, min(closed) - time.monotonic()) if closed else IDLE_SECONDS

    def _keep_alive(self) -> None:
        if time.monotonic() - self._beat > 20:
            self._beat = time.monotonic()
            self._spool.heartbeat()

    def _round(self) -> None:
        """Deliver all that waits for stores that answer."""
        names = [name for name in self._spool.mine() if self._run_of(name)]
        self._runs = {name: self._runs[name] for name in names}
        self._breakers.pop("", None)
        for run, group in groupby(names, key=self._runs.__getitem__):
            waiting = list(group)
            for start in range(0, len(waiting), BATCH):
                if not self._stop and not self._breakers[run.run_id].is_open:
                    self._deliver(run, waiting[start : start + BATCH])

    def _run_of(self, name: Name) -> RunRef | None:
        """The run of a waiting item: read once, and synced to disk then; None for a torn one."""
        if name not in self._runs:
            path = self._spool.root / "new" / str(name)
            try:
                self._spool.sync(name)
                header, _ = self._spool.peek(path, name)
                self._runs[name] = unpack(header).run
            except UNREADABLE as error:
                if claim := self._spool.claim(name):
                    self._spool.bury(claim, f"{type(error).__name__}: {error}")
                return None
            except OSError:  # gone, or not readable now: the others go on
                return None
        return self._runs[name]

    def _deliver(self, run: RunRef, names: list[Name]) -> None:
        breaker = self._breakers[run.run_id]
        try:
            self.courier.deliver(claim for name in names if (claim := self._spool.claim(name)))
            breaker.mend()
        except MlartError as error:  # a refused catalogue too: its items wait, and hold up no other store
            breaker.fail(str(error))


@dataclass(frozen=True, slots=True)
class Orphans:
    """What dead owners have left, as `mlart flush` found it.

    Attributes
    ----------
    here
        To be delivered by this interpreter.
    elsewhere
        Interpreter → number of items that it must deliver.
    foreign
        Number of items that only the host they were made on can deliver.
    """

    here: list[tuple[Name, Path]]
    elsewhere: dict[str, int]
    foreign: int


def sort_orphans(spool: Spool, python: str) -> Orphans:
    """Tell which orphans this interpreter may deliver; one whose interpreter is gone counts as its own."""
    here: list[tuple[Name, Path]] = []
    elsewhere: defaultdict[str, int] = defaultdict(int)
    foreign = 0
    for name, path in spool.orphans():
        parcel = _parcel(spool, name, path)
        if parcel and _is_bound(parcel.run) and parcel.host != socket.gethostname():
            foreign += 1
        elif parcel and parcel.python != python and Path(parcel.python).exists():
            elsewhere[parcel.python] += 1
        else:
            here.append((name, path))
    return Orphans(here, dict(elsewhere), foreign)


def _parcel(spool: Spool, name: Name, path: Path) -> Parcel | None:
    try:
        return unpack(spool.peek(path, name)[0])
    except (OSError, *UNREADABLE):
        return None


def _is_bound(run: RunRef) -> bool:
    """Whether only the host that made an item can reach its stores."""
    uris = [urlsplit(uri) for uri in (run.tracking_uri, run.artifact_uri) if uri]
    return any(u.scheme in ("file", "sqlite", "") or u.hostname in ("localhost", "127.0.0.1", "::1") for u in uris)


def adopt(spool: Spool, courier: Courier, orphans: Iterable[tuple[Name, Path]]) -> Iterator[Claim]:
    """Deliver what dead owners left, oldest first, yielding each as it arrives.

    Raises
    ------
    StoreUnavailable
        The rest stays in the spool.
    """
    for name, path in orphans:
        if claim := spool.claim(name, path):
            before = courier.kept
            courier.deliver([claim])
            if courier.kept > before:
                yield claim
