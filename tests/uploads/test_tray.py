"""What waits for delivery, and for which run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mlart_jupyter.models import Entry, File, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.spool import Name, Spool
from mlart_jupyter.uploads.tray import CHANGING_SECONDS, Tray

RUN, OTHER = RunRef("r1", "https://mlflow.example"), RunRef("r2", "https://mlflow.example")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def put(spool: Spool, run: RunRef = RUN) -> Name:
    entry = Entry("i1", "a.txt", "text", "text/plain", "a", 1, "s1", run.run_id, time.time())
    header, payload = pack(run, [entry], [File(".txt", "text/plain", b"hello")])
    return spool.put(header, *payload)


def age(spool: Spool) -> None:
    """Let the last change of the spool be long ago."""
    os.utime(spool.rooms.new, (1.0, 1.0))


def test_what_is_told_is_known_without_a_look(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Spool, "mine")
    tray, later, first = Tray(spool), Name(2, "0" * 12, 5, "0"), Name(1, "0" * 12, 5, "0")
    tray.tell(later, RUN)
    tray.tell(first, OTHER)
    assert tray.new() == [first, later]
    assert (tray.run(first), tray.run(later), tray.runs) == (OTHER, RUN, [OTHER, RUN])
    assert tray.new() == []


def test_what_nobody_has_told_is_read(spool: Spool) -> None:
    tray, told, found = Tray(spool), put(spool, RUN), put(spool, OTHER)
    tray.tell(told, RUN)
    assert tray.all() == ([told, found], [told, found])
    assert (tray.run(told), tray.run(found)) == (RUN, OTHER)
    assert tray.new() == []
    assert tray.all() == ([told, found], [])


def test_what_is_told_after_it_was_seen_is_not_new(spool: Spool) -> None:
    tray, name = Tray(spool), put(spool)
    tray.all()
    tray.tell(name, RUN)
    tray.all()
    assert tray.new() == []


def test_what_is_claimed_stays_until_it_is_acknowledged(spool: Spool) -> None:
    tray, name = Tray(spool), put(spool)
    tray.all()
    claim = spool.claim(name)
    assert claim
    assert tray.all() == ([], [])
    assert tray.run(name) == RUN
    spool.ack(claim)
    tray.all()
    assert tray.run(name) is None


def test_what_is_torn_is_buried(spool: Spool) -> None:
    name = put(spool)
    (spool.rooms.new / str(name)).write_bytes(b"x")
    tray = Tray(spool)
    tray.all()
    assert (tray.run(name), len(spool.dead())) == (None, 1)


def test_an_empty_tray_is_untouched_until_something_comes(spool: Spool) -> None:
    tray = Tray(spool)
    assert not tray.is_untouched
    tray.all()
    assert tray.is_untouched
    name = put(spool)
    assert not tray.is_untouched
    age(spool)
    tray.all()
    assert not tray.is_untouched
    claim = spool.claim(name)
    assert claim
    spool.ack(claim)
    age(spool)
    tray.all()
    assert tray.is_untouched
    tray.tell(name, RUN)
    assert not tray.is_untouched


def test_a_folder_that_has_just_changed_is_looked_at_again(spool: Spool) -> None:
    tray, claim = Tray(spool), spool.claim(put(spool))
    assert claim
    spool.ack(claim)
    now = time.time()
    os.utime(spool.rooms.new, (now, now + CHANGING_SECONDS * 100))  # however the clock of its server goes
    tray.all()
    assert not tray.is_untouched
