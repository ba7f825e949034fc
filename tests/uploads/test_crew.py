"""The crew: bounded, in order, and at work also while the interpreter exits."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import wait

import pytest

from mlart_jupyter.uploads.crew import Crew

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


def test_a_crew_that_has_ended_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.crew.IDLE_SECONDS", 0.01)
    crew = Crew(2, "test")
    for number in range(100):
        assert crew.submit(lambda n=number: n).result(30) == number  # type: ignore[misc]


def test_it_works_while_the_interpreter_exits() -> None:
    result = subprocess.run([sys.executable, "-c", AT_EXIT], capture_output=True, text=True, timeout=120, check=False)
    assert result.stdout == "delivered\n", result.stderr
