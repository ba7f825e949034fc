"""How large the batches are that share a segment of the catalogue."""

from __future__ import annotations

import pytest

from mlart_jupyter.spool import Name
from mlart_jupyter.uploads import pace
from mlart_jupyter.uploads.pace import BATCH, BATCH_BYTES, LARGEST_BATCH, batches


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What each batch takes: its first number, and the clock that follows it."""
    now = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


def queue(number: int, length: int = 10) -> list[Name]:
    return [Name(made, "0" * 12, length, "00000000") for made in range(number)]


def sizes(names: list[Name], clock: list[float], seconds: float) -> list[int]:
    found = []
    for batch, its_pace in batches(names):
        found.append(len(batch))
        clock[0] += seconds
        its_pace.over()
    return found


def test_a_store_without_round_trips_gets_the_same_each_time(clock: list[float]) -> None:
    assert sizes(queue(250), clock, 0.01) == [BATCH, BATCH, 50]


def test_a_far_store_gets_more_and_more(clock: list[float]) -> None:
    assert sizes(queue(4000), clock, 0.5)[:5] == [100, 200, 400, 800, LARGEST_BATCH]


def test_a_slow_store_gets_no_more(clock: list[float]) -> None:
    assert sizes(queue(300), clock, 2.0) == [BATCH] * 3


def test_large_items_make_small_batches_but_one_goes_always(clock: list[float]) -> None:
    assert sizes(queue(4, BATCH_BYTES // 2), clock, 0.01) == [2, 2]
    assert sizes(queue(2, BATCH_BYTES * 3), clock, 0.01) == [1, 1]
