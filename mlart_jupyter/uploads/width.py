"""How many files go to one host side by side: as few as make it no slower.

A far store takes eight files in the time of one. A server of one process takes them one after the other,
whatever it is sent, and works the harder the more wait; a folder of this machine is slowed by each
hand-over between threads. Which it is shows in what the files take, so that is tried: fewer, until it costs.
"""

from __future__ import annotations

import statistics
import threading

SAMPLES = 16
"""Files that are timed at one width, besides those that began at another."""
COSTS = 1.2
"""Fewer at once are too few when each file takes so many times as long."""
QUICK = 0.001
"""Seconds between two files; what takes less has no rest that a second file could use."""
REST = 40
"""After so many times `SAMPLES` files at one width another is tried: the network or the server may have changed."""


class Width:
    """What one host is given at once; safe to use from several threads.

    Parameters
    ----------
    first
        How many to begin with, where it is known to need no more. Default: `most`.

    Attributes
    ----------
    now
        Files that may be under way side by side.
    """

    def __init__(self, most: int, first: int | None = None) -> None:
        self.now = first or most
        self._most = most
        self._seconds: list[float] = []
        self._before: tuple[int, float] | None = None
        self._rest = 0 if first is None else 1
        self._pays = False
        self._lock = threading.Lock()

    def took(self, seconds: float) -> None:
        """A small file has arrived, so long after it set out."""
        with self._lock:
            self._seconds.append(seconds)
            begun_before = self._before[0] if self._before else self._most
            if len(self._seconds) < begun_before + SAMPLES:
                return
            cost = statistics.median(self._seconds[begun_before:]) / self.now
            self._seconds.clear()
            self._turn(cost)

    def _turn(self, cost: float) -> None:
        """Choose the next width, knowing the seconds between two files at this one."""
        if self._rest:
            self._rest -= 1
            if self._rest == 0:  # from wider again, for narrower is tried next
                self.now, self._before, self._pays = min(self._most, self.now * 2), None, True
        elif self._before and cost > self._before[1] * COSTS:
            self.now, self._before = self._before[0], None
            self._rest = 1 if self._pays and self.now < self._most else REST  # it has paid: wider still, at once
        elif self.now > (1 if cost < QUICK else 2):
            self._pays = self._pays and self._before is None
            self.now, self._before = self.now // 2, (self.now, cost)
        else:
            self._pays = self._pays and self._before is None
            self._before, self._rest = None, 1 if self._pays else REST
