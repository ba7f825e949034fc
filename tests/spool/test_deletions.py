"""Deletions, told from one process to another."""

from __future__ import annotations

import os
import time
from pathlib import Path

from mlart_jupyter.spool import Deletions, tell_deleted


def test_what_is_deleted_is_news_once(tmp_path: Path) -> None:
    heard = Deletions(tmp_path)
    assert heard.news("r1") == set()
    tell_deleted(tmp_path, "r1", ["a", "b", "a"])
    tell_deleted(tmp_path, "r2", ["c"])
    assert heard.news("r1") == {"a", "b"}
    assert heard.news("r1") == set()
    tell_deleted(tmp_path, "r1", ["d"])
    assert heard.news("r1") == {"d"}
    assert Deletions(tmp_path).news("r1") == {"a", "b", "d"}


def test_a_run_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    tell_deleted(tmp_path / "spool", "../../x", ["a"])
    assert [path.parent.name for path in tmp_path.rglob("*") if path.is_file()] == ["deleted"]
    assert Deletions(tmp_path / "spool").news("../../x") == {"a"}


def test_what_was_told_long_ago_is_swept(tmp_path: Path) -> None:
    tell_deleted(tmp_path, "old", ["a"])
    [old] = (tmp_path / "deleted").iterdir()
    month = time.time() - 31 * 86400
    os.utime(old, (month, month))
    tell_deleted(tmp_path, "new", ["b"])
    assert not old.exists()
    assert Deletions(tmp_path).news("new") == {"b"}


def test_a_spool_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    tell_deleted(tmp_path / "spool", "r1", ["a"])
    assert Deletions(tmp_path / "spool").news("r1") == set()
