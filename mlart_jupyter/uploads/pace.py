"""How many items share one segment of the catalogue: more where the end of a batch costs much."""

from __future__ import annotations

import time
from collections.abc import Iterator

from mlart_jupyter.spool import Name

BATCH, LARGEST_BATCH = 100, 1000
"""Items that share one segment of the catalogue: at first, and at most."""
BATCH_BYTES = 16 * 2**20
"""A batch of large items ends at this size."""
SHORT_SECONDS, BATCH_SECONDS = 0.2, 1.0
"""A store that takes a batch in less than the second gets larger ones, for its round trips at the end of each. In less
than the first it has none, and many items alive at once make Python look through all its objects: 0.1 ms a file."""


class Pace:
    """How many items one store gets at once."""

    def __init__(self) -> None:
        self.size = BATCH
        self._begun = time.monotonic()

    def begin(self) -> None:
        """A batch is on its way."""
        self._begun = time.monotonic()

    def over(self) -> None:
        """It has arrived."""
        seconds = time.monotonic() - self._begun
        if seconds >= BATCH_SECONDS:
            self.size = max(BATCH, self.size // 2)
        elif seconds > SHORT_SECONDS:
            self.size = min(LARGEST_BATCH, self.size * 2)


def batches(names: list[Name]) -> Iterator[tuple[list[Name], Pace]]:
    """Cut a queue into batches, by the pace that each of them is told to have had."""
    pace, start = Pace(), 0
    while start < len(names):
        end, size = start, 0
        while end < len(names) and end - start < pace.size and (end == start or size < BATCH_BYTES):
            size += names[end].length
            end += 1
        pace.begin()
        yield names[start:end], pace
        start = end
