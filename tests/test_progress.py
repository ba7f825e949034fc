"""Progress bars."""

from __future__ import annotations

import threading

import pytest

from mlart_jupyter import progress as progresses
from mlart_jupyter.progress import Bar, followed, progress, tell_watcher, watched
from mlart_jupyter.store.view import View


def test_a_quick_walk_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress("abc", "letters")) == ["a", "b", "c"]
    assert capfd.readouterr() == ("", "")


def test_a_long_walk_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progresses, "PATIENCE", 0.0)
    assert list(progress([1], "letters", "letter")) == [1]
    assert "letters" in capfd.readouterr().err


def test_what_is_quick_gets_no_bar(capfd: pytest.CaptureFixture[str]) -> None:
    with Bar(100, "delivering") as bar:
        bar.to(50)
    assert capfd.readouterr() == ("", "")


def test_what_takes_a_while_gets_a_bar_of_bytes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progresses, "PATIENCE", 0.0)
    with Bar(4_000_000, "delivering") as bar:
        bar.to(1_000_000)
        assert bar._bar.n == 1_000_000
        bar.to(500_000)  # a connection broke: that part is sent again
        assert bar._bar.n == 500_000
        bar.to(9_000_000)
        assert bar._bar.n == 4_000_000
    shown = capfd.readouterr().err
    assert "delivering" in shown
    assert "4.00M" in shown


def test_a_bar_follows_what_works() -> None:
    bar, told, seen = Bar(10, "delivering"), [3], threading.Event()
    bar.to = lambda done: seen.set() if done == 7 else None  # type: ignore[method-assign]
    with followed(bar, lambda: told[0]):
        told[0] = 7
        assert seen.wait(30)


def test_a_view_tells_how_much_of_it_was_read() -> None:
    told: list[int] = []
    with watched(told.append):
        view = View(b"0123456789")
    view.read(4)
    view.seek(0)
    view.read(3)
    assert told == [4, 3]


def test_nobody_watches_by_default() -> None:
    assert tell_watcher()(3) is None
