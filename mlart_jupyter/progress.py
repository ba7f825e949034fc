"""Progress bars of what takes longer than a second, as widgets in a notebook and as text elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds without a bar."""
LOOK_SECONDS = 0.2

Tell = Callable[[int], object]
"""Is told how many bytes of something are done."""


def progress(things: Iterable[T], title: str, unit: str = "file") -> Iterator[T]:
    """Go through things, showing how far it is once that has taken a while."""
    from tqdm.auto import tqdm

    yield from tqdm(things, desc=title, unit=unit, delay=PATIENCE, leave=False)


class Bar:
    """How many bytes of a total are done; shows itself when that has taken a while.

    Use it from one thread: a notebook's bar is a widget of the cell that runs in it.
    """

    def __init__(self, total: int, title: str) -> None:
        self._total = total
        self._title = title
        self._begun = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *args: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def to(self, done: int) -> None:
        """So many bytes are done: fewer than before, when something has to be sent again."""
        if self._bar is None and time.monotonic() - self._begun < PATIENCE:
            return
        if self._bar is None:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self._total, desc=self._title, unit="B", unit_scale=True, leave=False)
        self._bar.update(min(max(0, done), self._total) - self._bar.n)


@contextmanager
def followed(bar: Bar, done: Callable[[], int]) -> Iterator[None]:
    """Let a bar follow while the block works; for text alone, since a thread shows it."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            bar.to(done())

    thread = threading.Thread(target=look, name="mlart-bar", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


_watcher: ContextVar[Tell | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(tell: Tell) -> Iterator[None]:
    """Let `tell` know how far the copies are that this thread makes in the block."""
    token = _watcher.set(tell)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell_watcher() -> Tell:
    """Whom to tell how many bytes of a copy are done; whoever copies in blocks asks once."""
    return _watcher.get() or _nobody


def _nobody(done: int) -> None:
    """Nobody watches."""
