"""Progress bars."""

from __future__ import annotations

import pytest

from mlart_jupyter import progress as progresses
from mlart_jupyter.progress import progress


def test_a_quick_walk_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(progress("abc", "letters")) == ["a", "b", "c"]
    assert capfd.readouterr() == ("", "")


def test_a_long_walk_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progresses, "PATIENCE", 0.0)
    assert list(progress([1], "letters", "letter")) == [1]
    assert "letters" in capfd.readouterr().err
