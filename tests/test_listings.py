"""Listings that grow as they are paged through."""

from __future__ import annotations

import threading

import pytest

from mlart_jupyter import listings
from mlart_jupyter.listings import FIRST, KEPT, Listings, Wholes
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store.base import Page, cut


class Folder:
    """A folder of files, and how many rows were asked of it each time."""

    def __init__(self, files: int) -> None:
        self.rows = [ArtifactInfo(f"{i:06}", is_dir=False) for i in range(files)]
        self.asked: list[int] = []

    def read(self, cursor: str | None, limit: int) -> Page:
        self.asked.append(limit)
        return cut(self.rows, cursor, limit)


def test_a_large_folder_is_read_as_far_as_it_is_shown():
    folder = Folder(50 * FIRST)
    part = Listings().part("k", 0, 200, folder.read)
    assert ([row.path for row in part.rows], part.end) == ([f"{i:06}" for i in range(200)], 200)
    assert folder.asked == [FIRST]


def test_all_pages_together_are_the_folder_and_each_row_is_read_once():
    folder, kept = Folder(9 * FIRST + 7), Listings()
    rows, start = [], 0
    while start is not None:
        part = kept.part("k", start, 700, folder.read)
        rows += part.rows
        start = part.end
    assert rows == folder.rows
    assert folder.asked == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]


def test_a_last_page_that_is_full_has_none_after_it():
    folder = Folder(FIRST)
    kept = Listings()
    assert kept.part("k", 0, FIRST, folder.read).end is None
    assert kept.part("k", 0, FIRST - 1, folder.read).end == FIRST - 1


def test_the_beginning_is_read_anew():
    folder, kept = Folder(3), Listings()
    kept.part("k", 0, 2, folder.read)
    folder.rows.append(ArtifactInfo("zz", is_dir=False))
    assert len(kept.part("k", 2, 2, folder.read).rows) == 1
    assert len(kept.part("k", 0, 9, folder.read).rows) == 4


def test_a_page_of_a_listing_that_was_let_go_is_read_again():
    folder, kept = Folder(5), Listings()
    kept.part("old", 0, 2, folder.read)
    for i in range(KEPT):
        kept.part(str(i), 0, 2, folder.read)
    assert [row.path for row in kept.part("old", 2, 2, folder.read).rows] == ["000002", "000003"]
    assert len(folder.asked) == KEPT + 2


def test_two_who_page_at_once_read_each_part_once():
    folder, kept, entered, go = Folder(4 * FIRST), Listings(), threading.Event(), threading.Event()

    def slow(cursor: str | None, limit: int) -> Page:
        if cursor is not None:
            entered.set()
            assert go.wait(30)
        return folder.read(cursor, limit)

    kept.part("k", 0, 10, slow)
    found: list[int] = []
    both = [threading.Thread(target=lambda: found.append(len(kept.part("k", FIRST, 10, slow).rows))) for _ in "ab"]
    for each in both:
        each.start()
    assert entered.wait(30)
    go.set()
    for each in both:
        each.join(30)
    assert (found, folder.asked) == ([10, 10], [FIRST, 2 * FIRST])


def test_the_parts_that_are_read_stop_growing():
    folder = Folder(70 * FIRST)
    Listings().part("k", 0, 65 * FIRST, folder.read)
    assert max(folder.asked) == listings.MOST


# -- read whole -----------------------------------------------------------------------------------


class Clock:
    """Goes on as it is told to; a read takes so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds, self.reads = 100.0, seconds, 0

    def monotonic(self) -> float:
        return self.now

    def read(self) -> list[ArtifactInfo]:
        self.now += self.seconds
        self.reads += 1
        return [ArtifactInfo(f"{self.reads}", is_dir=False)]


def test_what_is_quickly_read_is_read_anew_and_what_is_slow_is_kept_for_a_moment(monkeypatch):
    for seconds, pauses, reads in ((0.01, [0.05, 0.05], 3), (2.0, [3.0, 2.9, 0.2], 2), (60.0, [9.0, 2.0], 2)):
        clock, wholes = Clock(seconds), Wholes()
        monkeypatch.setattr(listings, "time", clock)
        wholes.rows("k", clock.read)
        for pause in pauses:
            clock.now += pause
            rows = wholes.rows("k", clock.read)
        assert (clock.reads, [row.path for row in rows]) == (reads, [f"{reads}"])


def test_what_is_kept_whole_is_bounded_and_can_be_forgotten(monkeypatch):
    clock, wholes = Clock(2.0), Wholes()
    monkeypatch.setattr(listings, "time", clock)
    monkeypatch.setattr(listings, "KEPT_ROWS", 2)
    monkeypatch.setattr(listings, "PATIENCE", 100.0)
    monkeypatch.setattr(listings, "LONGEST", 1000.0)
    for key in "abc":
        wholes.rows(key, clock.read)
    wholes.rows("c", clock.read)
    assert clock.reads == 3
    wholes.rows("a", clock.read)
    assert clock.reads == 4
    wholes.forget()
    wholes.rows("a", clock.read)
    assert clock.reads == 5


def test_a_reading_that_fails_is_not_kept():
    wholes = Wholes()
    with pytest.raises(OSError, match="gone"):
        wholes.rows("k", lambda: (_ for _ in ()).throw(OSError("gone")))
    assert wholes.rows("k", list) == []
