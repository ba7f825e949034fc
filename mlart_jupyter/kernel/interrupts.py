"""Holds back the user's interrupt while a hook works: one that strikes inside a lock would leave it locked for ever."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def held_back() -> Iterator[None]:
    """Let an interrupt come when the block is done; a second one comes at once."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():  # only there they arrive
        yield
        return
    waiting: list[int] = []

    def note(number: int, frame: Any) -> None:
        if waiting and callable(before):
            before(number, frame)
        waiting.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            signal.raise_signal(signal.SIGINT)
