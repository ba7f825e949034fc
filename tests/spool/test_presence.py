"""A session's file is true, and not written at every step."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlart_jupyter.spool import Presence, Session, read_sessions


class Desk:
    """A session that counts, and the file that tells of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = 0
        self.failures: list[str] = []
        self.presence = Presence(folder, self.words, self.failures.append)

    def words(self) -> Session:
        return Session("s1", None, None, "0" * 12, "python", {}, kept=self.kept)

    @property
    def told(self) -> list[int]:
        """What others read."""
        return [session.kept for session in read_sessions(self.folder)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "sessions")


def test_what_is_told_is_read_at_once(desk: Desk) -> None:
    desk.kept = 1
    desk.presence.tell()
    assert desk.told == [1]


def test_what_may_come_later_waits_for_the_next_look(desk: Desk) -> None:
    desk.kept = 1
    desk.presence.tell_soon()
    assert desk.told == []
    desk.presence.catch_up()
    assert desk.told == [1]


def test_it_is_not_written_again_and_again(desk: Desk) -> None:
    desk.presence.tell()
    desk.kept = 1
    desk.presence.tell_soon()
    desk.presence.catch_up(after=60)
    assert desk.told == [0]
    desk.presence.catch_up(after=0)
    assert desk.told == [1]


def test_nothing_is_written_when_nothing_has_changed(desk: Desk) -> None:
    desk.presence.tell_soon()
    desk.presence.catch_up()
    desk.kept = 1
    desk.presence.catch_up(after=0)
    assert desk.told == [0]


def test_a_file_that_cannot_be_written_is_said(desk: Desk) -> None:
    desk.folder.write_text("")
    desk.presence.tell()
    assert "cannot be written" in desk.failures[0]
