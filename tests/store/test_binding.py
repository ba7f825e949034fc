"""Bound segments: a catalogue of many deliveries is read in few requests, and tells the same."""

from __future__ import annotations

import dataclasses

import pytest

from mlart_jupyter.models import Entry
from mlart_jupyter.store import Binder, Catalogue, MemoryStore, binding, read_catalogue, segment
from mlart_jupyter.store.binding import Mark

FIRST = Entry("i0", "a/0.txt", "text", "text/plain", "a/0", 1, "20250101-120000-abc", "r1", 1_700_000_000.0)
FOLDER = f"mlart/{FIRST.session}"


class Counting(MemoryStore):
    """Counts what is read, and loses what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        self.reads += 1
        return super().read(path, start, length)


def entry(number: int, path: str = "") -> Entry:
    path = path or f"a/{number}.txt"
    return dataclasses.replace(FIRST, item=f"i{number}", path=path, time=FIRST.time + number)


def deliver(store: MemoryStore, binder: Binder, *entries: Entry) -> None:
    path, data = segment(entries, {f"hash{entries[0].item}": f"source of {entries[0].item}"})
    store.put(path, data)
    for made in binder.add(path, data):
        store.put(*made)


@pytest.mark.parametrize(("deliveries", "most"), [(1, 1), (7, 7), (8, 1), (9, 2), (100, 15), (600, 20)])
def test_many_deliveries_are_read_in_few_requests(deliveries: int, most: int) -> None:
    store, binder = Counting(), Binder()
    for number in range(deliveries):
        deliver(store, binder, entry(number))
    found = read_catalogue(store)
    assert found.entries == {f"a/{n}.txt": entry(n) for n in range(deliveries)}
    assert len(found.sources) == deliveries
    assert store.reads <= most


def test_a_catalogue_is_whole_after_each_delivery() -> None:
    store, binder, known = Counting(), Binder(), Catalogue()
    for number in range(70):
        deliver(store, binder, entry(number))
        known = read_catalogue(store, known)
        assert set(known.entries) == set(read_catalogue(store).entries) == {f"a/{n}.txt" for n in range(number + 1)}


def test_what_was_read_is_not_read_again_when_it_is_bound() -> None:
    store, binder = Counting(), Binder()
    known = Catalogue()
    for number in range(64):
        deliver(store, binder, entry(number))
        read_catalogue(store, known)
    assert store.reads == 64


def test_a_bound_segment_whose_parts_were_all_read_is_passed_over() -> None:
    store, binder, known = Counting(), Binder(), Catalogue()
    for number in range(8):
        path, data = segment([entry(number)], {})
        store.put(path, data)
        read_catalogue(store, known)
        for made in binder.add(path, data):
            store.put(*made)
    read_catalogue(store, known)
    assert (store.reads, len(store.list(FOLDER))) == (8, 9)


def test_the_newest_entry_stands_whatever_is_bound() -> None:
    store, binder = Counting(), Binder()
    for number in range(7):
        deliver(store, binder, entry(number))
    deliver(store, Binder(), entry(7, "same.txt"))
    deliver(store, binder, entry(8, "same.txt"))  # is bound under a name that is older than the other's
    assert read_catalogue(store).entries["same.txt"] == entry(8, "same.txt")


def test_two_writers_of_one_session_bind_their_own() -> None:
    store, binders = Counting(), (Binder(), Binder())
    for number in range(40):
        deliver(store, binders[number % 2], entry(number, f"a/{number % 10}.txt"))
    assert read_catalogue(store).entries == {f"a/{n % 10}.txt": entry(n, f"a/{n % 10}.txt") for n in range(30, 40)}


def test_a_delivery_repeated_by_another_process_counts_once() -> None:
    store, binder = Counting(), Binder()
    for number in range(8):
        deliver(store, binder, entry(number))
    deliver(store, Binder(), entry(3))
    assert len(read_catalogue(store).entries) == 8
    assert store.reads == 1


def test_a_large_segment_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binding, "LARGE", 5000)
    store, binder = Counting(), Binder()
    for number in range(0, 1600, 100):
        deliver(store, binder, *(entry(number + n) for n in range(100)))
    assert len(store.list(FOLDER)) == 16
    assert len(read_catalogue(store).entries) == 1600


def test_what_a_cut_transfer_left_binds_nothing() -> None:
    store, binder = Counting(), Binder()
    for number in range(8):
        deliver(store, binder, entry(number))
    [bound] = [path for path in store.files if "_" in path]
    store.files[bound] = store.files[bound][:-10]
    assert len(read_catalogue(store).entries) == 8


def test_a_bound_segment_that_did_not_arrive_is_not_missed() -> None:
    store, binder = Counting(), Binder()
    for number in range(64):
        deliver(store, binder, entry(number))
        store.files = {path: data for path, data in store.files.items() if _tier(path) != 1}
    assert len(read_catalogue(store).entries) == 64


def _tier(path: str) -> int:
    mark = Mark.parse(path)
    return 0 if mark is None or not mark.bound else 1 if mark.size < 8000 else 2


def test_a_name_is_read_as_it_was_written() -> None:
    mark = Mark("1700000000.000000", "0123456789ab", ("aaaaaaaaaaaa", "bbbbbbbbbbbb"), 4711)
    assert Mark.parse(f"mlart/s/{mark}") == mark
    assert len(str(dataclasses.replace(mark, bound=mark.bound * 4))) < 143  # what an encrypted home allows


@pytest.mark.parametrize("path", ["mlart/s/notes.txt", "mlart/s/1.0-x.jsonl", "mlart/s/1700000000.000000-0123.jsonl"])
def test_another_file_is_no_segment_of_ours(path: str) -> None:
    assert Mark.parse(path) is None
