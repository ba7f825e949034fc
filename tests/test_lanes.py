"""Work in lanes: what hangs holds up its own lane only, and what is given up ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait

import pytest

from mlart_jupyter import lanes as module
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import GivenUp
from mlart_jupyter.lanes import Lanes
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import MemoryStore
from mlart_jupyter.waiting import check

SOON = 30


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    lanes = Lanes(2)
    yield lanes
    lanes.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hangs waits for this; open at the end."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_call_gives_its_result_or_its_error(lanes: Lanes) -> None:
    assert lanes.submit("a", lambda: 3).future.result(SOON) == 3
    with pytest.raises(ZeroDivisionError):
        lanes.submit("a", lambda: 1 / 0).future.result(SOON)


def test_a_lane_that_hangs_holds_up_no_other(lanes: Lanes, gate: threading.Event) -> None:
    stuck = [lanes.submit("slow", lambda: gate.wait(SOON)) for _ in range(5)]
    assert lanes.submit("quick", lambda: "here").future.result(SOON) == "here"
    assert not any(work.future.done() for work in stuck)


def test_what_is_given_up_before_it_begins_never_does(lanes: Lanes, gate: threading.Event) -> None:
    for _ in range(2):
        lanes.submit("slow", lambda: gate.wait(SOON))
    begun: list[int] = []
    waiting = lanes.submit("slow", lambda: begun.append(1))
    waiting.give_up()
    gate.set()
    with pytest.raises(CancelledError):
        waiting.future.result(SOON)
    assert lanes.submit("slow", lambda: "next").future.result(SOON) == "next"
    assert begun == []


def test_what_is_given_up_on_its_way_ends_where_it_asks(lanes: Lanes, gate: threading.Event) -> None:
    entered = threading.Event()

    def long() -> None:
        entered.set()
        assert gate.wait(SOON)
        check()

    work = lanes.submit("a", long)
    assert entered.wait(SOON)
    work.give_up()
    gate.set()
    with pytest.raises(GivenUp):
        work.future.result(SOON)
    assert lanes.submit("a", check).future.result(SOON) is None


def test_a_walk_through_a_run_ends_when_nobody_waits(lanes: Lanes, gate: threading.Event) -> None:
    store = MemoryStore()
    for i in range(5):
        store.put(f"{i}.txt", b"")
    seen: list[str] = []
    halfway = threading.Event()

    def walk() -> None:
        for row in Artifacts(RunRef("r", "sqlite:////x.db"), store).walk():
            seen.append(row.path)
            if len(seen) == 2:
                halfway.set()
                assert gate.wait(SOON)

    work = lanes.submit("a", walk)
    assert halfway.wait(SOON)
    work.give_up()
    gate.set()
    with pytest.raises(GivenUp):
        work.future.result(SOON)
    assert seen == ["0.txt", "1.txt"]


def test_there_is_an_end_to_the_threads(lanes: Lanes) -> None:
    works = [lanes.submit(str(i), threading.get_ident) for i in range(3 * module.MOST)]
    wait([work.future for work in works], SOON)
    assert len({work.future.result() for work in works}) <= 2 * module.MOST
    assert len(lanes._lanes) == module.MOST


def test_without_lanes_nobody_is_asked() -> None:
    check()
