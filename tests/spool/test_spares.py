"""Spare files: the next item is written into one that has arrived, and nobody sees either torn."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from mlart_jupyter.errors import SpoolUnavailable, TornItem
from mlart_jupyter.spool import Name, Spool, audit, spares
from mlart_jupyter.spool.folder import SMALL
from mlart_jupyter.spool.item import MAGIC


def arrives(spool: Spool, name: Name, where: Path | None = None) -> None:
    claim = spool.claim(name, where)
    assert claim
    spool.ack(claim)


def in_tmp(spool: Spool) -> list[Path]:
    return sorted(spool.rooms.tmp.iterdir())


def file_of(spool: Spool, name: Name) -> int:
    return spool.find(name).stat().st_ino


@pytest.mark.parametrize("payload", [b"", b"short", b"longer" * 1000, b"longer" * 9000])
def test_the_next_item_is_written_into_the_file_of_one_that_arrived(payload: bytes, spool: Spool) -> None:
    first = spool.put(b"header", b"payload" * 10)
    before = file_of(spool, first)
    arrives(spool, first)
    second = spool.put(b"other", payload)
    header, found = spool.peek(spool.find(second), second)
    assert (file_of(spool, second), header, bytes(found)) == (before, b"other", payload)
    assert (in_tmp(spool), spool.check()) == ([], [])
    assert spool.find(second).stat().st_mode & 0o777 == 0o600


def test_a_spare_holds_nothing_of_its_item(spool: Spool) -> None:
    arrives(spool, spool.put(b"header", b"payload"))
    assert [path.read_bytes() for path in in_tmp(spool)] == [MAGIC]


def test_a_large_item_leaves_no_spare_for_it_may_be_mapped(spool: Spool) -> None:
    arrives(spool, spool.put(b"header", bytes(SMALL)))
    assert in_tmp(spool) == []


def test_what_another_has_left_leaves_no_spare(spool: Spool, left: Spool) -> None:
    name = left.put(b"header")
    arrives(spool, name, left.find(name))
    assert in_tmp(spool) == []


def test_there_are_not_too_many(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spares, "MOST", 2)
    for name in [spool.put(b"header") for _ in range(5)]:
        arrives(spool, name)
    assert len(in_tmp(spool)) == 2


def test_a_forked_child_leaves_those_of_its_parent(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    arrives(spool, spool.put(b"header"))
    (spare,) = in_tmp(spool)
    here = os.getpid()
    with monkeypatch.context() as child:
        child.setattr("os.getpid", lambda: here + 1)
        name = spool.put(b"child's")
        arrives(spool, name)
        spool.close()
    assert in_tmp(spool) == [spare]


def test_one_that_was_swept_away_is_not_missed(spool: Spool) -> None:
    arrives(spool, spool.put(b"header"))
    for path in in_tmp(spool):
        path.unlink()
    name = spool.put(b"other")
    assert spool.peek(spool.find(name), name)[0] == b"other"


def test_one_that_is_swept_away_while_it_is_written_is_not_missed(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrives(spool, spool.put(b"header"))
    write = os.write

    def swept(handle: int, data: bytes) -> int:
        monkeypatch.undo()
        shutil.rmtree(spool.rooms.tmp)
        spool.rooms.tmp.mkdir()
        return write(handle, data)

    monkeypatch.setattr("os.write", swept)
    name = spool.put(b"other", b"payload")
    header, payload = spool.peek(spool.find(name), name)
    assert (header, bytes(payload), spool.check()) == (b"other", b"payload", [])


def test_a_full_disk_leaves_nothing_half_written(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    arrives(spool, spool.put(b"header"))

    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(SpoolUnavailable):
        spool.put(b"other")
    assert (in_tmp(spool), spool.waiting()) == ([], [])


def test_where_a_file_cannot_be_kept_it_is_removed(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    name = spool.put(b"header")
    monkeypatch.setattr(spares, "moved", lambda source, target: False)
    arrives(spool, name)
    assert (in_tmp(spool), spool.unfinished()) == ([], [])


def test_closing_removes_them(spool: Spool) -> None:
    arrives(spool, spool.put(b"header"))
    spool.close()
    assert in_tmp(spool) == []


def test_those_of_the_dead_are_swept_and_do_not_count(spool: Spool, left: Spool) -> None:
    arrives(left, left.put(b"header"))
    spool.put(b"header")
    assert spool.sweep() == 1  # the lease
    assert in_tmp(spool) == []


def test_an_audit_takes_no_item_for_torn_that_arrives_meanwhile(spool: Spool) -> None:
    spool.put(b"header")

    def look(path: Path, name: Name) -> object:
        arrives(spool, name)
        raise TornItem("half of the next one", "")

    assert audit.check(spool.rooms, look) == []
