"""A bounded crew of threads that puts several files at once.

Not `concurrent.futures.ThreadPoolExecutor`: its threads take nothing more once the interpreter begins to
exit, which is when a kernel delivers its last items, and one that hangs would hold up the exit.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from mlart_jupyter.uploads.width import Width

Result = TypeVar("Result")

IDLE_SECONDS = 10.0
"""A thread that has had nothing to do for so long ends."""
LOT_SECONDS = 0.1
"""Calls wait for the next ones for so long."""


class Crew:
    """Threads that come with the work and go without it; calls begin in the order they were given.

    Parameters
    ----------
    first
        How many work at first. Default: all.

    Attributes
    ----------
    width
        How many work at once: `size` at most, and fewer when it is told what the calls take.
    """

    def __init__(self, size: int, name: str, first: int | None = None) -> None:
        self.width = Width(size, first)
        self._name = name
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._open = 0

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Let a thread call this; what it raises is in the future."""
        future: Future[Result] = Future()
        self.take([(future, call)])
        return future

    def take(self, calls: Iterable[tuple[Future[Any], Callable[[], Any]]]) -> None:
        """Let threads call these, each for its future."""
        with self._lock:
            for call in calls:
                self._open += 1
                self._calls.put(call)  # in the lock: a thread that is about to end looks once more
        self._hire()

    def _hire(self) -> None:
        """Begin the threads that are wanted now."""
        with self._lock:
            wanted = max(0, min(self.width.now, self._open) - self._threads)
            self._threads += wanted
        for _ in range(wanted):
            self._begin()

    def _begin(self) -> None:
        try:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        except RuntimeError:  # the interpreter exits and gives no threads any more
            self._work(patience=0.0)

    def _work(self, patience: float = IDLE_SECONDS) -> None:
        while True:
            try:
                future, call = self._calls.get(timeout=patience)
            except queue.Empty:
                with self._lock:
                    if self._calls.empty():
                        self._threads -= 1
                        return
                continue
            _run(future, call)
            with self._lock:
                self._open -= 1
                if self._threads > self.width.now:  # the others take what is left
                    self._threads -= 1
                    return
            if self._threads < self.width.now:
                self._hire()


class Lot:
    """Calls that set out together: beside those that are under way, the making of the next ones takes longer.

    Parameters
    ----------
    is_beside
        Calls that the crew makes one at a time are made at once, by the thread that has them: two that take
        turns slow each other down.
    """

    def __init__(self, crew: Crew, *, is_beside: bool = False) -> None:
        self._crew = crew
        self._is_beside = is_beside
        self._calls: list[tuple[Future[Any], Callable[[], Any]]] = []
        self._begun = 0.0

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """As the crew's, but not at once: not before `go`, if that comes soon."""
        future: Future[Result] = Future()
        if self._is_beside and self._crew.width.now == 1:
            self.go()  # a call may wait for an earlier one
            _run(future, call)
            return future
        if not self._calls:
            self._begun = time.monotonic()
        self._calls.append((future, call))
        if time.monotonic() - self._begun > LOT_SECONDS:
            self.go()
        return future

    def go(self) -> None:
        """Let the crew have all."""
        calls, self._calls = self._calls, []
        if calls:
            self._crew.take(calls)


def _run(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # whoever waits for the future gets it
        future.set_exception(error)
