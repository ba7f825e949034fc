"""The budget of what waits in memory."""

from __future__ import annotations

import threading


class Memory:
    """What snapshots may keep alive, in bytes."""

    def __init__(self, budget: int) -> None:
        self._free = budget
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """Reserve memory; False when there is no room."""
        with self._lock:
            if size > self._free:
                return False
            self._free -= size
            return True

    def give(self, size: int) -> None:
        """Return what was reserved."""
        with self._lock:
            self._free += size
