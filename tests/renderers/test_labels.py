"""Labels as JSON."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlart_jupyter.renderers.labels import label, labels, text_of, texts, unlabel


@pytest.mark.parametrize(
    "value",
    [
        "a",
        1,
        None,
        1.5,
        True,
        ("a", ("b", 2)),
        pd.NaT,
        pd.NA,
        pd.Timestamp("2024-01-01", tz="UTC"),
        dt.datetime(2024, 1, 1, 12),
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        dt.date(2024, 1, 1),
    ],
)
def test_a_label_comes_back_as_it_was(value: Any) -> None:
    notes: list[str] = []
    [told] = labels([value], notes)
    back = unlabel(json.loads(json.dumps(told)))
    assert type(back) is type(value)
    assert back is value or back == value
    assert notes == []


def test_a_number_of_numpy_is_one() -> None:
    assert unlabel(label(np.int64(3))) == 3


class Unequal:
    """A label that does not let itself be compared."""

    __hash__ = object.__hash__

    def __ne__(self, other: object) -> bool:
        raise TypeError("no")


@pytest.mark.parametrize("value", [object(), np.timedelta64(1, "s"), 1j, frozenset({1}), Unequal()])
def test_other_labels_are_text_and_a_note_says_so(value: Any) -> None:
    notes: list[str] = []
    [told] = labels([value], notes)
    assert isinstance(told, (str, int))
    assert notes == ["labels of other types are kept as text"]


def test_names_that_meet_are_numbers() -> None:
    assert texts(["1", 1]) == ["0", "1"]
    assert texts(["__index_level_0__"]) == ["0"]


def test_everything_reads_somehow() -> None:
    class Mute:
        def __str__(self) -> str:
            raise ValueError

    assert text_of(Mute()) == "<Mute>"
    assert text_of("\ud800") == "?"


def test_what_reads_otherwise_each_time_reads_the_same() -> None:
    assert text_of(object()) == "<object object>"
    assert text_of(set("hgfedcba")) == text_of(frozenset("abcdefgh")) == "{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}"
    assert text_of(set()) == "set()"


@pytest.mark.parametrize("value", [b"fault at 0x7f", ValueError("<b> at 0x7f, yes"), ("read at 0x10",), "<a at 0x7f>"])
def test_what_only_reads_like_an_address_stays(value: Any) -> None:
    assert text_of(value) == str(value)


def test_addresses_are_left_out_wherever_they_stand() -> None:
    assert text_of([len, text_of]) == "[<built-in function len>, <function text_of>]"
    assert text_of(lambda: 1).endswith(".<locals>.<lambda>>")
