"""Frames that Arrow refuses in a part: the part becomes text and a note says so, the rest stays."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.tests.extension.decimal import DecimalArray

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Deferred, Limits, finish, renderer_for
from mlart_jupyter.renderers.exact import from_arrow
from mlart_jupyter.renderers.labels import text_of
from mlart_jupyter.renderers.parquet import read_table
from mlart_jupyter.renderers.salvage import to_arrow


class Mute:
    """Tells nothing of itself."""

    def __repr__(self) -> str:
        raise ValueError("no words")


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "intervals": (lambda: pd.Index([pd.Interval(0, 1), pd.Interval(1, 2)], dtype=object), "index"),
    "periods": (lambda: pd.Index([pd.Period("2024"), pd.Period("2025")], dtype=object), "index"),
    "surrogates": (lambda: pd.Index(["a\ud800", "b"], dtype=object), "index"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_an_index_that_arrow_refuses_is_text(kind: str) -> None:
    make, part = REFUSED[kind]
    frame = pd.DataFrame({"a": [1, 2]}, index=make())
    table, note = to_arrow(frame)
    assert note is not None
    assert part in note
    back = from_arrow(table)
    assert back["a"].tolist() == [1, 2]
    assert list(map(text_of, back.index)) == list(map(text_of, frame.index))


def test_values_that_arrow_refuses_are_text_and_the_others_stay() -> None:
    exact = DecimalArray([decimal.Decimal("1.5"), decimal.Decimal("NaN")])
    table, note = to_arrow(pd.DataFrame({"a": [1, 2], "exact": exact}))
    assert note is not None
    assert note.endswith(": exact")
    back = from_arrow(table)
    assert back["a"].tolist() == [1, 2]
    assert back["exact"].fillna("gap").tolist() == ["1.5", "gap"]


def test_names_that_arrow_refuses_are_text() -> None:
    names = pd.Index(DecimalArray([decimal.Decimal("1.5"), decimal.Decimal(2)]))
    table, note = to_arrow(pd.DataFrame([[1, 2]], columns=names))
    assert "names of columns" in str(note)
    assert from_arrow(table).columns.tolist() == ["1.5", "2"]


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(pd.array([2**53 + 1, 2**53 + 2, None], "Int64")),
        pd.Index(pd.array([2**64 - 1, None], "UInt64")),
        pd.MultiIndex.from_arrays([pd.array([2**53 + 1, None], "Int64"), ["x", "y"]], names=["id", None]),
        pd.Index(np.array([1, 2], ">i4"), name="big"),
    ],
)
def test_every_number_of_an_index_comes_back(index: Any) -> None:
    frame = pd.DataFrame({"v": range(len(index))}, index=index)
    table, note = to_arrow(frame)
    back = from_arrow(table).index
    assert note is None
    assert [str(value) for value in back] == [str(value) for value in index]
    assert back.equals(index)


def test_attrs_that_cannot_be_copied_are_told_and_cost_nothing_else() -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    frame = pd.DataFrame({"a": ["x", "y"]})
    frame.attrs = {"deep": deep}
    table, note = to_arrow(frame)
    assert note == "attrs are not kept"
    assert from_arrow(table)["a"].tolist() == ["x", "y"]


def test_attrs_of_a_frame_with_texts_are_told() -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(DecimalArray([decimal.Decimal("1.5")])))
    frame.attrs = {"source": "x"}
    assert str(to_arrow(frame)[1]).endswith("index; attrs are not kept")


def test_a_name_that_arrow_refuses_is_told() -> None:
    table, note = to_arrow(pd.Series([1], name="\ud800"))
    assert note == "kept as text, for Arrow has no place for it: its name"
    assert from_arrow(table).name == "?"


def test_attrs_that_json_has_otherwise_are_told() -> None:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {1: (2,)}
    table, note = to_arrow(frame)
    assert note == "attrs are kept as JSON has them"
    assert from_arrow(table).attrs == {"1": [2]}


def test_a_nan_in_attrs_is_kept() -> None:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"limit": float("nan")}
    table, note = to_arrow(frame)
    assert note is None
    assert str(from_arrow(table).attrs) == "{'limit': nan}"


def test_labels_of_columns_that_come_back_as_another_type_are_told() -> None:
    index = pd.CategoricalIndex(pd.array(["x"], "string"))
    assert to_arrow(pd.DataFrame([[1]], columns=index))[1] == "comes back as another type: names of columns"


def test_a_series_stays_one() -> None:
    series = pd.Series([1], index=pd.Index([pd.Interval(0, 1)], dtype=object), name="s")
    back = from_arrow(to_arrow(series)[0])
    assert (back.name, back.tolist(), back.index.tolist()) == ("s", [1], ["(0, 1]"])


class Odd(pd.DataFrame):
    """A frame of somebody's own, which takes more to be made."""

    def __init__(self, data: Any, wanted: str) -> None:
        super().__init__(data)


def odd() -> Odd:
    frame = Odd({"a": [1]}, "x")
    frame.index = pd.Index([pd.Interval(0, 1)], dtype=object)
    return frame


@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame({"a": np.arange(3, dtype=np.longdouble)}),
        lambda: pd.DataFrame({"a": np.arange(3, dtype=np.clongdouble), "b": "x"}),
        lambda: pd.DataFrame({"a": [np.longdouble(1)]}, dtype=object),
        lambda: pd.DataFrame({"a": [{"emb": np.array([1.0, 2.0])}] * 2}),
        lambda: pd.DataFrame({"a": [[{"emb": np.array([1.0, 2.0])}]] * 2}),
        lambda: pd.DataFrame({"a": [{np.int64(1): 2}, {("x", 1): 2}, {pd.Timestamp(0): b"x"}]}),
        lambda: pd.DataFrame({1: [1], "a": [2], pd.NA: [3]}),
        lambda: pd.DataFrame({"a": [1, 2]}, index=np.array([1, 2], ">i4")),
        lambda: pd.DataFrame([[1, 2]], columns=np.array([1, 2], ">i4")),
        lambda: pd.DataFrame({"a": [Mute()], "b": [10**5000]}, dtype=object),
        lambda: pd.DataFrame({"a": pd.Series(["\ud800", "x"], dtype=object)}),
        lambda: pd.DataFrame({"a": pd.arrays.SparseArray(np.array([1j, 0j]))}),
        lambda: pd.DataFrame({"a": pd.Categorical([pd.Interval(0, 1), None])}),
        lambda: pd.DataFrame([[1]], columns=pd.Index(["a\ud800"], dtype=object)),
        odd,
    ],
)
@pytest.mark.parametrize("limits", [Limits(), Limits(inline=0), Limits(inline=0, budget=0)])
def test_no_frame_is_refused(make: Callable[[], Any], limits: Limits) -> None:
    frame = make()
    made = renderer_for(frame)(frame, {}, limits)
    made = made.render() if isinstance(made, Deferred) else made
    assert isinstance(made, Rendered)
    file = made.files[0]
    back = from_arrow(read_table(finish(file.encoding, bytes(file.data[:]), "frames/x.parquet").data))
    assert back.shape == frame.shape


def test_what_holds_itself_is_text() -> None:
    circle: list[Any] = []
    circle.append(circle)
    table, note = to_arrow(pd.DataFrame({"a": [circle]}))
    assert note == "stored as JSON text: a"
    assert from_arrow(table)["a"].tolist() == ["[[...]]"]


@pytest.mark.parametrize(
    ("frame", "parts"),
    [
        (pd.DataFrame({"a": np.array([1], "i4"), "b": [None], "c": pd.Categorical(["x"])}), None),
        (pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": pd.period_range("2024", periods=2)}), None),
        (pd.DataFrame({"a": [1]}, index=pd.Index(pd.array(["x"], "string"))), None),
        (pd.DataFrame({"a": [1]}, index=pd.Index([dt.datetime(2024, 1, 1)], dtype=object)), None),
        (pd.Series([1], index=pd.Index([dt.datetime(2024, 1, 1)], dtype=object)), None),
        (pd.DataFrame({"a": pd.Categorical(pd.array(["x"], "string"))}), "a"),
        (pd.Series(pd.Categorical(pd.array(["x"], "string"))), "values"),
    ],
)
def test_what_comes_back_as_another_type_is_told(frame: Any, parts: str | None) -> None:
    assert to_arrow(frame)[1] == (f"comes back as another type: {parts}" if parts else None)
