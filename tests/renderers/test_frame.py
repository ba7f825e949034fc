"""Frames and series: what is shown reads back equal, or a note says what does not."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Deferred, Limits, finish
from mlart_jupyter.renderers.base import joined
from mlart_jupyter.renderers.frame import HEAD_ROWS, NAMED_DTYPES, render, size_in_memory
from mlart_jupyter.renderers.reading import read

Frame = pd.DataFrame
ALL = Limits(2**40, 2**40)
GRID = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])
DAYS = pd.date_range("2024-01-01", periods=2)
BERLIN = pd.date_range("2024-03-30", periods=2, tz="Europe/Berlin")


def rendered(obj: Any, limits: Limits = ALL) -> Rendered:
    made = render(obj, {}, limits)
    return made.render() if isinstance(made, Deferred) else made


def stored(obj: Any, limits: Limits = ALL) -> bytes:
    file = rendered(obj, limits).files[0]
    return bytes(finish(file.encoding, memoryview(file.data)).data)


def told(obj: Any, limits: Limits = ALL) -> str | None:
    """The note in the catalogue: of the cell, and of the delivery."""
    made = rendered(obj, limits)
    finished = (finish(file.encoding, memoryview(file.data)).note for file in made.files)
    return joined([*finished, made.note])


def assert_equal(left: Any, right: Any) -> None:
    assert type(left) is type(right)
    if isinstance(right, pd.Series):
        pd.testing.assert_series_equal(left, right, check_freq=True)
    else:
        pd.testing.assert_frame_equal(left, right, check_freq=True)


def columns(labels: Any) -> pd.DataFrame:
    return pd.DataFrame([[1, 2], [3, 4]], columns=labels)


def index(labels: Any) -> pd.DataFrame:
    return pd.DataFrame({"v": range(len(labels))}, index=labels)


def objects(*values: Any, name: str = "o") -> pd.DataFrame:
    """A column of Python objects, beside one of numbers."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return pd.DataFrame({"n": range(len(values)), name: pd.Series(column, dtype=object)})


def arrow(values: list[Any], kind: pa.DataType) -> pd.DataFrame:
    return pd.DataFrame({"a": pd.Series(values, dtype=pd.ArrowDtype(kind))})


def same_index(**names: Any) -> pd.DataFrame:
    return pd.DataFrame({"v": range(4)}, index=GRID.set_names([names["x"], names["y"]]))


DTYPES = {
    "numbers, text and times": Frame(
        {"i": [1, 2], "f": [1.5, np.nan], "s": ["a", None], "b": [True, False], "d": DAYS}
    ),
    "small numbers": Frame(
        {"a": np.array([1, 2], "int8"), "b": np.array([1, 2], "uint64"), "c": np.ones(2, "float32")}
    ),
    "half floats": Frame({"a": np.array([1, 2.5], "float16")}),
    "numbers of other machines": Frame({"a": np.array([1, 2.5], ">f8"), "b": np.array([1, 2], ">i4")}),
    "infinities": Frame({"a": [np.inf, -np.inf, np.nan]}),
    "times with gaps": Frame({"t": pd.to_datetime(["2024-01-01", None])}),
    "times with a zone": Frame({"t": BERLIN}),
    "times in seconds": Frame({"t": DAYS.as_unit("s")}),
    "times in milliseconds": Frame({"t": DAYS.as_unit("ms")}),
    "times in nanoseconds": Frame({"t": DAYS.as_unit("ns")}),
    "zoned times in seconds": Frame({"t": BERLIN.as_unit("s")}),
    "timedeltas": Frame({"t": pd.to_timedelta([1, None], unit="h")}),
    "timedeltas in seconds": Frame({"t": pd.to_timedelta([1, 2], unit="h").as_unit("s")}),
    "periods": Frame({"p": pd.period_range("2024-01", periods=2, freq="Q")}),
    "intervals": Frame({"p": pd.interval_range(0, 2)}),
    "closed float intervals": Frame({"p": pd.interval_range(0.0, 2.0, closed="both")}),
    "categories": Frame({"c": pd.Categorical(["a", "b", None], categories=["b", "a", "unused"], ordered=True)}),
    "categories of numbers": Frame({"c": pd.Categorical([2, 1, None], categories=[2, 1, 7], ordered=True)}),
    "categories of floats": Frame({"c": pd.Categorical([0.5, 1.5])}),
    "categories of booleans": Frame({"c": pd.Categorical([True, False])}),
    "categories of times": Frame({"c": pd.Categorical(DAYS)}),
    "categories of intervals": Frame({"c": pd.cut([1, 2, 3, 4], 2), "n": range(4)}),
    "no categories": Frame({"c": pd.Categorical([None, None])}),
    "nullable": Frame(
        {
            "i": pd.array([1, None], dtype="Int64"),
            "u": pd.array([1, None], dtype="UInt8"),
            "f": pd.array([1.5, None], dtype="Float32"),
            "b": pd.array([True, None], dtype="boolean"),
        }
    ),
    "nullable text": Frame({"s": pd.array(["a", None], dtype="string")}),
    "arrow numbers": arrow([1, None], pa.int64()),
    "arrow text": arrow(["a", None], pa.string()),
    "arrow times": arrow([dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None], pa.timestamp("us", tz="UTC")),
    "arrow dates": arrow([dt.date(2024, 1, 1), None], pa.date32()),
    "arrow durations": arrow([dt.timedelta(1), None], pa.duration("us")),
    "arrow decimals": arrow([decimal.Decimal("1.50"), None], pa.decimal128(5, 2)),
    "arrow seconds": arrow([dt.datetime(2024, 1, 1), None], pa.timestamp("s")),
    "arrow seconds of a zone": arrow([dt.datetime(2024, 1, 1, tzinfo=dt.UTC), None], pa.timestamp("s", "+05:30")),
    "arrow days": arrow([dt.date(2024, 1, 1), None], pa.date64()),
    "arrow times of day": arrow([dt.time(1), None], pa.time32("s")),
    "arrow seconds in lists": arrow([[dt.datetime(2024, 1, 1)], None], pa.list_(pa.timestamp("s"))),
    "arrow dictionaries of numbers": arrow([1, 2], pa.dictionary(pa.int8(), pa.int64())),
    "arrow dictionaries of wide indices": arrow(["a", "b"], pa.dictionary(pa.int64(), pa.string())),
    "arrow lists": arrow([[1, 2], None], pa.list_(pa.int64())),
    "arrow records": arrow([{"a": 1}, None], pa.struct([("a", pa.int64())])),
    "arrow dictionaries": arrow(["a", "b"], pa.dictionary(pa.int32(), pa.string())),
    "text as objects": objects("a", "b"),
    "text as objects with gaps": objects("a", None),
    "only None": objects(None, None),
    "dates": objects(dt.date(2024, 1, 1), None),
    "times of day": objects(dt.time(1, 2, 3), None),
    "decimals": objects(decimal.Decimal("1.50"), decimal.Decimal("2.25")),
    "bytes": objects(b"a", b"\xff", None),
    "lists": objects([1, 2], [], None),
    "lists of text": objects(["a"], ["b", "c"]),
    "tuples": objects((1, 2), (3, 4)),
    "arrays": objects(np.array([1.5, 2.5]), np.array([3.5])),
    "dictionaries alike": objects({"a": 1, "b": "x"}, {"a": 2, "b": "y"}),
    "attributes": Frame({"a": [1]}),
    "sparse": Frame({"f": pd.arrays.SparseArray([0, 0, 1])}),
    "sparse floats": Frame({"f": pd.arrays.SparseArray([np.nan, 1.5])}),
    "sparse with a fill of its own": Frame({"f": pd.arrays.SparseArray([7, 7, 1], fill_value=7)}),
    "sparse booleans": Frame({"f": pd.arrays.SparseArray([True, False])}),
}
DTYPES["attributes"].attrs = {"unit": "m"}

COLUMNS = {
    "text": columns(["a", "größe 1"]),
    "named": columns(pd.Index(["a", "b"], name="what")),
    "named by a number": columns(pd.Index(["a", "b"], name=3)),
    "named by a tuple": columns(pd.Index(["a", "b"], name=("x", 3))),
    "an empty name": columns(["", "a"]),
    "text as objects": columns(pd.Index(["a", "b"], dtype=object)),
    "numbers": columns([0, 1]),
    "numbers with a name": columns(pd.Index([5, 7], name="n")),
    "a range": columns(pd.RangeIndex(3, 5, name="r")),
    "small numbers": columns(pd.Index([1, 2], dtype="uint8")),
    "floats": columns([0.5, 1.5]),
    "large floats": columns([1e6, 2e6]),
    "booleans": columns([True, False]),
    "times": columns(DAYS),
    "times with a zone": columns(BERLIN),
    "times in seconds": columns(DAYS.as_unit("s")),
    "timedeltas": columns(pd.timedelta_range("1D", periods=2)),
    "periods": columns(pd.period_range("2024-01", periods=2, freq="M")),
    "intervals": columns(pd.IntervalIndex.from_breaks([0, 1, 2])),
    "categories": columns(pd.CategoricalIndex(["x", "y"], categories=["y", "x", "z"], ordered=True)),
    "dates": columns([dt.date(2024, 1, 1), dt.date(2024, 1, 2)]),
    "duplicates": Frame([[1, "x"], [3, "y"]], columns=["a", "a"]),
    "duplicate numbers": columns([1, 1]),
    "duplicate times": columns(DAYS[[0, 0]]),
    "duplicate categories": columns(pd.CategoricalIndex(["x", "x"])),
    "tuples": columns(pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)),
    "nested tuples": columns(pd.Index([("a", ("b", 1)), "c"], tupleize_cols=False)),
    "None": columns([None, "a"]),
    "NaN": columns([np.nan, "a"]),
    "mixed": Frame([[1, 2, 3, 4]], columns=["a", 1, 2.5, None]),
    "a number and its text": columns([0, "0"]),
    "a number and a boolean": columns(["a", True]),
    "a time among text": columns(["a", pd.Timestamp("2024-01-01")]),
    "levels of text": columns(pd.MultiIndex.from_tuples([("a", "c"), ("a", "d")])),
    "named levels": columns(pd.MultiIndex.from_tuples([("a", "c"), ("b", "c")], names=["u", "v"])),
    "levels of numbers": columns(pd.MultiIndex.from_tuples([(1, 3), (2, 4)])),
    "levels of text and numbers": columns(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["u", None])),
    "levels of floats": columns(pd.MultiIndex.from_tuples([("a", 1.5), ("a", 2.5)])),
    "levels of booleans": columns(pd.MultiIndex.from_tuples([("a", True), ("a", False)])),
    "levels of times": columns(pd.MultiIndex.from_arrays([DAYS, ["a", "b"]], names=["t", "s"])),
    "levels of categories": columns(pd.MultiIndex.from_arrays([pd.Categorical(["x", "y"]), [1, 2]])),
    "levels with None": columns(pd.MultiIndex.from_tuples([("a", None), ("a", "x")])),
    "levels with blanks": columns(pd.MultiIndex.from_tuples([("a", ""), ("b", "x")])),
    "mixed levels": columns(pd.MultiIndex.from_tuples([("a", 1), ("a", "x")])),
    "duplicate levels": columns(pd.MultiIndex.from_tuples([("a", 1), ("a", 1)])),
    "a single level": columns(pd.MultiIndex.from_tuples([("a",), ("b",)])),
    "an index's own name": Frame({"__index_level_0__": [1, 2]}, index=["a", "b"]),
}

INDEXES = {
    "text": index(["x", "y"]),
    "named": index(pd.Index(["x", "y"], name="k")),
    "named by a number": index(pd.Index(["x", "y"], name=0)),
    "named by a tuple": index(pd.Index(["x", "y"], name=("p", "q"))),
    "named like a column": index(pd.Index([5, 6], name="v")),
    "a range": index(pd.RangeIndex(2)),
    "a range with steps": index(pd.RangeIndex(10, 14, 2, name="r")),
    "numbers": index([7, 5]),
    "small numbers": index(pd.Index([1, 2], dtype="int8")),
    "nullable numbers": index(pd.Index([1, None], dtype="Int64")),
    "floats": index([0.5, np.nan]),
    "booleans": index([True, False]),
    "times": index(DAYS.rename("t")),
    "times with a zone": index(BERLIN),
    "times in seconds": index(DAYS.as_unit("s")),
    "timedeltas": index(pd.timedelta_range("1D", periods=2)),
    "periods": index(pd.period_range("2024-01", periods=2, freq="M", name="p")),
    "intervals": index(pd.IntervalIndex.from_breaks([0, 1, 2])),
    "intervals of times": index(pd.IntervalIndex.from_breaks(pd.date_range("2024", periods=3), closed="left")),
    "categories": index(pd.CategoricalIndex(["x", "y"], categories=["y", "x", "z"], ordered=True)),
    "categories of intervals": index(pd.CategoricalIndex(pd.cut([1, 2, 3, 4], 2))),
    "categories of numbers": index(pd.CategoricalIndex([2, 1])),
    "duplicates": index(["x", "x"]),
    "None": index(["x", None]),
    "dates": index([dt.date(2024, 1, 1), dt.date(2024, 1, 2)]),
    "levels": index(GRID),
    "levels without names": same_index(x=None, y=None),
    "levels of one name": same_index(x="k", y="k"),
    "levels, one named": same_index(x=None, y="k"),
    "levels, one named by a number": same_index(x=0, y="k"),
    "arrow seconds": index(pd.Index([dt.datetime(2024, 1, 1), None], dtype=pd.ArrowDtype(pa.timestamp("s")))),
    "arrow durations": index(pd.Index([dt.timedelta(1), None], dtype=pd.ArrowDtype(pa.duration("us")))),
    "arrow days": index(pd.Index([dt.date(2024, 1, 1), None], dtype=pd.ArrowDtype(pa.date64()))),
    "columns of arrow days": columns(pd.Index([dt.date(2024, 1, i) for i in (1, 2)], dtype=pd.ArrowDtype(pa.date64()))),
    "a name of Arrow's": index(pd.Index(["a", "b"], name="__index_level_0__")),
    "levels named by each other's numbers": same_index(x=1, y=0),
    "columns of levels named by each other's numbers": same_index(x=1, y=0).T,
    "levels, one named by a gap": same_index(x=pd.NA, y=1),
    "levels of times": index(pd.MultiIndex.from_product([BERLIN, [1.5, 2.5]])),
    "levels of categories": index(pd.MultiIndex.from_arrays([pd.Categorical(["a", "b"], ordered=True), [1, 2]])),
    "levels of intervals": index(pd.MultiIndex.from_arrays([pd.IntervalIndex.from_breaks([0, 1, 2]), ["a", "b"]])),
    "levels with None": index(pd.MultiIndex.from_arrays([["a", None], [1, 2]], names=["c", "d"])),
    "a single level": index(pd.MultiIndex.from_tuples([("a",), ("b",)])),
    "levels on both sides": Frame(np.arange(16).reshape(4, 4), index=GRID, columns=GRID),
}

EMPTY = {
    "nothing at all": Frame(),
    "no columns": Frame(index=pd.Index([1, 2, 3])),
    "no columns, a range": Frame(index=pd.RangeIndex(3)),
    "no columns, named text": Frame(index=pd.Index(["a", "b"], name="k")),
    "no rows": Frame({"a": pd.Series([], dtype="int64"), "s": pd.Series([], dtype="string")}),
    "no rows of objects": Frame({"a": pd.Series([], dtype=object)}),
    "names only": Frame(columns=["a", "b"]),
    "numbers only": Frame(columns=[1, 2]),
    "no rows with levels": Frame({"v": []}, index=GRID[:0].remove_unused_levels()),
    "no rows of categories": Frame({"c": pd.Categorical(["a", "b"])}).iloc[:0],
    "no columns of levels": Frame(index=[1, 2], columns=GRID[:0].remove_unused_levels()),
    "no series": pd.Series([], dtype="float64"),
    "no series of objects": pd.Series([], dtype=object),
}

SERIES = {
    "named": pd.Series([1, 2], name="x"),
    "unnamed": pd.Series([1, 2]),
    "named by an empty text": pd.Series([1, 2], name=""),
    "named by a number": pd.Series([1, 2], name=5),
    "named by zero": pd.Series([1, 2], name=0),
    "named by a NumPy number": pd.Series([1, 2], name=np.int64(3)),
    "named by a float": pd.Series([1, 2], name=1.5),
    "named by a boolean": pd.Series([1, 2], name=True),
    "named by a tuple": pd.Series([1, 2], name=("a", 1)),
    "named by a time": pd.Series([1, 2], name=pd.Timestamp("2024-01-01")),
    "named by a date": pd.Series([1, 2], name=dt.date(2024, 1, 1)),
    "named like its index": pd.Series([1, 2], name="k", index=pd.Index([3, 4], name="k")),
    "its index named 0": pd.Series([1, 2], index=pd.Index([3, 4], name="0")),
    "with levels": pd.Series(range(4), index=GRID, name="v"),
    "with levels, unnamed": pd.Series(range(4), index=GRID),
    "times": pd.Series(DAYS),
    "intervals": pd.Series(pd.interval_range(0, 2)),
    "categories": pd.Series(["a", "b"], dtype="category"),
}

PEOPLE = Frame({"age": [31, 45, 27, 62], "team": ["a", "b", "a", "b"], "pay": [1.5, 2.5, 3.5, 4.5]})
PLAIN = PEOPLE[["age", "pay"]]
NOTEBOOK = {
    "describe": PLAIN.describe(),
    "groupby": PEOPLE.groupby("team").agg({"age": ["mean", "std"], "pay": ["min"]}),
    "pivot": PEOPLE.pivot_table(index="team", columns="age", values="pay"),
    "unstack": PEOPLE.set_index(["team", "age"])["pay"].unstack(),
    "crosstab": pd.crosstab(PEOPLE["team"], PEOPLE["age"] > 40),
    "cut": PEOPLE.assign(band=pd.cut(PEOPLE["age"], 3)),
    "count of a cut": pd.cut(PEOPLE["age"], 3).value_counts(),
    "group by a cut": PEOPLE.groupby(pd.cut(PEOPLE["age"], 2), observed=True)["pay"].mean(),
    "crosstab of a cut": pd.crosstab(pd.cut(PEOPLE["age"], 2), PEOPLE["team"]),
    "crosstab over a cut": pd.crosstab(PEOPLE["team"], pd.cut(PEOPLE["age"], 2)),
    "get_dummies": pd.get_dummies(PEOPLE),
    "value_counts": PEOPLE["team"].value_counts(),
    "isna": PEOPLE.isna().sum(),
    "corr": PLAIN.corr(),
    "transposed": PLAIN.T,
    "a row": PLAIN.iloc[0],
    "resample": pd.Series(range(48), index=pd.date_range("2024", periods=48, freq="h")).resample("D").mean(),
    "quantile": PLAIN.quantile([0.1, 0.9]),
    "concat with keys": pd.concat({"one": PLAIN, "two": PLAIN}),
    "head": PEOPLE.head(2),
    "filtered": PEOPLE[PEOPLE["age"] > 40],
    "sorted": PEOPLE.sort_values("pay", ascending=False),
}

CASES = {
    f"{table}: {name}": obj
    for table, cases in {
        "dtypes": DTYPES,
        "columns": COLUMNS,
        "index": INDEXES,
        "empty": EMPTY,
        "series": SERIES,
        "notebook": NOTEBOOK,
    }.items()
    for name, obj in cases.items()
}

COMPLEX = {
    "complex numbers": Frame({"c": [1 + 2j, 3j]}),
    "small complex numbers": Frame({"c": np.array([1 + 2j, 3j], "complex64")}),
    "complex numbers of other machines": Frame({"a": np.array([1j, 2.5], ">c16")}),
    "complex gaps": Frame({"c": [complex(np.nan, 1), complex(np.inf, -np.inf)]}),
    "a complex series": pd.Series([1j], name="c"),
    "a complex index": index(pd.Index([1j, 2j])),
    "no complex numbers": Frame({"c": np.zeros(0, complex)}),
}
"""Kept as records of two numbers, which the note says, and read back equal."""

NAMED = {
    "mixed cells": objects(1, "a", None),
    "mixed cells with NaN": objects(1.5, "a", True),
    "mixed cells in lists": objects([1, "a"], [3]),
    "a number too large": objects(10**30, 1),
    "NumPy numbers among text": objects(np.int64(3), "a"),
    "describe all": PEOPLE.describe(include="all"),
    "numbered columns": Frame([[1, "a"], ["x", 2]]),
    "columns of times": Frame([[1, "a"], ["x", 2]], columns=DAYS),
    "duplicate columns": Frame([[1, "a"], ["x", 2]], columns=["a", "a"]),
    "columns of levels": Frame([[1, "a"], ["x", 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])),
    "columns of mixed levels": Frame([[1, "a"], ["x", 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
    "transposed": PEOPLE.T,
    "a row": PEOPLE.iloc[0],
    "a series": pd.Series([1, "a", None], name="m"),
    "a series without a name": pd.Series([1, "a", None]),
    "a series named by a number": pd.Series([1, "a", None], name=4),
    "a series named by a tuple": pd.Series([1, "a", None], name=("a", 1)),
}
"""Kept as JSON text, which the note says, and read back equal."""

LOSSY = {
    "numbers as objects": objects(1, 2),
    "numbers and None": objects(1, None),
    "floats as objects": objects(1.5, None),
    "numbers and floats": objects(1, 2.5),
    "booleans as objects": objects(True, None),
    "only NaN": objects(np.nan, np.nan),
    "several kinds of gaps": objects("a", np.nan, None, pd.NA),
    "bytes and text": objects(b"a", "b"),
    "sets": objects({1, 2}, {3}),
    "frozen sets": objects(frozenset({1, 2})),
    "dictionaries of other keys": objects({"a": 1}, {"b": 2}),
    "dictionaries with numbers as keys": objects({1: 2}, {3: 4}),
    "empty dictionaries": objects({}, {}),
    "lists of dictionaries": objects([{"a": 1}, {"b": "x"}], []),
    "matrices": objects(np.eye(2), np.eye(2)),
    "UUIDs": objects(uuid.UUID(int=1)),
    "any objects": objects(object(), object()),
    "frames": objects(pd.DataFrame({"a": [1]})),
    "times as objects": objects(pd.Timestamp("2024-01-01")),
    "times of several zones": objects(
        pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-01", tz="Asia/Tokyo")
    ),
    "broken characters": objects("\ud800", "a"),
    "mixed categories": Frame({"c": pd.Categorical([1, "a"])}),
    "categories of tuples": Frame({"c": pd.Categorical([("a", 1), ("b", 2)])}),
    "text in Python's storage": Frame({"s": pd.array(["a", None], dtype="string[python]")}),
    "mixed index": index(["x", 1]),
    "mixed index with a name": index(pd.Index(["x", 1], name="k")),
    "index of tuples": index(pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)),
    "index of numbers as objects": index(pd.Index([1, 2], dtype=object)),
    "mixed levels": index(pd.MultiIndex.from_tuples([("a", 1), ("a", "x")])),
    "column labels of no known type": columns([uuid.UUID(int=1), "a"]),
    "text labels of another dtype": columns(pd.Index(["a", "b"], dtype="string")),
    "a series named by an interval": pd.Series([1, 2], name=pd.Interval(0, 1)),
    "dtypes": PEOPLE.dtypes,
    "attributes that are no JSON": Frame({"a": [1]}),
    "no duplicate labels": Frame({"a": [1]}).set_flags(allows_duplicate_labels=False),
}
LOSSY["attributes that are no JSON"].attrs = {"unit": {1}}


def table(cases: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("obj", cases.values(), ids=cases.keys())


# -- there and back -------------------------------------------------------------------------------


@table(CASES)
def test_what_is_shown_reads_back_equal_without_a_note(obj: Any) -> None:
    assert_equal(read(stored(obj)), obj)
    assert told(obj) is None


@table(NAMED)
def test_what_is_kept_as_json_text_reads_back_equal_with_a_note(obj: Any) -> None:
    assert_equal(read(stored(obj)), obj)
    assert "JSON" in (told(obj) or "")


@table(COMPLEX)
def test_complex_numbers_read_back_equal_with_a_note(obj: Any) -> None:
    assert_equal(read(stored(obj)), obj)
    assert "records of real and imag" in (told(obj) or "")


@table(LOSSY)
def test_what_does_not_read_back_equal_has_a_note(obj: Any) -> None:
    back = read(stored(obj))
    try:
        assert_equal(back, obj)
    except (AssertionError, TypeError, ValueError, Warning):  # comparing cells that are arrays or frames
        assert told(obj)


@table(CASES | NAMED | LOSSY | COMPLEX)
def test_plain_pandas_opens_every_file(obj: Any) -> None:
    back = pd.read_parquet(io.BytesIO(stored(obj)))
    assert len(back) == len(obj)


@table(NAMED | LOSSY)
def test_every_row_is_kept(obj: Any) -> None:
    back = read(stored(obj))
    assert back.shape == obj.shape


def test_nan_beside_gaps_are_told() -> None:
    both = pd.arrays.FloatingArray(np.array([np.nan, 1.0]), np.array([False, True]))
    assert told(Frame({"f": both})) == "NaN come back as NA: f"
    assert told(Frame({"f": pd.array([1.0, None], "Float64")})) is None


@pytest.mark.parametrize("freq", ["D", "W-WED", "ME", "90min", "2QS-OCT", "B"])
def test_the_frequency_of_times_comes_back(freq: str) -> None:
    shown = index(pd.date_range("2024", periods=3, freq=freq))
    back: Any = read(stored(shown))
    assert back.index.freq == shown.index.freq is not None


def test_a_frequency_that_is_not_known_here_is_left_out() -> None:
    table = pq.read_table(io.BytesIO(stored(index(DAYS))))
    meta = table.schema.metadata[b"mlart"].replace(b'"D"', b'"of tomorrow"')
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"mlart": meta}), buffer)
    back: Any = read(buffer.getvalue())
    assert back.index.tolist() == DAYS.tolist()
    assert back.index.freq is None


def test_a_frequency_whose_name_does_not_tell_all_is_left_out() -> None:
    days = pd.offsets.CustomBusinessDay(holidays=["2024-01-02"])
    shown = index(pd.date_range("2024", periods=3, freq=days))
    back: Any = read(stored(shown))
    assert back.index.freq is None
    assert told(shown) == "the frequency C is not kept"
    assert back.index.tolist() == pd.date_range("2024", periods=3, freq=days).tolist()


def test_the_note_names_the_columns_kept_as_json() -> None:
    frame = Frame({"plain": [1, 2], "mixed": [1, "a"], 7: [2, "b"]})
    assert told(frame) == "stored as JSON text: mixed, 7"


def test_the_note_of_a_series_has_its_name() -> None:
    assert told(pd.Series([1, "a"], name="m")) == "stored as JSON text: m"


def test_plain_pandas_sees_the_names_of_text_columns() -> None:
    frame = Frame({"a": [1], "b": ["x"]}, index=pd.Index([5], name="k"))
    assert_equal(pd.read_parquet(io.BytesIO(stored(frame))), frame)


def test_other_tools_see_typed_columns() -> None:
    schema = pq.read_schema(io.BytesIO(stored(Frame({"i": [1], "f": [0.5], "d": DAYS[:1]}))))
    assert (schema.field("i").type, schema.field("f").type) == (pa.int64(), pa.float64())
    assert pa.types.is_timestamp(schema.field("d").type)


def test_categories_survive_more_rows_than_one_row_group() -> None:
    labels = pd.Categorical.from_codes(np.arange(1_100_000) % 3, categories=["b", "a", "c", "unused"])
    back: Any = read(stored(Frame({"c": labels})))
    assert back["c"].dtype == labels.dtype
    np.testing.assert_array_equal(back["c"].cat.codes, labels.codes)


def test_a_slice_is_stored_without_the_rest() -> None:
    frame = Frame({"s": ["x" * 100] * 20_000})
    assert len(rendered(frame.iloc[5:7]).files[0].data) < 20_000


def test_a_parquet_file_of_others_is_read() -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2]}), buffer)
    assert_equal(read(buffer.getvalue()), Frame({"a": [1, 2]}))


# -- what is told ---------------------------------------------------------------------------------


def test_a_small_frame_is_pickled_on_its_way_and_a_large_one_is_arrow() -> None:
    small, large = (rendered(Frame({"a": np.zeros(rows)})).files[0] for rows in (2**17, 2**18))
    assert (small.suffix, small.media_type, small.encoding) == (".parquet", "application/vnd.apache.parquet", "pickle")
    assert (large.suffix, large.media_type, large.encoding) == (".parquet", "application/vnd.apache.parquet", "arrow")


def test_a_frame_has_a_kind_a_folder_and_no_title() -> None:
    made = rendered(PEOPLE)
    assert (made.kind, made.folder, made.title) == ("frame", "frames", "")


def test_shape_and_dtypes_are_told() -> None:
    made = rendered(Frame({"a": [1, 2, 3], 5: [0.5, 1, 2]}))
    assert (made.shape, made.dtypes) == ((3, 2), {"a": "int64", "5": "float64"})


def test_shape_and_dtype_of_a_series_are_told() -> None:
    made = rendered(pd.Series([1.5, 2.5], name="pay"))
    assert (made.shape, made.dtypes) == ((2,), {"pay": "float64"})


@pytest.mark.parametrize(("name", "title"), [("pay", "pay"), (None, ""), (5, "5"), (0, "0"), (("a", 1), "('a', 1)")])
def test_the_title_of_a_series_is_its_name(name: Any, title: str) -> None:
    assert rendered(pd.Series([1], name=name)).title == title


def test_dtypes_are_those_of_pandas() -> None:
    frame = Frame({"c": pd.Categorical(["a"]), "t": BERLIN[:1], "n": pd.array([1], dtype="Int64"), "o": [[1]]})
    expected = {"c": "category", "t": str(frame["t"].dtype), "n": "Int64", "o": "object"}
    assert rendered(frame).dtypes == expected


def test_a_frame_of_very_many_columns_tells_no_dtypes() -> None:
    wide = Frame(np.zeros((1, NAMED_DTYPES + 1)), columns=[f"c{i}" for i in range(NAMED_DTYPES + 1)])
    assert rendered(wide).dtypes is None
    assert_equal(read(stored(wide)), wide)


# -- limits ---------------------------------------------------------------------------------------

LONG = Frame({"a": range(3000), "s": ["x"] * 3000})


def test_a_small_frame_is_rendered_at_once() -> None:
    assert isinstance(render(PEOPLE, {}, Limits()), Rendered)


def test_a_larger_frame_is_a_snapshot() -> None:
    made = render(LONG["a"].rename("total"), {}, Limits(inline=100))
    assert isinstance(made, Deferred)
    assert (made.folder, made.title, made.size) == ("frames", "total", size_in_memory(LONG["a"]))


def test_a_snapshot_becomes_the_whole_frame() -> None:
    assert_equal(read(stored(LONG, Limits(inline=0))), LONG)
    assert told(LONG, Limits(inline=0)) is None


@pytest.mark.parametrize("obj", [LONG, LONG["a"]], ids=["frame", "series"])
def test_over_the_budget_the_first_rows_are_kept(obj: Any) -> None:
    assert_equal(read(stored(obj, Limits(0, 0))), obj.head(HEAD_ROWS))


def test_over_the_budget_the_note_and_the_shape_tell_the_whole() -> None:
    made = rendered(LONG, Limits(0, 0))
    assert made.shape == (3000, 2)
    assert made.note == "over the size budget: only the first 1,000 of 3,000 rows are kept"


def test_a_frame_over_the_budget_but_short_is_kept_whole() -> None:
    assert told(PEOPLE, Limits(0, 0)) is None
    assert_equal(read(stored(PEOPLE, Limits(0, 0))), PEOPLE)


def test_many_cells_that_are_slow_to_copy_are_left_to_a_snapshot() -> None:
    days = [dt.date(2024, 1, 1), 1, "a"] * 1000
    assert isinstance(render(objects(*days), {}, Limits()), Deferred)
    assert not isinstance(render(objects(*days[:300]), {}, Limits()), Deferred)
    assert not isinstance(render(objects(*[1, "a", [2]] * 1000), {}, Limits()), Deferred)


@pytest.mark.parametrize("where", ["index", "level", "columns", "category"])
def test_many_labels_that_are_slow_to_copy_are_left_to_a_snapshot(where: str) -> None:
    days = pd.Index([dt.date(2024, 1, 1) + dt.timedelta(i) for i in range(900)], dtype=object)
    shown = {
        "index": index(days),
        "level": index(pd.MultiIndex.from_arrays([days, range(900)])),
        "columns": Frame(np.zeros((1, 900)), columns=days),
        "category": Frame({"c": pd.Categorical(days)}),
    }[where]
    assert isinstance(render(shown, {}, Limits()), Deferred)
    assert not isinstance(render(shown, {}, Limits(slow_cells=900)), Deferred)


def test_cells_that_show_a_large_array_are_as_large_as_their_part_of_it() -> None:
    assert size_in_memory(Frame({"e": list(np.zeros((100, 1000)))})) > 800_000


def test_gaps_between_lists_of_one_size_are_kept_as_arrow_whatever_their_type_is_called() -> None:
    kind = pa.fixed_shape_tensor(pa.float32(), [2])
    cells = pa.ExtensionArray.from_storage(kind, pa.array([[1.0, 2.0], None], kind.storage_type))
    shown = Frame({"a": pd.arrays.ArrowExtensionArray(cells)})
    assert rendered(shown).files[0].suffix == ".arrow"
    back: Any = read(stored(shown))
    assert back["a"].isna().tolist() == [False, True]


def test_cells_that_can_be_written_to_are_copied_in_the_cell() -> None:
    arrays = [np.zeros(2) for _ in range(1000)]
    made = render(objects(*arrays), {}, Limits())
    assert isinstance(made, Rendered)
    arrays[0][:] = 7
    assert read(bytes(finish(made.files[0].encoding, made.files[0].data[:]).data))["o"][0].tolist() == [0, 0]


def test_both_notes_are_told() -> None:
    mixed = Frame({"m": [1, "a"] * 1000})
    note = told(mixed, Limits(0, 0))
    assert note == "stored as JSON text: m; over the size budget: only the first 1,000 of 2,000 rows are kept"


def test_a_snapshot_claims_no_more_memory_than_the_budget() -> None:
    made = render(LONG, {}, Limits(0, 5000))
    assert isinstance(made, Deferred)
    assert made.size == 5000


def test_a_frame_of_many_columns_is_a_snapshot_however_small() -> None:
    wide = Frame(np.zeros((2, 1001)))
    made = render(wide, {}, Limits())
    assert isinstance(made, Deferred)
    assert_equal(read(stored(wide, Limits())), wide)


def test_ten_thousand_columns_come_back() -> None:
    wide = Frame(np.zeros((2, 10_000)))
    assert_equal(read(stored(wide)), wide)


@pytest.mark.parametrize("cells", [[[1], [2]], [{"a": 1}, None], ["x", {1}], [np.zeros(1)], [bytearray(b"x")]], ids=str)
def test_a_snapshot_of_cells_that_can_change_says_that_it_is_shallow(cells: list[Any]) -> None:
    made = rendered(objects(*cells), Limits(inline=0))
    assert "shallow" in (made.note or "")


@pytest.mark.parametrize(
    "cells", [["x", None], [1, "a"], [dt.date(2024, 1, 1)], [pd.Timestamp("2024"), pd.NA]], ids=str
)
def test_a_snapshot_of_cells_that_cannot_change_does_not(cells: list[Any]) -> None:
    assert "shallow" not in (told(objects(*cells), Limits(inline=0)) or "")


def test_small_frames_are_encoded_in_the_cell_whatever_they_hold() -> None:
    frame = objects([1], [2])
    made = render(frame, {}, Limits())
    frame.loc[0, "o"].append(99)
    assert isinstance(made, Rendered)
    assert read(bytes(finish(made.files[0].encoding, made.files[0].data[:]).data))["o"].tolist() == [[1], [2]]


@pytest.mark.parametrize(
    "write",
    [
        lambda f: f.__setitem__("a", 0),
        lambda f: f.iloc.__setitem__((0, 0), 99),
        lambda f: f.mask(f > 0, 99, inplace=True),
        lambda f: f.update(f + 1),
        lambda f: f.to_numpy().__setitem__((0, 0), 99) if f.to_numpy().flags.writeable else None,
    ],
    ids=["column", "cell", "mask", "update", "array"],
)
def test_a_later_write_does_not_reach_the_artifact(write: Any) -> None:
    frame = Frame({"a": [1.5, 2.5], "b": [3.5, 4.5]})
    before = frame.copy(deep=True)
    made = render(frame, {}, Limits(0))
    write(frame)
    assert isinstance(made, Deferred)
    file = made.render().files[0]
    assert_equal(read(bytes(finish(file.encoding, file.data[:]).data)), before)


def test_a_sparse_frame_counts_as_the_dense_one_that_arrow_makes_of_it() -> None:
    sparse = Frame({"a": pd.arrays.SparseArray(np.zeros(10_000))})
    assert size_in_memory(sparse) >= 80_000


def test_long_lists_in_cells_count() -> None:
    assert size_in_memory(objects({"a": list(range(10_000))})) > 80_000


@pytest.mark.parametrize(
    ("obj", "least", "most"),
    [
        (Frame({"a": np.zeros(1000)}), 8_000, 9_000),
        (pd.Series(np.zeros(1000)), 8_000, 9_000),
        (Frame(np.zeros((10, 1000))), 80_000, 90_000),
        (objects(*["x" * 951] * 100), 100_000, 120_000),
        (objects(*[["x"] * 100] * 100), 80_000, 120_000),
        (Frame(), 0, 200),
        (Frame({"a": [1, 2]}).iloc[:0], 0, 200),
    ],
    ids=["numbers", "series", "wide", "text", "lists", "empty", "no rows"],
)
def test_the_size_in_memory_is_about_right(obj: Any, least: int, most: int) -> None:
    assert least <= size_in_memory(obj) <= most


def test_the_size_is_told_whatever_the_columns_are_called() -> None:
    sizes = [size_in_memory(obj) for obj in COLUMNS.values()]
    assert min(sizes) > 0


def test_a_write_to_the_array_of_an_index_does_not_reach_a_snapshot() -> None:
    labels = np.arange(5)
    made = render(pd.DataFrame({"v": 1.0}, index=labels), {}, Limits(inline=0))
    labels[:] = 0
    assert isinstance(made, Deferred)
    file = made.render().files[0]
    assert read(bytes(finish(file.encoding, memoryview(file.data)).data)).index.tolist() == [0, 1, 2, 3, 4]


FRESH = """
import sys
from mlart_jupyter.renderers.reading import read
back = read(open(sys.argv[1], "rb").read())
print(repr(back.index), back.tolist())
"""


@pytest.mark.parametrize(
    "index",
    [
        pd.period_range("2016Q1", periods=2, freq="Q"),
        pd.interval_range(0, 2),
        pd.MultiIndex.from_arrays([pd.period_range("2016Q1", periods=2, freq="Q"), pd.interval_range(0, 2)]),
    ],
    ids=["periods", "intervals", "both"],
)
def test_a_process_that_has_written_none_reads_periods_and_intervals(index: pd.Index, tmp_path: Path) -> None:
    series = pd.Series([1, 2], index=index)
    (tmp_path / "s.parquet").write_bytes(stored(series))
    command = [sys.executable, "-c", FRESH, str(tmp_path / "s.parquet")]
    assert subprocess.check_output(command, text=True, timeout=120).strip() == f"{index!r} [1, 2]"
