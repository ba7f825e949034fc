"""Listings that are paged through: each is read as far as it was asked for, and kept for its next pages."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store import Page
from mlart_jupyter.waiting import check

KEPT = 8
"""Listings that are kept."""
FIRST = 1000
"""Rows that are read for a first page; a folder that has no more is shown in order as a whole."""
MOST = 16 * FIRST
"""Rows that are read at once."""

PATIENCE, LONGEST = 3.0, 10.0
"""What was read whole is good for so many times what that took, and so many seconds at most: a quick folder is always
read anew, and a slow one is not read through again for each letter of a search."""
KEPT_ROWS = 200_000
"""Rows of all that was read whole and is kept."""

Read = Callable[[str | None, int], Page]
"""Reads a part of a listing: from the store's cursor on, about so many rows."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a listing.

    Attributes
    ----------
    end
        How many rows stand before the next part; None where there is none.
    known
        All rows that were read so far.
    """

    rows: list[ArtifactInfo]
    end: int | None
    known: list[ArtifactInfo]


class Listing:
    """One listing, which grows as it is paged through."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._rows: list[ArtifactInfo] = []
        self._cursor: str | None = None
        self._step = FIRST
        self._is_whole = False
        self._lock = threading.Lock()

    def part(self, start: int, count: int) -> Part:
        """Some rows from one on; reads on only if they are not known yet."""
        end = start + count
        with self._lock:
            while len(self._rows) <= end and not self._is_whole:
                self._grow()
            known = [*self._rows]
        return Part(known[start:end], end if end < len(known) else None, known)

    def _grow(self) -> None:
        """Read twice as much as before: some storages go through the whole folder for each part."""
        check()
        page = self._read(self._cursor, self._step)
        self._rows += page.rows
        self._cursor, self._is_whole = page.cursor, page.cursor is None
        self._step = min(2 * self._step, MOST)


class Listings:
    """The listings that were asked for last, by what was asked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Listing] = OrderedDict()
        self._lock = threading.Lock()

    def part(self, key: str, start: int, count: int, read: Read) -> Part:
        """Some rows of a listing; its beginning is always read anew."""
        with self._lock:
            kept = self._kept.get(key) if start else None
            listing = kept or Listing(read)
            self._kept[key] = listing
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return listing.part(start, count)


class Wholes:
    """What was read whole, to be searched and sorted, kept for a moment: each letter of a search asks for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, list[ArtifactInfo]]] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, key: str, read: Callable[[], Iterable[ArtifactInfo]]) -> list[ArtifactInfo]:
        """All rows that `read` gives, or gave a moment ago."""
        with self._lock:
            good_until, rows = self._kept.get(key, (0.0, []))
        begun = time.monotonic()
        if begun < good_until:
            return rows
        rows = list(read())
        now = time.monotonic()
        self._keep(key, now + min(PATIENCE * (now - begun), LONGEST), rows)
        return rows

    def _keep(self, key: str, good_until: float, rows: list[ArtifactInfo]) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = good_until, rows
            while len(self._kept) > KEPT or sum(len(kept) for _, kept in self._kept.values()) > KEPT_ROWS:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Read all anew: something was changed."""
        with self._lock:
            self._kept.clear()
