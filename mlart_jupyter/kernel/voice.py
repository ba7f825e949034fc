"""How often the extension speaks: each message once, and a few times a minute at most."""

from __future__ import annotations

import time
from collections import deque

MOST = 3
SECONDS = 60.0


class Voice:
    """Decides whether a line may be printed under a cell; the status tells what was not said."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._times: deque[float] = deque(maxlen=MOST)

    def may_say(self, words: str) -> bool:
        """Whether to print this now."""
        now = time.monotonic()
        if words in self._said or (len(self._times) == MOST and now - self._times[0] < SECONDS):
            return False
        self._said.add(words)
        self._times.append(now)
        return True
