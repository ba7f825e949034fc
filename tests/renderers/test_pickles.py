"""What a small frame is spooled as: a copy of all it holds, made of familiar types only, alike for equal frames."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlart_jupyter.renderers import Limits, frame
from mlart_jupyter.renderers.base import Deferred
from mlart_jupyter.renderers.exact import from_arrow
from mlart_jupyter.renderers.pickles import pickled_file, table_of_pickle
from mlart_jupyter.renderers.salvage import to_arrow

Frame = pd.DataFrame
RAN: list[str] = []


class Mine:
    """A type of a notebook."""

    def __reduce__(self) -> Any:
        RAN.append("in the cell")
        return Mine, ()


class Colour(enum.Enum):
    RED = 1


class Words(str):
    """A text with more to it."""


def cells(value: Any) -> Frame:
    return Frame({"o": pd.Series([value, None], dtype=object)})


def read_back(payload: Any) -> Any:
    return from_arrow(table_of_pickle(payload)[0])


# -- what is pickled --------------------------------------------------------------------------------

FAMILIAR: dict[str, Callable[[], Any]] = {
    "numbers": lambda: Frame({"a": [1.5, np.nan], "b": [1, 2]}),
    "a series": lambda: pd.Series(["x", None], name="s"),
    "times": lambda: Frame(
        {"t": pd.date_range("2024", periods=2, tz="Europe/Berlin")}, index=pd.period_range("2024", periods=2)
    ),
    "nullable": lambda: Frame({"i": pd.array([1, None], "Int64"), "s": pd.array(["a", None], "string")}),
    "of Arrow": lambda: Frame(
        {"a": pd.array([1, None], "int64[pyarrow]"), "d": pd.array([dt.date(2024, 1, 1)] * 2, "date32[pyarrow]")}
    ),
    "categories": lambda: Frame({"c": pd.cut([1, 2, 3], 2), "d": pd.Categorical(list("aba"))}),
    "sparse": lambda: Frame({"s": pd.arrays.SparseArray([0, 0, 1])}),
    "objects": lambda: Frame(
        {"o": [1, "a", None], "p": [[1], {"k": (2,)}, {3}], "q": [np.arange(2), pd.NaT, pd.Interval(0, 1)]}
    ),
    "offsets": lambda: cells(pd.offsets.MonthEnd(2)),
    "columns of levels": lambda: Frame({"a": list("xxy"), "v": [1, 2, 3]}).groupby("a").describe(),
    "attributes": lambda: attributed({"unit": "m"}),
}


def attributed(attrs: dict[str, Any]) -> Frame:
    made = Frame({"a": [1]})
    made.attrs = attrs
    return made


@pytest.mark.parametrize("name", FAMILIAR)
def test_a_pickle_gives_the_table_of_the_frame_itself(name: str) -> None:
    file = pickled_file(FAMILIAR[name]())
    assert file is not None
    table, note = table_of_pickle(memoryview(file.data))
    expected, told = to_arrow(FAMILIAR[name]())
    assert table.equals(expected, check_metadata=True)
    assert note == told


def test_one_of_pandas_2_is_read() -> None:
    back = read_back(zlib.decompress(base64.b64decode(OF_PANDAS_2)))
    assert back.index.tolist() == pd.period_range("2024-01", periods=2, freq="M").tolist()
    assert back["who"].cat.categories.tolist() == ["ann", "bob"]
    assert back["at"].tolist() == pd.date_range("2024", periods=2, tz="UTC").tolist()
    assert back["n"].tolist() == [1, pd.NA]


def test_no_later_write_reaches_it() -> None:
    numbers, inner = np.zeros((2, 2)), [1]
    shown = Frame(numbers, columns=list("ab"), copy=False)
    shown["o"] = [inner, None]
    file = pickled_file(shown)
    assert file is not None
    numbers[:], inner[0] = 7, 7
    back = read_back(file.data)
    assert back[["a", "b"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert back["o"].tolist() == [[1], None]


def test_a_slice_holds_its_own_rows_only() -> None:
    for dtype in (object, "string[pyarrow]", "string[python]", "category"):
        file = pickled_file(
            Frame({"s": pd.Series([f"word {i}" for i in range(20_000)]).astype("str").astype(dtype)}).iloc[5:7]
        )
        assert file is not None
        assert len(file.data) < (400_000 if dtype == "category" else 5_000)


# -- what is not ------------------------------------------------------------------------------------

TENSOR = pa.fixed_shape_tensor(pa.float32(), [2])
OF_OTHERS: dict[str, Callable[[], Any]] = {
    "an object": lambda: cells(Mine()),
    "an object in a list": lambda: cells([{"k": Mine()}]),
    "a class": lambda: cells(Mine),
    "a function": lambda: cells(cells),
    "a lambda": lambda: cells(lambda: 1),
    "an enumeration": lambda: cells(Colour.RED),
    "a text with more to it": lambda: cells(Words("x")),
    "a module": lambda: cells(zlib),
    "a label": lambda: Frame([[1]], columns=[Mine()]),
    "the name of an index": lambda: Frame({"a": [1]}, index=pd.Index([1], name=Colour.RED)),
    "a category": lambda: Frame({"c": pd.Categorical([Colour.RED])}),
    "an attribute": lambda: attributed({"by": Mine()}),
    "a frame of their own": lambda: type("Own", (Frame,), {})({"a": [1]}),
    "Arrow's types without a place in Parquet": lambda: Frame(
        {"a": pd.array([pa.MonthDayNano([1, 2, 3])], pd.ArrowDtype(pa.month_day_nano_interval()))}
    ),
    "Arrow's lists": lambda: Frame({"a": pd.array([[1]], pd.ArrowDtype(pa.list_(pa.int8(), 1)))}),
    "such a type after another": lambda: Frame(
        {
            "i": pd.array([1], "int64[pyarrow]"),
            "a": pd.array([pa.MonthDayNano([1, 2, 3])], pd.ArrowDtype(pa.month_day_nano_interval())),
        }
    ),
    "Arrow's lists in a type of their own": lambda: Frame(
        {
            "a": pd.arrays.ArrowExtensionArray(
                pa.ExtensionArray.from_storage(TENSOR, pa.array([[1.0, 2.0]], TENSOR.storage_type))
            )
        }
    ),
    "numbers with padding": lambda: Frame({"a": np.arange(2, dtype=np.longdouble)}),
}


@pytest.mark.parametrize("name", OF_OTHERS)
def test_what_is_not_familiar_is_laid_out_in_the_cell(name: str) -> None:
    shown = OF_OTHERS[name]()
    RAN.clear()
    assert pickled_file(shown) is None
    assert RAN == []
    made = frame.render(shown, {}, Limits())
    assert not isinstance(made, Deferred)
    assert made.files[0].encoding in ("arrow", "raw")


# -- equal frames -----------------------------------------------------------------------------------

USES: dict[str, Callable[[Any], Any]] = {
    "its types": lambda f: [(d.kind, str(d), getattr(d, "itemsize", 0)) for d in f.dtypes],
    "its rows": lambda f: [f.iloc[i] for i in range(len(f))],
    "a description": lambda f: f.describe(include="all"),
    "groups": lambda f: f.groupby("c", observed=True).size(),
    "Arrow": to_arrow,
    "a copy": lambda f: f.copy(),
    "its text": repr,
}


def used() -> Frame:
    made = Frame(
        {"c": pd.Categorical(list("ab")), "i": pd.array([1, None], "Int64"), "s": pd.array(["a", "b"], "string")}
    )
    made["t"] = pd.date_range("2024", periods=2, tz="UTC")
    made["p"] = pd.period_range("2024", periods=2)
    made["d"] = pd.to_timedelta([1, 2])
    made["v"] = pd.interval_range(0, 2).array
    return made.set_index(pd.date_range("2024", periods=2, name="day"))


@pytest.mark.parametrize("use", USES)
def test_a_frame_that_was_used_is_pickled_as_before(use: str) -> None:
    shown, before = used(), pickled_file(used())
    USES[use](shown)
    after = pickled_file(shown)
    assert before is not None
    assert after is not None
    assert after.data == before.data


@pytest.mark.parametrize("dtype", ["Int8", "boolean", "Float32"])
def test_a_dtype_that_was_asked_is_pickled_as_before(dtype: str) -> None:
    shown = Frame({"k": pd.array([1, None], dtype)})
    before = pickled_file(shown)
    assert shown["k"].dtype.itemsize
    assert pickled_file(shown) == before


VIEWS: dict[str, Callable[[Any], Any]] = {
    "every second cell": lambda f: f["a"].iloc[::2],
    "backwards": lambda f: f["a"].iloc[::-1].reset_index(drop=True),
    "a row": lambda f: f.iloc[0],
    "a column": lambda f: f["a"],
    "rows of an index": lambda f: f.set_index("a").iloc[::2],
    "nullable": lambda f: f.astype("Int64").iloc[::2],
    "categories": lambda f: f.astype("category").iloc[::2],
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_pickled_as_its_copy(view: str) -> None:
    shown = VIEWS[view](Frame(np.arange(12).reshape(4, 3), columns=list("abc"), copy=False))
    file = pickled_file(shown)
    assert file is not None
    assert file == pickled_file(shown.copy())


class Own(pd.DataFrame):
    """A frame that makes others by code of its own."""

    @property
    def _constructor(self) -> Any:
        RAN.append("made")
        return Own


def test_a_frame_of_others_is_not_copied_by_code_of_its_own() -> None:
    shown = Own({"a": [1]})
    shown["b"] = [2]
    RAN.clear()
    assert pickled_file(shown) is None
    assert RAN == []


def test_whether_equal_cells_are_one_object_does_not_show() -> None:
    one, other = ((1, "x" * number) for number in (3, 3))
    assert one is not other
    assert pickled_file(Frame({"o": [one, one]})) == pickled_file(Frame({"o": [one, other]}))


def test_attributes_are_not_copied_by_code_of_their_own() -> None:
    class Loud:
        def __deepcopy__(self, memo: Any) -> Any:
            RAN.append("deepcopy")
            return self

    shown = Frame({"a": [1]})
    shown["b"] = [2]
    shown.attrs["by"] = Loud()
    RAN.clear()
    assert pickled_file(shown) is None
    assert RAN == []


def test_what_is_larger_than_it_looked_is_not_pickled() -> None:
    assert pickled_file(Frame({"a": np.zeros(2**18 + 1)})) is None


def test_columns_that_were_added_are_pickled_as_those_that_were_there() -> None:
    added = Frame({"a": [1.0, 2.0]})
    added["b"] = [3.0, 4.0]
    joined, there = added.copy(), pickled_file(added)
    assert joined._mgr.is_consolidated()
    assert not added._mgr.is_consolidated()
    assert there == pickled_file(joined)


OF_PANDAS_2 = """
eNqNVV1rE0EU3U02/dZWKo2WUguKRKjBClofFGkThDY0ivhkicPs7qSzZD/C7ixtioX6kNrCPNkR/0FffPWP+Qv0zuyu2cQIJmTn7sw9d+4958
5kf+PJ5ub62uP1tY2n6dCaOS19XZ3Q1Iff6GLfxlHVCkJSbYfYI4JP1zHDr5R9KR58Eieiwg3kHYSCr+bdHZ+R0MduVPWwjw9IGAk+t+0GVmcv
eQd4hS+lEOQ6ZjTACD6PYr/rWB2XIFOCwJsvDjnjMMQ98FxBqNs7Grg361tyZRtbHWJL2FBaCapqYUYOgtCxsCv4bC33dil270z8NJqfxVvBb+
ehNut1SZQOgi/kUHU5N+BjJgsv/W4Ns2KTIwhi4gi4nEE+OUQ7cg7AdJmXMluxagPTgi/5sdftVZHCe7HLHFUDsIlCYgV+xMLYYrLQkvIUfBL2
Uy6XoqH1RU03haym0tAbhb6g93jJTvPlhdfPxMV5slrk+kfRbDZ3f8FHPRovmTAvWpBLEfu+4EUzMAWBOW74sgGa8ZlkaTIIbRIC2RexyRfz6Y
JNgCCgGLXDwDPjdjsR/ht9yAvOxmBvujG8swa7yGy5XhMMXE6gBJNPmbEDBPhAaylyHYuoEqEuXYZpFOSTztLrfGWM5kAnYY4nNblWT+2tlKeB
5vQmn89W370fEdaIfYcBazKBAjsWfCoLCqYcjgNfutN9Pi1fbeKChCpH+MrwffjFJr1L70tpaCUTBqQ5E5KUvYEgBtefjwiiNSs1ubtC6EycCa
lQbUHTiF5euCpr2o8v3z9cleW0oozuytDD/PDlMezIsydPJZ/bSayMmrT0ElLtSF+k2uX6hnbGa0drUjlAejjq/EGa/6F6goxl9oVGcUTdf3D3
SDWqjkVTdiggiw0jj2QC1ukKXYVq6NrfUYx+FqN4SAPQF4PSOnS9wcgRU21PN5OOpyvDFGanugvNHtjQ7W+UkTvMsOH14dskpX0EMrYf07WsF/
l0Atrfa6l2UsSeDmhLdE9TJeqEGgiwAJQSZvc48gjDStMWaIQZgxv6RPAJ1HbxgTLL2HWDwwjZcRfOGjQ6crFJ4HY+j2Kzqul68jehZaOmnxcS
4yIdfwMfL332
"""
"""Two rows of categories, zoned times, nullable numbers and texts on periods, as pandas 2.2.2 pickles them."""
