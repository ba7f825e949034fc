"""Delivers items of one run: files side by side, order kept per path, told to the catalogue, forgotten.

An item is acknowledged only after the store has its files and the catalogue has its entries, so a
crash in between repeats the delivery, which gives the same names and the same bytes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from mlart_jupyter.errors import MlartError, StoreUnavailable, TornItem
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.parcels import Check, Packed, Parcel, Unchecked, unpack
from mlart_jupyter.paths import above, told_apart
from mlart_jupyter.progress import watched
from mlart_jupyter.renderers import finish, scripts
from mlart_jupyter.renderers.page import Script
from mlart_jupyter.spool import Claim, Spool
from mlart_jupyter.store import Binder, Editions, LocalStore, disk_of, segment
from mlart_jupyter.uploads.breaker import host_of
from mlart_jupyter.uploads.crew import Crew, Lot
from mlart_jupyter.uploads.shelves import Destination, Held, Shelves

FILES_AT_ONCE = 8
"""Files that go to one host side by side."""
SMALL = 64 * 1024
"""Bytes of a file whose time tells of the way to the store, not of the file."""
IN_MEMORY = 64 * 2**20
"""Bytes of files made on the way (Parquet, pages) that wait for the store together."""
PATIENCE, SLOWEST = 120.0, 250_000.0
"""A store that has its own time-outs answers before: seconds, and bytes per second beyond them."""

UNREADABLE = (TornItem, ValueError, TypeError, KeyError, AttributeError)
"""What reading an item raises that is torn, or that no version of this package wrote."""

OpenStore = Callable[[RunRef], Destination]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Opened:
    """A claimed item, opened."""

    claim: Claim
    parcel: Parcel
    payload: memoryview


@dataclass(slots=True)
class Consignment:
    """One item on its way: its entries, and the transfers that they wait for."""

    item: Opened
    entries: list[Entry] = field(default_factory=list)
    transfers: list[Future[None]] = field(default_factory=list)


@dataclass(slots=True)
class Route:
    """What is kept for one run: its store, what its folders hold, and the sources already told."""

    store: Destination
    shelves: Shelves
    editions: Editions = field(default_factory=Editions)
    told: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    binders: defaultdict[str, Binder] = field(default_factory=lambda: defaultdict(Binder))
    stuck: list[Future[None]] = field(default_factory=list)


class Courier:
    """Delivers items to one process's stores; remembers what it has seen there.

    Safe to use from several threads, each with another run.
    """

    def __init__(self, spool: Spool, open_store: OpenStore, patience: float = PATIENCE) -> None:
        self._spool = spool
        self._open_store = open_store
        self._patience = patience
        self._routes: dict[str, Route] = {}
        self._crews: dict[str, Crew] = {}
        self._under_way: dict[str, Delivery] = {}
        self._lock = threading.Lock()
        self.check: Check = Unchecked()
        self.kept = 0
        self.on_kept: Callable[[list[Entry]], None] = lambda entries: None

    @property
    def sent(self) -> int:
        """Bytes that have left of what is under way."""
        return sum(delivery.sent for delivery in list(self._under_way.values()))

    def is_beside(self, run: RunRef) -> bool:
        """Whether a run's store is known to be a folder on the disk of the spool."""
        route = self._routes.get(run.run_id)
        return route is not None and _is_beside(route.store, self._spool)

    def look_again(self, run_id: str) -> None:
        """Something was deleted from a run: what its folders held before tells nothing; from any thread."""
        if route := self._routes.get(run_id):
            route.shelves.look_again()

    def deliver(self, claims: Iterable[Claim]) -> None:
        """Deliver claimed items of one run; files of one path in their order, others side by side.

        Raises
        ------
        StoreUnavailable
            Those not delivered have been released; a later try may succeed.
        """
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
        except FileNotFoundError:  # we were taken for dead, and another has adopted it
            return None
        except UNREADABLE as error:
            self._spool.bury(claim, f"{type(error).__name__}: {error}")
            return None

    def _deliver(self, items: list[Opened]) -> None:
        if not items:
            return
        run = items[0].parcel.run
        try:
            route = self._route(run)
        except StoreUnavailable:
            raise
        except Exception as error:  # the run is gone, or nothing here can reach it: kept in dead/ with the reason
            for item in items:
                self._spool.bury(item.claim, f"{type(error).__name__}: {error}")
            return
        delivery = Delivery(route, self._crew(run, route), self._spool, self._patience, self.check)
        self._under_way[run.run_id] = delivery
        try:
            done = delivery.carry(items)
        finally:
            self._under_way.pop(run.run_id, None)
        try:
            if done:  # what has arrived is told, even if the store went away after it
                self._tell(route, done)
        finally:
            if delivery.trouble:
                raise delivery.trouble

    def _route(self, run: RunRef) -> Route:
        """Open a run's store, once."""
        route = self._routes.get(run.run_id)
        if route is None:
            store = _here(lambda: self._open_store(run))
            route = self._routes[run.run_id] = Route(store, Shelves(store, is_near=isinstance(store, LocalStore)))
        route.stuck = [transfer for transfer in route.stuck if not transfer.done()]
        if route.stuck:
            raise _silent()
        return route

    def _crew(self, run: RunRef, route: Route) -> Crew:
        first = 1 if route.shelves.is_near else None  # threads that take turns slow a folder of this machine down
        with self._lock:
            return self._crews.setdefault(host_of(run), Crew(FILES_AT_ONCE, "mlart-upload", first))

    def _tell(self, route: Route, done: list[Consignment]) -> None:
        """Write the catalogue's segments of what has arrived, one for each session, then forget the items."""
        by_session: defaultdict[str, list[Consignment]] = defaultdict(list)
        for consignment in done:
            by_session[consignment.entries[0].session].append(consignment)
        for session, group in by_session.items():
            told = route.told[session]
            held = [c for c in group if c.item.parcel.source]
            sources = {e.source_hash: c.item.parcel.source for c in held for e in c.entries if e.source_hash}
            new = {key: self.check.source(text) for key, text in sources.items() if key not in told}
            path, data = segment([entry for c in group for entry in c.entries], new)
            route.store.put(path, data)
            told.update(new)
            self._forget(group)
            _bind(route, session, path, data)
        self.on_kept([entry for c in done for entry in c.entries])

    def _forget(self, group: list[Consignment]) -> None:
        for consignment in group:
            self._spool.ack(consignment.item.claim)
        with self._lock:
            self.kept += len(group)


class Delivery:
    """One batch of items under way to one run.

    Attributes
    ----------
    trouble
        Why the rest of the batch has to wait; None when all is done.
    """

    def __init__(self, route: Route, crew: Crew, spool: Spool, patience: float, check: Check) -> None:
        self._route = route
        self._crew = crew
        self._spool = spool
        self._patience = patience
        self._check = check
        self._all: list[Future[None]] = []
        self._lot = Lot(crew, is_beside=_is_beside(route.store, spool))
        self._last: dict[str, Future[None]] = {}
        self._below: dict[str, Future[None]] = {}
        self._in_memory: deque[tuple[Future[None], int]] = deque()
        self._bytes = 0
        self._sent: dict[str, int] = {}
        self._landed: dict[tuple[str, str], str] = {}
        self.trouble: MlartError | None = None

    def carry(self, items: list[Opened]) -> list[Consignment]:
        """Put the files of all items; return those that have arrived, in their order."""
        begun = [consignment for item in items if self.trouble is None and (consignment := self._begin(item))]
        self._await(self._all, sum(item.claim.name.length for item in items))
        return [consignment for consignment in begun if self._has_arrived(consignment)]

    def _begin(self, item: Opened) -> Consignment | None:
        """Send an item's files on their way; None when they cannot go."""
        consignment = Consignment(item)
        try:
            for file, data in item.parcel.parts(item.payload):
                for script in scripts(file.encoding, data):
                    self._send_script(consignment, file, script)
                finished, note = _here(partial(finish, file.encoding, data, file.entry.path))
                for part in self._check.files(item.parcel, file.noted(note), finished):
                    self._send(consignment, *part)
        except StoreUnavailable as error:
            self.trouble = self.trouble or error
            return None
        except Exception as error:  # a renderer's fault or a refusal: the bytes stay in dead/ with the reason
            self._spool.bury(item.claim, f"{type(error).__name__}: {error}")
            return None
        return consignment

    def _send(self, consignment: Consignment, file: Packed, data: bytes | memoryview) -> None:
        """Put a file under its name, or one told apart when other bytes hold that name."""
        shelves = self._route.shelves
        entry = dataclasses.replace(file.entry, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        if file.replaces:
            consignment.entries += _here(partial(self._route.editions.place, self._route.store, entry, data))
            return
        there = shelves.look(entry.path)
        if there and shelves.holds(entry.path, there, data, entry.sha256):
            consignment.entries.append(entry)
            consignment.transfers += [self._last[entry.path]] if entry.path in self._last else []
            return
        may_replace = not there
        if there:
            may_replace = shelves.is_torn(entry.path, there, data, suspect=self._is_suspect(consignment))
        if not may_replace:
            entry = dataclasses.replace(entry, path=told_apart(entry.path, entry.sha256))
        consignment.entries.append(entry)
        consignment.transfers.append(self._transfer(entry, data, is_new=not there))

    def _send_script(self, consignment: Consignment, page: Packed, script: Script) -> None:
        """Put a script that a page reads into the run, once: its name tells its version."""
        there = self._route.shelves.look(script.path)
        if there and there.sha256:  # by this process
            consignment.transfers += [self._last[script.path]] if script.path in self._last else []
            return
        data = script.read()
        if data is not None:
            entry = dataclasses.replace(
                page.entry, path=script.path, kind="script", media_type="text/javascript", shape=None, note=None
            )
            self._send(consignment, dataclasses.replace(page, entry=entry), data)

    def _is_suspect(self, consignment: Consignment) -> bool:
        """Whether another process may have begun to deliver an item before it died."""
        return consignment.item.claim.name.owner != self._spool.owner.token

    def _transfer(self, entry: Entry, data: bytes | memoryview, *, is_new: bool) -> Future[None]:
        before = self._before(entry.path)
        held = Held(len(data), entry.sha256)
        self._route.shelves.reserve(entry.path, held)

        def put() -> None:
            if before:
                wait(before)  # they have begun: the crew takes calls in their order
            self._put(entry, data, held, is_new=is_new)

        transfer = self._last[entry.path] = self._lot.submit(put)
        self._below |= dict.fromkeys(above(entry.path), transfer)
        self._all.append(transfer)
        if isinstance(data, bytes):  # made on the way; anything else is mapped from the spool
            self._hold(transfer, len(data))
        return transfer

    def _before(self, path: str) -> list[Future[None]]:
        """The transfers that must be over first: of the same path, and where a file and a folder have one name."""
        own = [self._last.get(name) for name in (path, *above(path))]
        return [transfer for transfer in (*own, self._below.get(path)) if transfer is not None]

    def _put(self, entry: Entry, data: bytes | memoryview, held: Held, *, is_new: bool) -> None:
        path, begun = entry.path, False
        try:
            if self.trouble is not None:
                raise self.trouble
            begun = True
            started = time.monotonic()
            with watched(partial(self._tell_sent, path)):
                landed = _here(partial(self._route.shelves.put, path, data, entry.sha256, is_new=is_new))
            if len(data) <= SMALL:
                self._crew.width.took(time.monotonic() - started)
        except BaseException as error:
            self._route.shelves.failed(path, begun=begun)
            if isinstance(error, StoreUnavailable):
                self.trouble = self.trouble or error
            raise
        finally:
            self._sent.pop(path, None)
        self._landed[entry.path, entry.sha256] = landed
        self._route.shelves.written(landed, held)

    def _tell_sent(self, path: str, done: int) -> None:
        self._sent[path] = done

    @property
    def sent(self) -> int:
        """Bytes of the files under way that have left."""
        return sum(list(self._sent.values()))

    def _hold(self, transfer: Future[None], size: int) -> None:
        """Wait until what is in memory has room for a further file."""
        self._in_memory.append((transfer, size))
        self._bytes += size
        while self._bytes > IN_MEMORY and len(self._in_memory) > 1:
            oldest, length = self._in_memory.popleft()
            self._await([oldest], length)
            self._bytes -= length

    def _await(self, transfers: list[Future[None]], size: int) -> None:
        """Wait for transfers; those that never come back are left behind, and their run alone until they do."""
        self._lot.go()
        late = wait(transfers, timeout=self._patience + size / SLOWEST).not_done
        if late:
            self._route.stuck += late
            self.trouble = self.trouble or _silent()

    def _has_arrived(self, consignment: Consignment) -> bool:
        """Whether all files of an item are in the store; one that the store refuses is buried."""
        for transfer in consignment.transfers:
            error = transfer.exception() if transfer.done() else self.trouble
            if error is None:
                continue
            if not isinstance(error, Exception):  # the process is being ended
                raise error
            if not isinstance(error, StoreUnavailable):
                self._spool.bury(consignment.item.claim, f"{type(error).__name__}: {error}")
            return False
        found = [self._landed.get((entry.path, entry.sha256), entry.path) for entry in consignment.entries]
        entries = zip(consignment.entries, found, strict=True)
        consignment.entries = [dataclasses.replace(entry, path=path) for entry, path in entries]
        return True


def _bind(route: Route, session: str, path: str, data: bytes) -> None:
    """Bind the session's small segments, when there are enough; they tell all without it, too."""
    for made in route.binders[session].add(path, data):
        with contextlib.suppress(MlartError):
            route.store.put(*made)


def _here(call: Callable[[], Result]) -> Result:
    """Tell this machine's trouble (its disk, its memory) from the item's: it may be over at the next try."""
    try:
        return call()
    except MlartError:
        raise
    except (OSError, MemoryError) as error:
        raise StoreUnavailable(f"A delivery failed here ({error})", "It is tried again by itself") from error


def _is_beside(store: Destination, spool: Spool) -> bool:
    """Whether a store is a folder on the disk of the spool: both hang, or none does."""
    return isinstance(store, LocalStore) and disk_of(store.root) == disk_of(spool.root)


def _silent() -> StoreUnavailable:
    return StoreUnavailable.of_host("The store has not answered a call for minutes", "It is left alone until it does")
