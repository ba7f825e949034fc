"""Keeps what a process says of itself to others true, without writing it at every step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from mlart_jupyter.spool.sessions import Session, write_session

SECONDS = 5.0
"""What may come later is written this often at most: a write costs a tenth of a small delivery."""


class Presence:
    """One session's file; safe to use from several threads.

    Parameters
    ----------
    words
        What the session says of itself now.
    failed
        Called with a sentence when the file cannot be written: it is for others, so nothing else stops.
    """

    def __init__(self, folder: Path, words: Callable[[], Session], failed: Callable[[str], None]) -> None:
        self._folder = folder
        self._words = words
        self._failed = failed
        self._is_behind = False
        self._written = float("-inf")
        self._lock = threading.RLock()

    def tell(self) -> None:
        """Write it now."""
        with self._lock:
            self._is_behind = False
            self._written = time.monotonic()
            try:
                write_session(self._folder, self._words())
            except OSError as error:
                self._failed(f"The session file cannot be written ({error})")

    def tell_soon(self) -> None:
        """Something has changed that others need not know at once: the next `catch_up` writes it."""
        self._is_behind = True

    def catch_up(self, after: float = SECONDS) -> None:
        """Write what is behind, unless it was written less than so many seconds ago."""
        if self._is_behind and time.monotonic() - self._written >= after:
            self.tell()
