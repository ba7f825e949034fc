"""The short way must give the very table that pyarrow gives."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlart_jupyter.renderers.plain_table import is_plain, plain_table

PLAIN = {
    "floats": pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=list("abc")),
    "missing values": pd.DataFrame({"a": [1.0, np.nan], "b": [np.inf, 2.0]}),
    "mixed numbers": pd.DataFrame({"b": [True, False], "i": [1, 2], "f": [0.5, 1.5], "b2": [False, False]}),
    "small dtypes": pd.DataFrame({"a": np.array([1, 2], "uint8"), "b": np.array([1, 2], "float32")}),
    "no rows": pd.DataFrame({"a": np.zeros(0), "b": np.zeros(0, "int64")}),
    "a slice": pd.DataFrame({"a": np.arange(9), "b": np.arange(9.0)}).iloc[2:8:2],
    "not ASCII": pd.DataFrame({"année": [1.5]}),
}
OTHER = {
    "text": pd.DataFrame({"a": ["x"]}),
    "object": pd.DataFrame({"a": pd.Series([1], dtype=object)}),
    "times": pd.DataFrame({"a": pd.to_datetime(["2026-01-01"])}),
    "nullable": pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    "half floats": pd.DataFrame({"a": np.array([1.0], "float16")}),
    "numbers of other machines": pd.DataFrame({"a": np.array([1.0], ">f8")}),
    "complex": pd.DataFrame({"a": [1j]}),
    "an index": pd.DataFrame({"a": [1.0]}, index=["x"]),
    "a named range": pd.DataFrame({"a": [1.0]}, index=pd.RangeIndex(1, name="i")),
    "number names": pd.DataFrame({0: [1.0]}),
    "named columns": pd.DataFrame([[1.0]], columns=pd.Index(["a"], name="c")),
    "same names": pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]),
    "no columns": pd.DataFrame(index=range(3)),
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_frame_gives_the_table_of_pyarrow(name):
    frame, expected = PLAIN[name], pa.Table.from_pandas(PLAIN[name])
    table = plain_table(frame)
    assert is_plain(frame)
    assert table.equals(expected)
    ours, theirs = (json.loads(t.schema.metadata[b"pandas"]) for t in (table, expected))
    assert ours == ({"attributes": {}} | theirs)  # pyarrow 17 and earlier do not write it


@pytest.mark.parametrize("name", OTHER)
def test_any_other_frame_takes_the_long_way(name):
    assert not is_plain(OTHER[name])


def test_attributes_take_the_long_way():
    frame = pd.DataFrame({"a": [1.0]})
    frame.attrs["unit"] = "m"
    assert not is_plain(frame)
