"""Columns of Python objects: cells come back as they were, or a note says what they are instead."""

from __future__ import annotations

import datetime as dt
import decimal
from collections import namedtuple
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from mlart_jupyter.renderers.exact import from_arrow, to_arrow
from mlart_jupyter.renderers.parquet import parquet_bytes, read_table

Point = namedtuple("Point", "x y")


def column(*cells: Any) -> pd.Series[Any]:
    made = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        made[i] = cell
    return pd.Series(made, dtype=object, name="o")


def kept(values: pd.Series[Any]) -> tuple[list[Any], str | None]:
    table, note = to_arrow(values)
    return from_arrow(read_table(parquet_bytes(table))).tolist(), note


EXACT = {
    "texts with None": ("a", None),
    "texts with NaN": ("a", np.nan),
    "texts with NA": ("a", pd.NA),
    "truths with NaN": (True, np.nan),
    "days with NaT": (dt.date(2024, 1, 1), pd.NaT),
    "only NaN": (np.nan, np.nan),
    "tuples": ((1, 2), (), None),
    "tuples of lists": (([1], [2]),),
    "small floats": (np.array([1.5, 2.5], "f4"), None, np.array([], "f4")),
    "arrays of truths": (np.array([True, False]),),
    "lists": ([1, 2], [], None),
    "dictionaries": ({"a": 1, "b": [2]}, {"a": 3, "b": None}),
    "times of one zone": (dt.datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")), None),
}


@pytest.mark.parametrize("name", EXACT)
def test_cells_come_back_as_they_were(name: str) -> None:
    cells = EXACT[name]
    back, note = kept(column(*cells))
    assert list(map(type, back)) == list(map(type, cells))
    for new, old in zip(back, cells, strict=True):
        assert new is old or np.array_equal(new, old) or (new != new and old != old)
        assert getattr(new, "dtype", None) == getattr(old, "dtype", None)
    assert note is None


NOTED: dict[str, tuple[tuple[Any, ...], list[Any], str]] = {
    "gaps of two kinds": ((None, np.nan, 1), [None, np.nan, 1], "stored as JSON text: o"),
    "gaps of two kinds that are told": ((np.nan, pd.NaT, "x"), [np.nan, pd.NaT, "x"], "stored as JSON text: o"),
    "numbers that are no gap": ((decimal.Decimal("NaN"), "x"), ["NaN", "x"], "stored as JSON text: o"),
    "signals": ((decimal.Decimal("sNaN"), None), ["sNaN", None], "stored as JSON text: o"),
    "tuples and lists": (((1,), [2]), [[1], [2]], "tuples and arrays in cells come back as lists: o"),
    "tuples in tuples": ((((1,),),), [[[1]]], "tuples and arrays in cells come back as lists: o"),
    "named tuples": ((Point(1, 2),), [[1, 2]], "tuples and arrays in cells come back as lists: o"),
    "arrays of two types": (
        (np.array([1], "i1"), np.array([2], "i8")),
        [[1], [2]],
        "tuples and arrays in cells come back as lists: o",
    ),
    "arrays of texts": ((np.array(["a"]),), [["a"]], "tuples and arrays in cells come back as lists: o"),
    "arrays in lists": (([np.array([1])],), [[[1]]], "tuples and arrays in cells come back as lists: o"),
    "numbers of NumPy in dictionaries": (({"a": np.int64(1)},), [{"a": 1}], "stored as JSON text: o"),
    "truths among numbers in dictionaries": (
        ({"a": True}, {"a": 1}),
        [{"a": True}, {"a": 1}],
        "stored as JSON text: o",
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_comes_back_otherwise_has_a_note(name: str) -> None:
    cells, expected, told = NOTED[name]
    back, note = kept(column(*cells))
    assert str(back) == str(expected)
    assert note == told


def test_the_offset_of_each_time_comes_back() -> None:
    times = [dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=hours))) for hours in (0, 2)]
    back, note = kept(column(*times))
    assert [time.utcoffset() for time in back] == [time.utcoffset() for time in times]
    assert note == "stored as JSON text: o"


def test_zones_of_one_offset_are_not_taken_for_another() -> None:
    times = [dt.datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)) for zone in ("Europe/Berlin", "Europe/Paris")]
    back, note = kept(column(*times))
    assert [time.tzinfo for time in back] == [dt.timezone(dt.timedelta(hours=1))] * 2
    assert note == "stored as JSON text: o"


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA, pd.NaT])
def test_the_gap_of_an_index_of_objects_comes_back(gap: Any) -> None:
    index = pd.Index([True, gap, "x"], dtype=object)
    table, _ = to_arrow(pd.DataFrame({"v": range(3)}, index=index))
    back = from_arrow(read_table(parquet_bytes(table))).index
    assert back.dtype == object
    assert back.tolist()[0] is True
    assert type(back.tolist()[1]) is type(gap)
