"""Where a folder lies, and who was first in it; what else a local store does is the contract's matter."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mlart_jupyter.errors import NameTaken, StoreUnavailable
from mlart_jupyter.store import LocalStore, disk_of


def test_the_disk_of_a_folder_that_is_not_there_yet_is_known(tmp_path: Path) -> None:
    assert disk_of(tmp_path / "not" / "yet") == tmp_path.stat().st_dev


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no second file system that each machine has")
def test_two_file_systems_are_told_apart() -> None:
    assert disk_of(Path("/")) != disk_of(Path("/proc"))


def test_of_two_that_put_one_name_at_once_one_is_told(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put_new("texts/a.txt", b"first")
    with pytest.raises(NameTaken, match=r"a\.txt"):
        store.put_new("texts/a.txt", b"second")
    assert [path.name for path in (tmp_path / "texts").iterdir()] == ["a.txt"]
    assert store.read("texts/a.txt") == b"first"


def test_where_there_are_no_links_a_new_file_is_put_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: Path) -> None:
        raise OSError(errno.ENOTSUP, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    LocalStore(tmp_path).put_new("a.txt", b"first")
    assert (tmp_path / "a.txt").read_bytes() == b"first"


def test_a_full_disk_is_not_taken_for_one_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*paths: Path) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(StoreUnavailable):
        LocalStore(tmp_path).put_new("a.txt", b"first")
    assert list(tmp_path.iterdir()) == []
