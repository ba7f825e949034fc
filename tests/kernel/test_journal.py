"""Receipts by cell, and how often the extension speaks."""

from __future__ import annotations

import pytest

from mlart_jupyter.kernel import journal as journals
from mlart_jupyter.kernel import voice as voices
from mlart_jupyter.kernel.journal import Journal
from mlart_jupyter.kernel.voice import Voice
from mlart_jupyter.models import Cell, Entry, Receipt


def receipt(path: str, item: str = "") -> Receipt:
    return Receipt(kept=True, paths=(path,), mark={"item": item} if item else {})


def entry(item: str, note: str | None) -> Entry:
    return Entry(item, "a", "frame", "x/y", "a", 1, "s1", "r1", 0.0, note=note)


def pages(journal: Journal, number: int = 10) -> list[tuple[str, list[str]]]:
    return [(page.label, [r.paths[0] for r in page.receipts]) for page in journal.last(number)]


def test_receipts_stand_on_the_page_of_their_cell() -> None:
    journal = Journal()
    for count in (1, 2, 3):
        journal.begin(Cell(execution_count=count))
        if count != 2:
            journal.add(receipt(f"{count}.png"))
    assert pages(journal) == [("[1]", ["1.png"]), ("[3]", ["3.png"])]
    assert pages(journal, 1) == [("[3]", ["3.png"])]
    assert pages(journal, 0) == []


def test_a_cell_without_a_number_has_a_page_too() -> None:
    journal = Journal()
    journal.add(receipt("a.png"))
    assert pages(journal) == [("[ ]", ["a.png"])]


def test_what_is_paid_counts_for_the_cell_and_for_all() -> None:
    journal = Journal()
    for paid in (1.0, 2.0):
        journal.begin(Cell(execution_count=1))
        journal.add(receipt("a.png"))
        journal.pay(paid)
    assert ([page.paid for page in journal.last(9)], journal.paid) == ([1.0, 2.0], 3.0)


def test_a_written_snapshot_replaces_its_receipt_also_on_an_earlier_page() -> None:
    journal = Journal()
    journal.add(receipt("before", "x"))
    journal.begin(Cell(execution_count=2))
    journal.settle(receipt("after", "x"))
    assert pages(journal) == [("[ ]", ["after"])]


def test_what_a_delivery_has_found_out_is_told_with_the_receipt() -> None:
    journal = Journal()
    journal.add(receipt("a.parquet", "x"))
    journal.add(receipt("b.parquet", "y"))
    journal.begin(Cell(execution_count=2))
    journal.noted([entry("x", "stored as text"), entry("y", None), entry("z", "of another session")])
    assert [r.reason for page in journal.last(9) for r in page.receipts] == ["stored as text", ""]


def test_of_several_files_the_first_ones_note_is_told() -> None:
    journal = Journal()
    journal.add(receipt("a.parquet", "x"))
    journal.noted([entry("x", "stored as text; cut"), entry("x", "cut")])
    assert [r.reason for page in journal.last(9) for r in page.receipts] == ["stored as text; cut"]


def test_a_delivery_may_be_faster_than_its_receipt() -> None:
    journal = Journal()
    journal.noted([entry("x", "stored as text"), entry("y", "stored as text")])
    journal.add(receipt("a", "x"))
    journal.add(receipt("before", "y"))
    journal.settle(receipt("after", "y"))
    told = [(r.paths[0], r.reason) for page in journal.last(9) for r in page.receipts]
    assert told == [("a", "stored as text"), ("after", "stored as text")]


def test_notes_of_many_deliveries_are_not_kept_for_ever() -> None:
    journal = Journal()
    journal.noted([entry(f"{i}", "stored as text") for i in range(journals.MOST_RECEIPTS + 1)])
    journal.add(receipt("a", "0"))
    journal.add(receipt("b", "1"))
    assert [r.reason for page in journal.last(9) for r in page.receipts] == ["", "stored as text"]


def test_a_snapshot_may_be_written_before_the_cell_notes_it() -> None:
    journal = Journal()
    journal.settle(receipt("after", "x"))
    journal.add(receipt("before", "x"))
    assert pages(journal) == [("[ ]", ["after"])]


def test_old_pages_and_long_loops_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MOST_RECEIPTS", 3)
    journal = Journal()
    for i in range(5):
        journal.add(receipt(f"{i}"))
    (page,) = journal.last(1)
    assert (len(page.receipts), page.more) == (3, 2)
    for i in range(journals.MOST_CELLS + 5):
        journal.begin(Cell(execution_count=i))
        journal.add(receipt("x"))
    assert len(list(journal.last(10_000))) == journals.MOST_CELLS


def test_each_line_is_said_once() -> None:
    voice = Voice()
    assert [voice.may_say(words) for words in ("a", "a", "b")] == [True, False, True]


def test_many_lines_are_held_back_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(voices.time, "monotonic", lambda: now)
    voice = Voice()
    assert [voice.may_say(str(i)) for i in range(5)] == [True] * voices.MOST + [False] * 2
    now = voices.SECONDS + 1
    assert voice.may_say("4")
