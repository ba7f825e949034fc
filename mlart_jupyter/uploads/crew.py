"""A bounded crew of threads that puts several files at once.

Not `concurrent.futures.ThreadPoolExecutor`: its threads take nothing more once the interpreter begins to
exit, which is when a kernel delivers its last items, and one that hangs would hold up the exit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")

IDLE_SECONDS = 10.0
"""A thread that has had nothing to do for so long ends."""


class Crew:
    """Threads that come with the work and go without it; calls begin in the order they were given."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._open = 0

    def submit(self, call: Callable[[], Result]) -> Future[Result]:
        """Let a thread call this; what it raises is in the future."""
        future: Future[Result] = Future()
        with self._lock:
            self._open += 1
            needed = self._threads < min(self._size, self._open)
            self._threads += needed
            self._calls.put((future, call))  # in the lock: a thread that is about to end looks once more
        if needed:
            self._begin()
        return future

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


def _run(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # whoever waits for the future gets it
        future.set_exception(error)
