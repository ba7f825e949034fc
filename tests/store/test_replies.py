"""What a store's answer says of the next try."""

from __future__ import annotations

import time

import pytest

from mlart_jupyter.store.replies import rest


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("-3", 0.0), (None, None), ("", None), ("soon", None)])
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert rest(header) == seconds


def test_retry_after_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    assert rest("Tue, 14 Nov 2023 22:13:30 GMT") == 10.0
