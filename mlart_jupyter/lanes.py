"""Blocking work in threads, in lanes: what hangs in one holds up no other, and what nobody waits for any more ends.

No host framework: the routes and the panel's comm hand their work in here.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from mlart_jupyter.waiting import begin, check

Result = TypeVar("Result")

MOST = 24
"""Lanes that there can be; what comes after them shares the last one."""


class Work(Generic[Result]):
    """A call on its way.

    Attributes
    ----------
    future
        Its result, or its error.
    """

    def __init__(self) -> None:
        self.future: Future[Result]
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Nobody waits for it any more: it does not begin, or ends where it asks `waiting.check`."""
        self._given_up.set()
        self.future.cancel()

    @property
    def is_given_up(self) -> bool:
        """Whether nobody waits for it."""
        return self._given_up.is_set()

    def run(self, call: Callable[[], Result]) -> Result:
        """Run the call, which can ask whether somebody waits."""
        begin(self._given_up)
        check()
        return call()


class Lanes:
    """A few threads for each thing that may hang, such as a store.

    Parameters
    ----------
    width
        Threads of one lane.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()

    def submit(self, lane: str, call: Callable[[], Result]) -> Work[Result]:
        """Hand a call in."""
        work: Work[Result] = Work()
        context = contextvars.Context()  # a thread serves many calls: none leaves its mark to the next
        work.future = self._lane(lane).submit(context.run, work.run, call)
        return work

    def _lane(self, name: str) -> ThreadPoolExecutor:
        with self._lock:
            if name not in self._lanes and len(self._lanes) >= MOST:
                name = next(reversed(self._lanes))
            if name not in self._lanes:
                self._lanes[name] = ThreadPoolExecutor(self._width, f"mlart-{len(self._lanes)}")
            return self._lanes[name]

    def close(self) -> None:
        """Let go of the threads: what has not begun never does."""
        with self._lock:
            for pool in self._lanes.values():
                pool.shutdown(wait=False, cancel_futures=True)
