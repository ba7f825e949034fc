"""The crew: bounded, in order, and at work also while the interpreter exits."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import wait

import pytest

from mlart_jupyter.uploads import crew as crews
from mlart_jupyter.uploads.crew import Crew, Lot

AT_EXIT = """
import atexit
from mlart_jupyter.uploads.crew import Crew
atexit.register(lambda: print(Crew(2, "late").submit(lambda: "delivered").result(20), flush=True))
"""


def test_what_is_called_is_in_the_future() -> None:
    assert Crew(2, "test").submit(lambda: 7).result(30) == 7


def test_what_is_raised_is_in_the_future() -> None:
    with pytest.raises(ZeroDivisionError):
        Crew(2, "test").submit(lambda: 1 // 0).result(30)


def test_no_more_than_its_size_work_at_once() -> None:
    crew, go, lock = Crew(3, "test"), threading.Event(), threading.Lock()
    now: list[int] = []
    most: list[int] = []

    def work() -> None:
        with lock:
            now.append(1)
            most.append(len(now))
        go.wait(0.02)
        with lock:
            now.pop()

    wait([crew.submit(work) for _ in range(30)], timeout=60)
    assert max(most) == 3


def test_calls_begin_in_their_order() -> None:
    crew, begun = Crew(1, "test"), list[int]()
    wait([crew.submit(lambda n=n: begun.append(n)) for n in range(50)], timeout=60)  # type: ignore[misc]
    assert begun == list(range(50))


def at_once(crew: Crew, calls: int) -> int:
    """How many of some calls were under way at once."""
    lock, now, most = threading.Lock(), list[int](), list[int]()

    def work() -> None:
        with lock:
            now.append(1)
            most.append(len(now))
        threading.Event().wait(0.005)
        with lock:
            now.pop()

    assert not wait([crew.submit(work) for _ in range(calls)], timeout=60).not_done
    return max(most)


def test_a_crew_follows_its_width() -> None:
    crew = Crew(4, "test")
    assert at_once(crew, 20) == 4
    crew.width.now = 1
    at_once(crew, 8)  # those that are more end when they have had a call
    assert at_once(crew, 10) == 1
    crew.width.now = 3
    assert at_once(crew, 20) == 3


def test_a_lot_waits_until_it_is_to_go() -> None:
    lot, begun = Lot(Crew(2, "test")), threading.Event()
    futures = [lot.submit(begun.set), lot.submit(lambda: None)]
    assert not begun.wait(0.05)
    lot.go()
    assert not wait(futures, timeout=60).not_done


def test_a_lot_goes_by_itself_when_its_making_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "LOT_SECONDS", 0.0)
    lot = Lot(Crew(2, "test"))
    threading.Event().wait(0.001)
    assert lot.submit(lambda: 7).result(30) == 7


def test_what_is_made_one_at_a_time_beside_us_needs_no_other_thread() -> None:
    lot = Lot(Crew(2, "test", first=1), is_beside=True)
    assert [lot.submit(threading.current_thread).result(0) for _ in range(2)] == [threading.current_thread()] * 2


@pytest.mark.parametrize(("first", "is_beside"), [(2, True), (1, False)])
def test_everything_else_does(first: int, is_beside: bool) -> None:
    lot = Lot(Crew(2, "test", first=first), is_beside=is_beside)
    calls = [lot.submit(threading.current_thread) for _ in range(2)]
    lot.go()
    assert threading.current_thread() not in [call.result(30) for call in calls]


def test_what_waits_in_the_lot_goes_before_what_is_made_here() -> None:
    crew = Crew(2, "test")
    lot = Lot(crew, is_beside=True)
    earlier = lot.submit(lambda: "earlier")
    crew.width.now = 1
    assert lot.submit(lambda: earlier.result(30)).result(0) == "earlier"


def test_a_crew_that_has_ended_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.crew.IDLE_SECONDS", 0.01)
    crew = Crew(2, "test")
    for number in range(100):
        assert crew.submit(lambda n=number: n).result(30) == number  # type: ignore[misc]


def test_it_works_while_the_interpreter_exits() -> None:
    result = subprocess.run([sys.executable, "-c", AT_EXIT], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout == "delivered\n", result.stderr
