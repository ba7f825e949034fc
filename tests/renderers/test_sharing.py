"""Whose memory a frame lies in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlart_jupyter.renderers import Deferred, Limits, renderer_for
from mlart_jupyter.renderers.frame import SHARED, snapshot_of
from mlart_jupyter.renderers.sharing import is_shared

ARRAY = np.arange(12.0).reshape(4, 3)
NUMBERS = np.arange(3)
WHOLE = pd.array([1, None], "Int64")
with tempfile.TemporaryFile() as file:
    MAPPED = np.memmap(file, "f8", "w+", shape=(4, 3))
DATES = np.array(["2024-01-01"] * 3, "M8[ns]")
LAZY = int(pd.__version__.partition(".")[0]) >= 3


lazily = pytest.mark.skipif(not LAZY, reason="pandas 2 copies, so that no write reaches a snapshot")


@lazily
@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame(ARRAY, copy=False),
        lambda: pd.DataFrame(ARRAY[:2], copy=False),
        lambda: pd.Series(ARRAY[0], copy=False),
        lambda: pd.DataFrame({"a": ARRAY[0]}, copy=False),
        lambda: pd.Series(WHOLE, copy=False),
        lambda: pd.DataFrame({"a": WHOLE}, copy=False),
        lambda: pd.DataFrame(MAPPED, copy=False),
        lambda: pd.DataFrame(MAPPED[1:], copy=False),
        lambda: pd.Series(DATES, copy=False),
        lambda: pd.Series(DATES[:2], copy=False),
        lambda: pd.Series(pd.arrays.IntegerArray(NUMBERS, np.zeros(3, bool)), copy=False),
    ],
)
def test_a_frame_in_the_memory_of_an_array_is_shared(make: Callable[[], Any]) -> None:
    frame = make()
    assert is_shared(snapshot_of(frame))


@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame(ARRAY, copy=True),
        lambda: pd.DataFrame(ARRAY.copy(), copy=False),
        lambda: pd.Series(np.arange(3), copy=False),
        lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        lambda: pd.DataFrame({"a": pd.Categorical(["x"]), "b": pd.array([None], "Int64"), "c": pd.Timestamp("2024")}),
        lambda: pd.DataFrame({"a": pd.date_range("2024", periods=2), "b": pd.date_range("2024", periods=2, tz="UTC")}),
        lambda: pd.DataFrame({"a": pd.period_range("2024", periods=2), "b": pd.to_timedelta([1, 2])}),
        lambda: pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": pd.array(["x", None], "string")}),
        lambda: pd.DataFrame({"a": pd.arrays.SparseArray([0, 1]), "b": pd.interval_range(0, 2)}),
        lambda: pd.Series(WHOLE, copy=True),
        lambda: pd.DataFrame({"a": WHOLE.copy()}, copy=False),
        lambda: pd.DataFrame(MAPPED, copy=True),
        lambda: pd.Series(DATES, copy=True),
        lambda: pd.Series(DATES, copy=True).dt.tz_localize("UTC").sort_values(),
        lambda: pd.DataFrame({"a": pd.Series(DATES, copy=True)}).set_index("a", drop=False),
        lambda: pd.DataFrame(ARRAY, copy=True).describe(),
        lambda: pd.concat([pd.DataFrame(ARRAY, copy=True)] * 2),
    ],
)
def test_a_frame_of_its_own_is_not_shared(make: Callable[[], Any]) -> None:
    frame = make()
    assert not is_shared(snapshot_of(frame))


def test_frames_that_share_with_one_another_are_not_shared() -> None:
    frame = pd.DataFrame(ARRAY, copy=True)
    frame["dates"], frame["whole"] = pd.date_range("2024", periods=4), pd.array([1, 2, 3, None], "Int64")
    others = [
        frame.iloc[:2],
        frame[0],
        frame["dates"],
        frame["whole"].iloc[1:],
        frame.set_index("dates"),
        snapshot_of(frame),
    ]
    assert not is_shared(snapshot_of(frame))
    assert not any(is_shared(snapshot_of(other)) for other in others)


@lazily
def test_a_large_frame_in_an_array_says_so_and_another_does_not() -> None:
    notes = []
    for frame in (pd.DataFrame(ARRAY, copy=False), pd.DataFrame(ARRAY, copy=True)):
        made = renderer_for(frame)(frame, {}, Limits(inline=0))
        assert isinstance(made, Deferred)
        notes.append(made.render().note)
    assert notes == [SHARED, None]


def test_a_large_frame_is_kept_whose_index_lies_in_its_own_memory() -> None:
    frame = pd.DataFrame({"a": np.arange(9.0), "b": 1.0}).set_index("a", drop=False)
    made = renderer_for(frame)(frame, {}, Limits(inline=0))
    assert isinstance(made, Deferred)
    assert made.render().note is None


def test_what_keeps_its_memory_in_another_way_is_not_told() -> None:
    assert not is_shared(object())
