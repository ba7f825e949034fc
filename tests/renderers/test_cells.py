"""Cells of mixed Python objects."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlart_jupyter.renderers.cells import read, told

BACK = [
    1,
    "x",
    None,
    1.5,
    [1, {"a": None}],
    pd.Timestamp("2024-01-01 12:00:00.123456789"),
    pd.Timestamp("2024-07-01", tz="UTC"),
    pd.Timedelta("1 days 00:00:00.000000001"),
    pd.Period("2024-02", "M"),
    dt.datetime(2024, 1, 1, 12),
    dt.date(2024, 1, 1),
    decimal.Decimal("1.10"),
    pd.NaT,
    pd.NA,
]


def test_they_come_back_as_they_were() -> None:
    words, letters = told(BACK)
    back = read(words, letters)
    assert list(map(type, back)) == list(map(type, BACK))
    assert all(new is old or new == old for new, old in zip(back, BACK, strict=True))


def test_some_of_them_can_be_read() -> None:
    words, letters = told(BACK)
    assert read(words[:6], letters)[5] == BACK[5]
    assert read(words[:2], letters) == BACK[:2]


def test_what_json_has_itself_needs_no_letters() -> None:
    assert told([1, "x", [None]]) == (["1", '"x"', "[null]"], "")


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (np.int64(3), 3),
        ({np.int64(1): 2, ("x", 1): b"y"}, {"1": 2, "('x', 1)": "b'y'"}),
        (pd.Period("2024-01-03", "W"), "2024-01-01/2024-01-07"),
        (decimal.Decimal("NaN"), "NaN"),
        ({1}, "{1}"),
    ],
)
def test_what_does_not_is_plain(value: Any, back: Any) -> None:
    words, letters = told([value])
    assert read(words, letters) == [back]
    assert letters == ""
