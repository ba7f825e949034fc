"""The catalogue: segments that are written once, and what is read from them."""

from __future__ import annotations

import dataclasses
import json

import pytest

from mlart_jupyter.models import Entry
from mlart_jupyter.store import MemoryStore, gone, read_catalogue, segment

ENTRY = Entry(
    item="0a1b",
    path="figures/loss.png",
    kind="figure",
    media_type="image/png",
    key="figures/loss",
    version=1,
    session="20250101-120000-abc",
    run_id="r1",
    time=1_700_000_000.25,
    shape=(640, 480),
    sha256="a" * 64,
    size=7,
)


def with_segments(*segments: tuple[str, bytes]) -> MemoryStore:
    store = MemoryStore()
    for path, data in segments:
        store.put(path, data)
    return store


def test_an_entry_is_read_as_it_was_written() -> None:
    found = read_catalogue(with_segments(segment([ENTRY], {})))
    assert found.entries == {ENTRY.path: ENTRY}


def test_a_source_is_read_under_its_hash() -> None:
    source = 'print("ä")\n\u2028# end'
    assert read_catalogue(with_segments(segment([ENTRY], {"f" * 64: source}))).sources == {"f" * 64: source}


def test_a_segment_lies_in_its_sessions_folder() -> None:
    path, _ = segment([ENTRY], {})
    assert path.startswith("mlart/20250101-120000-abc/")


def test_a_repeated_delivery_writes_the_same_segment() -> None:
    assert segment([ENTRY], {"f": "a = 1"}) == segment([ENTRY], {"f": "a = 1"})


@pytest.mark.parametrize("change", [{"item": "9f"}, {"path": "figures/loss-3fa2c1d8.png"}, {"time": 5.0}])
def test_other_items_make_another_segment(change: dict[str, object]) -> None:
    assert segment([ENTRY], {})[0] != segment([dataclasses.replace(ENTRY, **change)], {})[0]


def test_segments_sort_by_time() -> None:
    times = [0.5, 9.0, 10.0, 1_700_000_000.0]
    names = [segment([dataclasses.replace(ENTRY, time=time)], {})[0] for time in times]
    assert names == sorted(names)


def test_the_newest_entry_of_a_path_stands() -> None:
    newer = dataclasses.replace(ENTRY, item="9f", time=ENTRY.time + 1, execution_count=2)
    found = read_catalogue(with_segments(segment([newer], {}), segment([ENTRY], {})))
    assert found.entries == {ENTRY.path: newer}


def test_an_item_told_of_twice_counts_once() -> None:
    other = dataclasses.replace(ENTRY, item="9f", path="figures/other.png")
    found = read_catalogue(with_segments(segment([ENTRY], {}), segment([ENTRY, other], {})))
    assert found.entries == {ENTRY.path: ENTRY, other.path: other}


def test_all_sessions_are_read() -> None:
    other = dataclasses.replace(ENTRY, session="20250102-000000-def", path="figures/other.png")
    found = read_catalogue(with_segments(segment([ENTRY], {}), segment([other], {})))
    assert set(found.entries) == {ENTRY.path, other.path}


def test_a_run_without_a_catalogue_has_none() -> None:
    store = with_segments(("figures/loss.png", b"picture"))
    assert read_catalogue(store).entries == {}


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"\xff\xfe", b"null", b"7", b'"text"', b"[]", b"{}", b'{"cell": "f"}', b'{"item": "0a1b", "shape": 7}'],
)
def test_a_line_that_cannot_be_read_is_passed_over(line: bytes) -> None:
    path, data = segment([ENTRY], {})
    found = read_catalogue(with_segments((path, line + b"\n" + data)))
    assert (found.entries, found.sources) == ({ENTRY.path: ENTRY}, {})


def test_a_line_of_a_newer_version_is_read() -> None:
    path, data = segment([ENTRY], {})
    newer = json.dumps(json.loads(data) | {"colour": "red"}).encode()
    assert read_catalogue(with_segments((path, newer))).entries == {ENTRY.path: ENTRY}


def test_a_file_beside_the_sessions_is_passed_over() -> None:
    assert read_catalogue(with_segments(("mlart/notes.txt", b"hello"))).entries == {}


# -- what is deleted ------------------------------------------------------------------------------

LATER = dataclasses.replace(ENTRY, item="9f", time=ENTRY.time + 5, session="20250102-120000-abc")


@pytest.mark.parametrize("session", ["20240101-000000-abc", "20990101-000000-abc"])
def test_what_was_deleted_is_told_of_no_longer_whoever_is_read_first(session: str) -> None:
    segments = [segment([ENTRY], {}), segment([LATER], {}), gone([LATER], session, 0.0)]
    assert read_catalogue(with_segments(*segments)).entries == {}


def test_what_came_after_a_deletion_stands() -> None:
    for session in ("20240101-000000-abc", "20990101-000000-abc"):
        segments = [segment([ENTRY], {}), gone([ENTRY], session, 0.0), segment([LATER], {})]
        assert read_catalogue(with_segments(*segments)).entries == {ENTRY.path: LATER}


def test_a_catalogue_that_was_read_learns_of_a_deletion() -> None:
    store = with_segments(segment([ENTRY], {"f": "a = 1"}))
    known = read_catalogue(store)
    store.put(*gone([ENTRY], "s", 1.0))
    assert (read_catalogue(store, known).entries, known.sources) == ({}, {"f": "a = 1"})


DAMAGED = {
    "bytes": b'{"path": "\xff"}\n',
    "half a line": b'{"path": \n',
    "a line too many": b"\n\n",
    "no object": b"7\n",
    "too deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_the_good_lines_of_a_damaged_segment_count(damage: bytes) -> None:
    path, data = segment([ENTRY], {})
    found = read_catalogue(with_segments((path, data.replace(b"\n", b"\n" + damage)), (f"{path}2", damage)))
    assert found.entries == {ENTRY.path: ENTRY}


def test_what_entries_have_in_common_is_held_once() -> None:
    both = [segment([dataclasses.replace(ENTRY, item=name, path=name)], {}) for name in ("a", "b")]
    one, other = read_catalogue(with_segments(*both)).entries.values()
    assert one.run_id is other.run_id
    assert one.session is other.session
