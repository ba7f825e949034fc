"""When the worker begins: beside a running cell only when it must."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import Cell, Entry, File, Payload, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.spool import Name, Owner, Spool
from mlart_jupyter.store import LocalStore, MemoryStore
from mlart_jupyter.uploads import Uploader, worker

RUN = RunRef("r1", "https://mlflow.example", "s3://bucket/r1", "1")


REAL_SLEEP = time.sleep


class Pauses:
    """Sleeps, but never for long."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, seconds: float) -> None:
        self.count += 1
        REAL_SLEEP(min(seconds, 0.02))


class Desk:
    """A worker beside a cell."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        self.cell: Cell | None = Cell("log('hello')", "c1", 1)
        self.spool = Spool(folder)
        self.uploader = Uploader(self.spool, lambda run: self.store)
        self.uploader.running_cell = lambda: self.cell
        self.looks = 0
        mine = self.spool.mine

        def looked() -> list[Name]:
            self.looks += 1
            return mine()

        self.spool.mine = looked  # type: ignore[method-assign]

    def show(self, path: str = "a.txt") -> None:
        """Show a text, as the running cell would."""
        shown = Shown("hello", RUN, Cell("log('hello')", "c1", 1), {}, path=path)
        Recorder(self.spool, "s1", on_put=self.uploader.came).record(shown, renderer_for("hello"))

    def ends(self, following: Cell | None = None) -> None:
        """The cell ends, and maybe another begins at once."""
        self.cell = following
        self.uploader.cell_over()

    def has_come(self, seconds: float, path: str = "a.txt") -> bool:
        """Wait until it is in the run; tell whether it is."""
        return until(lambda: self.store.files.get(path) == b"hello", seconds)


def a_text(path: str, run: RunRef = RUN) -> tuple[bytes, Payload]:
    """The header and the payload of an item."""
    entry = Entry(path, path, "text", "text/plain", path, 1, "s1", run.run_id, time.time())
    header, (payload,) = pack(run, [entry], [File(".txt", "text/plain", b"hello")])
    return header, payload


def until(is_so: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.02)
    return is_so()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "spool")
    yield desk
    desk.uploader.close()


def test_what_a_running_cell_shows_waits_for_its_end(desk: Desk) -> None:
    desk.show()
    assert not desk.has_come(1.0)
    desk.ends()
    assert desk.has_come(30)


def test_what_a_cell_has_shown_goes_beside_the_next_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAKE_WAY_SECONDS", 60)
    desk.show()
    assert not desk.has_come(1.0)
    desk.ends(Cell("1 + 1", "c2", 2))
    assert desk.has_come(30)


def test_a_cell_that_ends_before_the_thread_looks_is_not_waited_for_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAKE_WAY_SECONDS", 60)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 60)
    desk.show()
    desk.ends(Cell("1 + 1", "c2", 2))
    assert desk.has_come(30)


def test_what_comes_while_the_store_is_busy_goes_after_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 60)
    monkeypatch.setattr(worker, "SOON_SECONDS", 0.0)
    begun, goes_on = threading.Event(), threading.Event()
    put = desk.store.put

    def slow(path: str, data: Payload) -> None:
        begun.set()
        goes_on.wait(30)
        put(path, data)

    monkeypatch.setattr(desk.store, "put", slow)
    desk.cell = None
    desk.show()
    assert begun.wait(30)
    desk.show("b.txt")
    assert until(lambda: desk.looks > 1, 30)
    goes_on.set()
    assert desk.has_come(30, "b.txt")


def test_the_run_of_what_a_cell_has_put_is_not_read_from_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Spool, "header")
    desk.show()
    desk.ends()
    assert desk.has_come(30)
    assert until(desk.spool.is_done, 30)


def test_what_a_cell_has_put_goes_without_a_look_through_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 60)
    desk.show()
    desk.ends()
    assert desk.has_come(30)
    assert until(desk.spool.is_done, 30)
    looks = desk.looks
    desk.cell = Cell("log('hello')", "c2", 2)
    desk.show("b.txt")
    desk.ends()
    assert desk.has_come(30, "b.txt")
    assert desk.looks == looks


def test_nothing_is_looked_through_while_nothing_comes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.02)
    ticks: list[int] = []
    desk.uploader.on_look = lambda: ticks.append(desk.looks)
    desk.cell = None
    desk.show()
    assert until(lambda: len(ticks) > 20 and len(set(ticks[-20:])) == 1, 30)
    Spool(desk.spool.root.parent, Owner.of_this_process()).put(*a_text("c.txt"), owner=desk.spool.owner.token)
    assert desk.has_come(30, "c.txt")


@pytest.mark.parametrize("is_near", [True, False])
def test_a_few_files_for_a_folder_of_this_machine_need_no_other_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_near: bool
) -> None:
    threads: dict[str, str] = {}
    kind, name = (LocalStore, "put_new") if is_near else (MemoryStore, "put")
    put = getattr(kind, name)

    def noted(self: Any, path: str, data: Payload) -> None:
        threads[path] = threading.current_thread().name
        put(self, path, data)

    monkeypatch.setattr(kind, name, noted)
    store = LocalStore(tmp_path / "run") if is_near else MemoryStore()
    spool = Spool(tmp_path / "spool")
    uploader = Uploader(spool, lambda run: store)
    for path in ("first.txt", "a.txt"):  # a store that was never asked may be slow to open
        uploader.came(spool.put(*a_text(path)), RUN)
        assert uploader.flush(30)
    uploader.close()
    assert (threads["a.txt"] == "mlart-uploader") == is_near
    assert threads["first.txt"] != "mlart-uploader"


def test_a_folder_on_another_disk_may_hang_and_holds_up_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.courier.disk_of", str)
    goes_on, put = threading.Event(), LocalStore.put_new

    def hangs(self: LocalStore, path: str, data: Payload) -> None:
        if path == "hangs.txt":
            goes_on.wait(60)
        put(self, path, data)

    monkeypatch.setattr(LocalStore, "put_new", hangs)
    spool = Spool(tmp_path / "spool")
    uploader = Uploader(spool, lambda run: LocalStore(tmp_path / run.run_id))
    one, other = (RunRef(name, "sqlite:////x.db", (tmp_path / name).as_uri(), "1") for name in ("r1", "r2"))
    for run in (one, other):
        uploader.came(spool.put(*a_text("first.txt", run)), run)
    assert uploader.flush(30)
    uploader.came(spool.put(*a_text("hangs.txt", one)), one)
    uploader.came(spool.put(*a_text("a.txt", other)), other)
    assert until((tmp_path / "r2/a.txt").exists, 30)
    goes_on.set()
    assert uploader.flush(30)
    uploader.close()


def test_what_no_thread_has_looked_at_is_left_to_whoever_comes_next(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    name = spool.put(*a_text("a.txt"))
    Uploader(spool, lambda run: MemoryStore()).close()
    assert [orphan for orphan, _ in Spool(tmp_path / "spool").orphans()] == [name]


def test_a_store_that_lets_a_try_hang_is_tried_again_the_sooner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []

    def hangs(*request: Any) -> None:
        REAL_SLEEP(0.3)
        raise StoreUnavailable.of_host("It does not answer", "Wait")

    monkeypatch.setattr(desk.store, "list", hangs)
    monkeypatch.setattr(desk.store, "put", hangs)
    monkeypatch.setattr(desk.uploader.breakers, "failed", lambda run, error, took: told.append(took))
    desk.show()
    desk.ends()
    assert until(lambda: bool(told), 30)
    assert told[0] >= 0.3


def test_a_cell_that_does_not_end_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAKE_WAY_SECONDS", 0.2)
    desk.show()
    assert desk.has_come(30)


def test_a_cell_that_waits_for_its_deliveries_gets_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MAKE_WAY_SECONDS", 60)
    desk.show()
    assert desk.uploader.flush(20)
    assert desk.has_come(0)


@pytest.fixture
def pauses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Where no cell runs and, as it seems, more comes all the time: the rests that the worker takes."""
    monkeypatch.setattr(worker, "BURST_SECONDS", 60)
    monkeypatch.setattr(worker, "SETTLE_SECONDS", 600)
    monkeypatch.setattr(worker.time, "sleep", pauses := Pauses())
    desk.cell = None
    return pauses


def test_what_comes_blow_upon_blow_is_let_come(desk: Desk, pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.show()
    assert until(lambda: pauses.count > 5, 30)
    assert not desk.store.files
    monkeypatch.setattr(worker, "SETTLE_SECONDS", 0.0)
    assert desk.has_come(30)


@pytest.mark.usefixtures("pauses")
def test_but_not_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BURST_SECONDS", 0.1)
    desk.show()
    assert desk.has_come(30)


@pytest.mark.usefixtures("pauses")
def test_nor_while_somebody_waits_for_it(desk: Desk) -> None:
    desk.show()
    assert desk.uploader.flush(30)
