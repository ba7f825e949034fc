"""From the spool to the store: each item once, whatever fails on the way."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlart_jupyter.errors import StoreRefused, StoreUnavailable
from mlart_jupyter.models import Cell, Entry, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.spool import Claim, Name, Owner, Spool
from mlart_jupyter.store import LocalStore, MemoryStore, Store, read_catalogue
from mlart_jupyter.uploads import BATCH, Breaker, Courier, Uploader, adopt, delay, sort_orphans
from mlart_jupyter.uploads.breaker import FIRST_DELAY, LONGEST_DELAY

RUN = RunRef("r1", "https://mlflow.example", "s3://bucket/r1", "1")
OTHER_RUN = RunRef("r2", "https://other.example", "s3://bucket/r2", "1")


class Killed(BaseException):
    """What stands here for ``kill -9``."""


class FailingStore(MemoryStore):
    """Does not answer the first `times` writes, then does."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self.times = times

    def put(self, path: str, data: bytes | memoryview) -> None:
        self.times -= 1
        if self.times >= 0:
            raise StoreUnavailable("The store does not answer", "It is tried again by itself")
        super().put(path, data)


class RefusingStore(MemoryStore):
    """Will never take anything under `folder`."""

    def __init__(self, folder: str = "") -> None:
        super().__init__()
        self.folder = folder

    def put(self, path: str, data: bytes | memoryview) -> None:
        if path.startswith(self.folder):
            raise StoreRefused("The store refuses", "Check the run")
        super().put(path, data)


class SlowStore(MemoryStore):
    """Holds every write until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def put(self, path: str, data: bytes | memoryview) -> None:
        self.asked.set()
        self.go.wait(30)
        super().put(path, data)


class LastWordSpool(Spool):
    """The spool of a process that is killed when it would acknowledge."""

    def ack(self, claim: Claim) -> None:
        raise Killed

    def release(self, claim: Claim) -> None:
        """A killed process releases nothing."""


class LastWordStore(MemoryStore):
    """The store of a process that is killed when it would write the catalogue."""

    def put(self, path: str, data: bytes | memoryview) -> None:
        if path.startswith("mlart/"):
            raise Killed
        super().put(path, data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder)


@pytest.fixture
def gone() -> Owner:
    """A process that is dead: its id belongs to a later one."""
    return dataclasses.replace(Owner.of_this_process(), token="dead0dead0ff", started=1.0)


@pytest.fixture
def start() -> Iterator[Callable[[Spool, Store], Uploader]]:
    """Make uploaders that are closed when the test is done."""
    running: list[Uploader] = []

    def make(spool: Spool, store: Store) -> Uploader:
        running.append(Uploader(spool, lambda run: store))
        return running[-1]

    yield make
    for uploader in running:
        uploader.close()


StartUploader = Callable[[Spool, Store], Uploader]


def keep(
    spool: Spool, path: str = "notes/a.txt", text: str = "hello", *, run: RunRef = RUN, session: str = "s1"
) -> Name:
    """Put a text into the spool as a cell's showing does."""
    before = set(spool.mine())
    shown = Shown(text, run, Cell(f"log({text!r})", "c1", 1), {}, path=path)
    Recorder(spool, session).record(shown, renderer_for(text))
    (name,) = set(spool.mine()) - before
    return name


def claims(spool: Spool) -> list[Claim]:
    return [claim for name in spool.mine() if (claim := spool.claim(name))]


def deliver(spool: Spool, store: Store, courier: Courier | None = None) -> Courier:
    courier = courier or Courier(spool, lambda run: store)
    courier.deliver(claims(spool))
    return courier


def artifacts(store: MemoryStore) -> dict[str, bytes]:
    return {path: data for path, data in store.files.items() if not path.startswith("mlart/")}


def told(store: Store) -> list[Entry]:
    """All entries of a run, each segment's apart."""
    lines = [
        line for row in store.list("mlart") for s in store.list(row.path) for line in store.read(s.path).splitlines()
    ]
    values = [json.loads(line) for line in lines]
    return [Entry.from_json(value) for value in values if "cell" not in value]


# -- one delivery --------------------------------------------------------------------------------


def test_a_delivered_item_is_in_the_store(spool: Spool) -> None:
    store = MemoryStore()
    keep(spool)
    deliver(spool, store)
    assert artifacts(store) == {"notes/a.txt": b"hello"}


def test_a_delivered_item_is_gone_from_the_spool(spool: Spool) -> None:
    keep(spool)
    deliver(spool, MemoryStore())
    assert (spool.unfinished(), spool.dead()) == ([], [])


def test_a_delivered_item_is_in_the_catalogue_as_it_is_stored(spool: Spool) -> None:
    store = MemoryStore()
    keep(spool)
    deliver(spool, store)
    (entry,) = read_catalogue(store).entries.values()
    assert (entry.path, entry.sha256, entry.size) == ("notes/a.txt", hashlib.sha256(b"hello").hexdigest(), 5)


def test_a_cells_source_is_told_once(spool: Spool) -> None:
    store = MemoryStore()
    courier = Courier(spool, lambda run: store)
    for path in ("notes/a.txt", "notes/b.txt"):
        keep(spool, path)
        deliver(spool, store, courier)
    text = b"".join(data for path, data in store.files.items() if path.startswith("mlart/"))
    assert text.count(b'"source":') == 1


def test_items_of_one_delivery_share_a_segment(spool: Spool) -> None:
    store = MemoryStore()
    for number in range(5):
        keep(spool, f"notes/{number}.txt", str(number))
    deliver(spool, store)
    assert len(store.list("mlart/s1")) == 1
    assert len(told(store)) == 5


def test_the_courier_counts_what_has_arrived(spool: Spool) -> None:
    keep(spool, "notes/a.txt")
    keep(spool, "notes/b.txt")
    assert deliver(spool, MemoryStore()).kept == 2


# -- names ---------------------------------------------------------------------------------------


def test_a_name_that_another_session_holds_is_told_apart_by_content(spool: Spool) -> None:
    store = MemoryStore()
    store.put("notes/a.txt", b"theirs")
    keep(spool, text="ours")
    deliver(spool, store)
    mark = hashlib.sha256(b"ours").hexdigest()[:8]
    assert artifacts(store) == {"notes/a.txt": b"theirs", f"notes/a-{mark}.txt": b"ours"}


def test_other_bytes_of_the_same_length_are_told_apart(spool: Spool) -> None:
    store = MemoryStore()
    store.put("notes/a.txt", b"them")
    keep(spool, text="ours")
    deliver(spool, store)
    assert len(artifacts(store)) == 2


def test_the_catalogue_has_the_name_that_was_told_apart(spool: Spool) -> None:
    store = MemoryStore()
    store.put("notes/a.txt", b"theirs")
    keep(spool, text="ours")
    deliver(spool, store)
    (path,) = read_catalogue(store).entries
    assert store.read(path) == b"ours"


def test_a_name_that_holds_the_same_bytes_is_used(spool: Spool) -> None:
    store = MemoryStore()
    store.put("notes/a.txt", b"hello")
    keep(spool)
    deliver(spool, store)
    assert artifacts(store) == {"notes/a.txt": b"hello"}
    assert list(read_catalogue(store).entries) == ["notes/a.txt"]


def test_two_sessions_that_take_turns_lose_nothing(spool: Spool, folder: Path, start: StartUploader) -> None:
    store, their_spool = MemoryStore(), Spool(folder)
    ours, theirs = start(spool, store), start(their_spool, store)
    keep(spool, "notes/a.txt", "first")
    assert ours.flush(30)
    keep(their_spool, "notes/b.txt", "theirs", session="s2")
    assert theirs.flush(30)
    keep(spool, "notes/b.txt", "ours")
    assert ours.flush(30)
    assert sorted(artifacts(store).values()) == [b"first", b"ours", b"theirs"]


# -- stores that fail ----------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_a_delivery_that_failed_anywhere_is_complete_when_repeated(times: int, spool: Spool) -> None:
    store = FailingStore(times)
    keep(spool, "notes/a.txt", "a")
    keep(spool, "notes/b.txt", "b")
    while spool.unfinished():
        try:
            deliver(spool, store)
        except StoreUnavailable:
            continue
    assert artifacts(store) == {"notes/a.txt": b"a", "notes/b.txt": b"b"}
    assert sorted(read_catalogue(store).entries) == ["notes/a.txt", "notes/b.txt"]


def test_a_store_that_does_not_answer_gives_the_items_back(spool: Spool) -> None:
    names = [keep(spool, "notes/a.txt"), keep(spool, "notes/b.txt")]
    with pytest.raises(StoreUnavailable):
        deliver(spool, FailingStore(9))
    assert spool.mine() == names


def test_what_arrived_before_the_store_went_away_is_done(spool: Spool) -> None:
    class Interrupted(MemoryStore):
        def put(self, path: str, data: bytes | memoryview) -> None:
            if path == "notes/b.txt":
                raise StoreUnavailable("The store does not answer", "It is tried again by itself")
            super().put(path, data)

    store = Interrupted()
    keep(spool, "notes/a.txt")
    later = keep(spool, "notes/b.txt")
    with pytest.raises(StoreUnavailable):
        deliver(spool, store)
    assert list(read_catalogue(store).entries) == ["notes/a.txt"]
    assert spool.mine() == [later]


def test_what_a_store_refuses_is_buried_with_the_reason(spool: Spool) -> None:
    name = keep(spool)
    deliver(spool, RefusingStore())
    assert spool.dead() == [(name, "StoreRefused: The store refuses. Check the run.")]


def test_a_refused_item_holds_nobody_up(spool: Spool) -> None:
    store = RefusingStore("bad/")
    keep(spool, "bad/a.txt")
    keep(spool, "good/a.txt")
    deliver(spool, store)
    assert list(read_catalogue(store).entries) == ["good/a.txt"]


def test_a_refused_item_is_in_no_catalogue(spool: Spool) -> None:
    store = RefusingStore()
    keep(spool)
    deliver(spool, store)
    assert store.files == {}


def test_a_run_that_cannot_be_opened_buries_its_items(spool: Spool) -> None:
    def refuse(run: RunRef) -> Store:
        raise StoreRefused(f"The store has no run {run.run_id}", "Check the run")

    keep(spool)
    Courier(spool, refuse).deliver(claims(spool))
    assert [reason for _, reason in spool.dead()] == ["StoreRefused: The store has no run r1. Check the run."]


def test_a_torn_item_is_buried_and_the_others_delivered(spool: Spool) -> None:
    store = MemoryStore()
    torn, _ = keep(spool, "notes/a.txt"), keep(spool, "notes/b.txt")
    (spool.root / "new" / str(torn)).write_bytes(b"torn")
    deliver(spool, store)
    assert list(artifacts(store)) == ["notes/b.txt"]
    assert [name for name, _ in spool.dead()] == [torn]


def test_a_frame_that_cannot_be_finished_is_buried_with_its_bytes(spool: Spool) -> None:
    name = keep(spool)
    header, payload = spool.peek(spool.root / "new" / str(name), name)
    broken = spool.put(header.replace(b'"raw"', b'"arrow"'), bytes(payload))
    deliver(spool, MemoryStore())
    assert [found for found, _ in spool.dead()] == [broken]
    assert bytes(spool.peek(spool.root / "dead" / str(broken), broken)[1]) == b"hello"


# -- a crash and a repeated delivery -------------------------------------------------------------


def redelivered(folder: Path, store: MemoryStore) -> list[Claim]:
    """What another process adopts after the crash."""
    spool = Spool(folder)
    return list(adopt(spool, Courier(spool, lambda run: store), spool.orphans()))


@pytest.mark.parametrize("theirs", [{}, {"notes/a.txt": b"theirs"}])
def test_a_crash_before_the_acknowledgement_gives_one_artifact_and_one_entry(
    folder: Path, gone: Owner, theirs: dict[str, bytes]
) -> None:
    store, doomed = MemoryStore(), LastWordSpool(folder, gone)
    store.files |= theirs
    keep(doomed)
    with pytest.raises(Killed):
        deliver(doomed, store)
    before = dict(store.files)
    assert len(redelivered(folder, store)) == 1
    assert store.files == before
    assert len(artifacts(store)) == 1 + len(theirs)
    assert len(told(store)) == 1


def test_a_crash_before_the_catalogue_gives_one_artifact_and_one_entry(folder: Path, gone: Owner) -> None:
    store, doomed = LastWordStore(), Spool(folder, gone)
    keep(doomed)
    with pytest.raises(Killed):
        deliver(doomed, store)
    survivor = MemoryStore()
    survivor.files = store.files
    redelivered(folder, survivor)
    assert artifacts(survivor) == {"notes/a.txt": b"hello"}
    assert [entry.path for entry in told(survivor)] == ["notes/a.txt"]


def test_a_repeated_delivery_forgets_the_item(folder: Path, gone: Owner) -> None:
    store, doomed = MemoryStore(), LastWordSpool(folder, gone)
    keep(doomed)
    with pytest.raises(Killed):
        deliver(doomed, store)
    redelivered(folder, store)
    assert Spool(folder).waiting() == []


# -- back-off ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "chance", "seconds"),
    [(0, 0.0, 0.25), (0, 0.5, 0.375), (1, 0.0, 0.5), (2, 0.0, 1.0), (3, 0.0, 2.0), (4, 0.0, 2.0), (9, 0.0, 2.0)],
)
def test_the_back_off_doubles_up_to_its_cap(attempt: int, chance: float, seconds: float) -> None:
    assert delay(attempt, chance) == seconds


@pytest.mark.parametrize("attempt", [0, 1, 5, 10**6])
def test_the_back_off_keeps_its_bounds(attempt: int) -> None:
    assert FIRST_DELAY / 2 <= delay(attempt, 0.0) < delay(attempt, 0.999) <= LONGEST_DELAY


def test_a_breaker_lets_pass_at_first() -> None:
    assert not Breaker().is_open


def test_a_breaker_keeps_away_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    breaker = Breaker()
    breaker.fail("no answer")
    assert breaker.is_open
    assert breaker.error == "no answer"


def test_a_breaker_lets_pass_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    breaker = Breaker()
    breaker.fail("no answer")
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + FIRST_DELAY)
    assert not breaker.is_open


def test_a_breaker_keeps_away_longer_after_each_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    monkeypatch.setattr("random.random", lambda: 0.5)
    breaker, ends = Breaker(), []
    for _ in range(4):
        breaker.fail("no answer")
        ends.append(breaker.closed_at)
    assert ends == sorted(set(ends))


def test_a_mended_breaker_has_forgotten_all() -> None:
    breaker = Breaker()
    breaker.fail("no answer")
    breaker.mend()
    assert (breaker.is_open, breaker.failures, breaker.error) == (False, 0, "")


# -- the thread ----------------------------------------------------------------------------------


def test_flushing_delivers_what_waits(spool: Spool, start: StartUploader) -> None:
    store = MemoryStore()
    keep(spool)
    assert start(spool, store).flush(30)
    assert artifacts(store) == {"notes/a.txt": b"hello"}


def test_flushing_an_empty_spool_is_done(spool: Spool, start: StartUploader) -> None:
    assert start(spool, MemoryStore()).flush(30)


def test_more_than_a_batch_is_delivered_in_segments(spool: Spool, start: StartUploader) -> None:
    store = MemoryStore()
    for number in range(BATCH + 1):
        keep(spool, f"notes/{number}.txt", str(number))
    assert start(spool, store).flush(60)
    assert len(artifacts(store)) == BATCH + 1
    assert len(store.list("mlart/s1")) == 2


def test_each_item_goes_to_its_own_run(spool: Spool) -> None:
    stores = {RUN.run_id: MemoryStore(), OTHER_RUN.run_id: MemoryStore()}
    uploader = Uploader(spool, lambda run: stores[run.run_id])
    for number, run in enumerate([RUN, OTHER_RUN, RUN]):
        keep(spool, f"notes/{number}.txt", run=run)
    assert uploader.flush(30)
    uploader.close()
    assert sorted(artifacts(stores["r1"])) == ["notes/0.txt", "notes/2.txt"]
    assert list(artifacts(stores["r2"])) == ["notes/1.txt"]


def test_a_store_that_comes_back_gets_everything(spool: Spool, start: StartUploader) -> None:
    store = FailingStore(3)
    keep(spool)
    uploader = start(spool, store)
    assert any(uploader.flush(30) for _ in range(10))
    assert artifacts(store) == {"notes/a.txt": b"hello"}


def test_the_thread_tries_again_by_itself(spool: Spool, start: StartUploader) -> None:
    store = FailingStore(1)
    keep(spool)
    uploader = start(spool, store)
    uploader.wake()
    end = time.monotonic() + 60
    while spool.unfinished() and time.monotonic() < end:
        time.sleep(0.02)
    assert artifacts(store) == {"notes/a.txt": b"hello"}


def test_flushing_gives_up_when_the_store_has_failed(spool: Spool, start: StartUploader) -> None:
    name = keep(spool)
    assert not start(spool, FailingStore(float("inf"))).flush(10**6)
    assert spool.unfinished() == [name]


def test_flushing_tries_at_once_a_store_that_has_failed(
    spool: Spool, start: StartUploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.breaker.delay", lambda attempt, chance: 10**6)
    keep(spool)
    uploader = start(spool, FailingStore(1))
    assert not uploader.flush(30)
    assert uploader.flush(30)


def test_a_store_that_has_failed_is_left_alone_for_a_while(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.breaker.delay", lambda attempt, chance: 10**6)
    failing, healthy = FailingStore(10**6), MemoryStore()
    uploader = Uploader(spool, lambda run: failing if run == RUN else healthy)
    keep(spool)
    uploader.flush(30)
    keep(spool, run=OTHER_RUN)
    uploader.wake()
    while not artifacts(healthy):
        time.sleep(0.02)
    uploader.close()
    assert failing.times == 10**6 - 1


def test_a_store_that_does_not_answer_is_in_the_census(spool: Spool, start: StartUploader) -> None:
    keep(spool)
    uploader = start(spool, FailingStore(float("inf")))
    uploader.flush(30)
    assert uploader.census().last_error == "The store does not answer. It is tried again by itself."


def test_one_dead_store_does_not_hold_up_another(spool: Spool) -> None:
    stores: dict[str, MemoryStore] = {"r1": FailingStore(float("inf")), "r2": MemoryStore()}
    uploader = Uploader(spool, lambda run: stores[run.run_id])
    keep(spool, run=RUN)
    keep(spool, run=OTHER_RUN)
    uploader.flush(30)
    uploader.close()
    assert artifacts(stores["r2"]) == {"notes/a.txt": b"hello"}


def test_a_store_that_refuses_the_catalogue_does_not_hold_up_another(spool: Spool) -> None:
    stores: dict[str, MemoryStore] = {"r1": RefusingStore("mlart/"), "r2": MemoryStore()}
    uploader = Uploader(spool, lambda run: stores[run.run_id])
    keep(spool, run=RUN)
    keep(spool, run=OTHER_RUN)
    uploader.flush(1)
    uploader.close()
    assert artifacts(stores["r2"]) == {"notes/a.txt": b"hello"}


def test_the_census_counts_what_is_where(spool: Spool, start: StartUploader) -> None:
    keep(spool, "notes/a.txt")
    keep(spool, "bad/a.txt")
    uploader = start(spool, RefusingStore("bad/"))
    assert (uploader.census().waiting, uploader.census().kept) == (2, 0)
    uploader.flush(30)
    census = uploader.census()
    assert (census.waiting, census.in_flight, census.kept, census.dead, census.size) == (0, 0, 1, 1, 0)


def test_the_census_tells_what_is_under_way(spool: Spool, start: StartUploader) -> None:
    store = SlowStore()
    name = keep(spool)
    uploader = start(spool, store)
    uploader.wake()
    assert store.asked.wait(30)
    census = uploader.census()
    store.go.set()
    assert (census.in_flight, census.size, census.oldest) == (1, name.length, name.made / 1e9)


def test_a_torn_item_is_buried_by_the_thread(spool: Spool, start: StartUploader) -> None:
    name = keep(spool)
    (spool.root / "new" / str(name)).write_bytes(b"torn")
    assert start(spool, MemoryStore()).flush(30)
    assert [found for found, _ in spool.dead()] == [name]


@pytest.mark.parametrize("header", [b"no JSON", b"{}", b'{"run": {"colour": "red"}}'])
def test_an_item_that_makes_no_sense_holds_nobody_up(header: bytes, spool: Spool, start: StartUploader) -> None:
    store = MemoryStore()
    name = spool.put(header)
    keep(spool)
    start(spool, store).flush(2)
    assert artifacts(store) == {"notes/a.txt": b"hello"}
    assert [found for found, _ in spool.dead()] == [name]


def test_the_thread_outlives_a_lease_that_cannot_be_renewed(spool: Spool, start: StartUploader) -> None:
    class NoHeart(Spool):
        def heartbeat(self) -> None:
            raise OSError(28, "No space left on device")

    store, heartless = MemoryStore(), NoHeart(spool.root.parent)
    keep(heartless)
    assert start(heartless, store).flush(5)


def test_closing_stops_the_thread(spool: Spool, start: StartUploader) -> None:
    uploader = start(spool, MemoryStore())
    uploader.flush(30)
    uploader.wake()
    uploader.close()
    assert uploader._thread is not None
    uploader._thread.join(30)
    assert not uploader._thread.is_alive()


def test_closing_an_uploader_that_never_ran_is_nothing(spool: Spool) -> None:
    Uploader(spool, lambda run: MemoryStore()).close()


def test_closing_lets_the_item_in_hand_arrive(spool: Spool, start: StartUploader) -> None:
    store = SlowStore()
    keep(spool)
    uploader = start(spool, store)
    uploader.wake()
    assert store.asked.wait(30)
    threading.Timer(0.1, store.go.set).start()
    uploader.close()
    assert uploader._thread is not None
    uploader._thread.join(30)
    assert spool.unfinished() == []


# -- orphans -------------------------------------------------------------------------------------

HERE = {
    "host": socket.gethostname(),
    "python": sys.executable,
    "run": dataclasses.asdict(RUN),
    "source": "",
    "files": [],
}
LOCAL = {"run_id": "r1", "tracking_uri": "sqlite:////data/mlflow.db", "artifact_uri": "file:///data/artifacts/r1"}


def orphan(folder: Path, gone: Owner, header: dict[str, object]) -> Name:
    return Spool(folder, gone).put(json.dumps(header).encode())


def test_an_orphan_of_this_interpreter_is_delivered_here(spool: Spool, folder: Path, gone: Owner) -> None:
    name = orphan(folder, gone, HERE)
    found = sort_orphans(spool, sys.executable)
    assert ([n for n, _ in found.here], found.elsewhere, found.foreign) == ([name], {}, 0)


def test_an_orphan_of_another_interpreter_is_delivered_by_that(
    spool: Spool, folder: Path, gone: Owner, tmp_path: Path
) -> None:
    other = tmp_path / "python"
    other.touch()
    for _ in range(2):
        orphan(folder, gone, HERE | {"python": str(other)})
    found = sort_orphans(spool, sys.executable)
    assert (found.here, found.elsewhere, found.foreign) == ([], {str(other): 2}, 0)


def test_an_orphan_whose_interpreter_is_gone_is_delivered_here(spool: Spool, folder: Path, gone: Owner) -> None:
    name = orphan(folder, gone, HERE | {"python": "/no/such/python"})
    assert [n for n, _ in sort_orphans(spool, sys.executable).here] == [name]


@pytest.mark.parametrize(
    "run",
    [
        LOCAL,
        {"run_id": "r1", "tracking_uri": "file:///data/mlruns"},
        {"run_id": "r1", "tracking_uri": "/data/mlruns"},
        {"run_id": "r1", "tracking_uri": "http://localhost:5000"},
        {"run_id": "r1", "tracking_uri": "http://127.0.0.1:5000"},
        {"run_id": "r1", "tracking_uri": "http://[::1]:5000"},
        {"run_id": "r1", "tracking_uri": "https://mlflow.example", "artifact_uri": "file:///data/artifacts/r1"},
        {"run_id": "r1", "tracking_uri": "postgresql://db/mlflow", "artifact_uri": "/data/artifacts/r1"},
    ],
    ids=lambda run: f"{run['tracking_uri']} {run.get('artifact_uri')}",
)
def test_an_orphan_of_another_host_whose_store_is_there_stays(
    run: dict[str, object], spool: Spool, folder: Path, gone: Owner
) -> None:
    orphan(folder, gone, HERE | {"host": "elsewhere", "run": run})
    found = sort_orphans(spool, sys.executable)
    assert (found.here, found.elsewhere, found.foreign) == ([], {}, 1)


def test_an_orphan_of_another_host_whose_store_is_shared_is_delivered_here(
    spool: Spool, folder: Path, gone: Owner
) -> None:
    name = orphan(folder, gone, HERE | {"host": "elsewhere"})
    assert [n for n, _ in sort_orphans(spool, sys.executable).here] == [name]


def test_an_orphan_of_this_hosts_own_store_is_delivered_here(spool: Spool, folder: Path, gone: Owner) -> None:
    name = orphan(folder, gone, HERE | {"run": LOCAL})
    assert [n for n, _ in sort_orphans(spool, sys.executable).here] == [name]


def test_a_torn_orphan_is_taken_here_to_be_buried(spool: Spool, folder: Path, gone: Owner) -> None:
    name = orphan(folder, gone, HERE)
    (spool.root / "new" / str(name)).write_bytes(b"torn")
    orphans = sort_orphans(spool, sys.executable)
    list(adopt(spool, Courier(spool, lambda run: MemoryStore()), orphans.here))
    assert [found for found, _ in spool.dead()] == [name]


def test_adopting_delivers_oldest_first(spool: Spool, folder: Path, gone: Owner) -> None:
    store, left = MemoryStore(), Spool(folder, gone)
    names = [keep(left, f"notes/{number}.txt", str(number)) for number in range(3)]
    left.claim(names[0])
    arrived = [claim.name for claim in adopt(spool, Courier(spool, lambda run: store), spool.orphans())]
    assert arrived == names
    assert set(artifacts(store)) == {"notes/0.txt", "notes/1.txt", "notes/2.txt"}  # files go side by side


def test_adopting_passes_over_what_another_was_first_to_take(spool: Spool, folder: Path, gone: Owner) -> None:
    keep(Spool(folder, gone))
    orphans = spool.orphans()
    other = Spool(folder)
    list(adopt(other, Courier(other, lambda run: MemoryStore()), orphans))
    assert list(adopt(spool, Courier(spool, lambda run: MemoryStore()), orphans)) == []


def test_adopting_from_a_store_that_does_not_answer_keeps_all(spool: Spool, folder: Path, gone: Owner) -> None:
    left = Spool(folder, gone)
    names = [keep(left, "notes/a.txt"), keep(left, "notes/b.txt")]
    with pytest.raises(StoreUnavailable):
        list(adopt(spool, Courier(spool, lambda run: FailingStore(1)), spool.orphans()))
    assert spool.waiting() == names


def test_what_was_buried_is_not_yielded_as_arrived(spool: Spool, folder: Path, gone: Owner) -> None:
    keep(Spool(folder, gone))
    assert list(adopt(spool, Courier(spool, lambda run: RefusingStore()), spool.orphans())) == []


def test_a_run_whose_store_fails_does_not_hold_up_another_of_its_server(spool: Spool) -> None:
    broken, well = FailingStore(math.inf), MemoryStore()
    neighbour = dataclasses.replace(OTHER_RUN, tracking_uri=RUN.tracking_uri)
    uploader = Uploader(spool, lambda run: broken if run == RUN else well)
    keep(spool)
    keep(spool, run=neighbour)
    try:
        assert not uploader.flush(5)
        assert artifacts(well) == {"notes/a.txt": b"hello"}
    finally:
        uploader.close()


def test_an_impossible_path_is_buried_and_holds_nobody_up(spool: Spool, tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "run")
    for path in ("docs.txt", "docs.txt/below-a-file.txt", "other.txt"):
        keep(spool, path, text=path)
    deliver(spool, store)
    assert [row.path for row in store.list() if not row.is_dir] == ["docs.txt", "other.txt"]
    assert len(spool.dead()) == 1
