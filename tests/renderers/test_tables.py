"""Tables of polars, pyarrow and geopandas come back as what they were, and other tools open them."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Deferred, Limits, finish, renderer_for
from mlart_jupyter.renderers.reading import read
from mlart_jupyter.renderers.statistics import HEAD_ROWS

pl = pytest.importorskip("polars")
geopandas = pytest.importorskip("geopandas")
shapely = pytest.importorskip("shapely")
duckdb = pytest.importorskip("duckdb")

ALL = Limits(2**40, 2**40, 10**6)
DAY = dt.datetime(2024, 1, 1)


def rendered(obj: Any, limits: Limits = ALL) -> Rendered:
    made = renderer_for(obj)(obj, {}, limits)
    made = made.render() if isinstance(made, Deferred) else made
    assert isinstance(made, Rendered)
    return made


def stored(obj: Any, limits: Limits = ALL) -> bytes:
    file = rendered(obj, limits).files[0]
    return bytes(finish(file.encoding, memoryview(file.data)).data)


POLARS = {
    "numbers": pl.DataFrame({"i": [1, None], "f": [1.5, float("nan")], "b": [True, None]}),
    "small numbers": pl.DataFrame({"u": pl.Series([1, 2], dtype=pl.UInt8), "f": pl.Series([1, 2], dtype=pl.Float32)}),
    "text and bytes": pl.DataFrame({"s": ["größe", None], "b": [b"\xff", None]}),
    "categories": pl.DataFrame({"c": pl.Series(["a", "b", "a"], dtype=pl.Categorical)}),
    "an enumeration": pl.DataFrame({"e": pl.Series(["a", "b"], dtype=pl.Enum(["b", "a", "unused"]))}),
    "dates": pl.DataFrame({"d": [dt.date(2024, 1, 1), None], "t": [dt.time(1, 2), None], "u": [dt.timedelta(1), None]}),
    "times": pl.DataFrame({u: pl.Series([DAY, None], dtype=pl.Datetime(u)) for u in ("ms", "us", "ns")}),
    "times with a zone": pl.DataFrame({"t": pl.Series([DAY]).dt.replace_time_zone("Europe/Berlin")}),
    "decimals": pl.DataFrame({"d": [decimal.Decimal("1.50"), None]}),
    "lists and records": pl.DataFrame({"l": [[1, 2], None], "r": [{"a": 1, "b": "x"}, None]}),
    "lists of one length": pl.DataFrame({"a": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2))}),
    "nothing but gaps": pl.DataFrame({"n": [None, None]}),
    "no rows": pl.DataFrame({"a": pl.Series([], dtype=pl.Int64), "s": pl.Series([], dtype=pl.String)}),
    "no columns": pl.DataFrame(),
    "a series": pl.Series("s", [1, None, 3]),
    "a series without a name": pl.Series([1.5]),
}
ARROW = {
    "numbers": pa.table({"a": [1, None], "f": [1.5, None]}),
    "several chunks": pa.concat_tables([pa.table({"a": [1]}), pa.table({"a": [2]})]),
    "its own metadata": pa.table({"a": [1]}).replace_schema_metadata({"unit": "m"}),
    "from pandas": pa.Table.from_pandas(pd.DataFrame({"a": [1]}, index=["x"])),
    "a record batch": pa.RecordBatch.from_pydict({"a": [1, 2]}),
    "an empty record batch": pa.RecordBatch.from_pydict({"a": pa.array([], pa.int8())}),
    "no rows": pa.table({"a": pa.array([], pa.int16())}),
    "times in seconds": pa.table({"t": pa.array([DAY, None], pa.timestamp("s"))}),
    "lists of times": pa.table({"t": pa.array([[DAY], None], pa.list_(pa.timestamp("s")))}),
    "long dates": pa.table({"t": pa.array([dt.date(2024, 1, 1)], pa.date64())}),
    "short times": pa.table({"t": pa.array([dt.time(1)], pa.time32("s"))}),
    "a dictionary of numbers": pa.table({"d": pa.array([5, 7, 5]).dictionary_encode()}),
    "small indices": pa.table({"d": pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["a", "b"])}),
    "a map": pa.table({"m": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64()))}),
    "large text": pa.table({"s": pa.array(["a", None], pa.large_string())}),
}
NO_PARQUET = {
    "a union": pa.table(
        {"u": pa.UnionArray.from_dense(pa.array([0], pa.int8()), pa.array([0], pa.int32()), [pa.array([1])])}
    ),
    "calendar intervals": pa.table({"i": pa.array([pa.MonthDayNano([1, 2, 3])])}),
    "records without fields": pa.table({"r": pa.array([{}], pa.struct([]))}),
    "gaps between lists of one length": pa.table({"l": pa.array([[1, 2], None], pa.list_(pa.int64(), 2))}),
}


@pytest.mark.parametrize("obj", POLARS.values(), ids=POLARS)
def test_a_polars_table_comes_back_equal(obj: Any) -> None:
    back = read(stored(obj))
    assert type(back) is type(obj)
    assert back.dtype == obj.dtype if isinstance(obj, pl.Series) else back.schema == obj.schema
    assert back.equals(obj)
    assert rendered(obj).note is None


@pytest.mark.parametrize("obj", ARROW.values(), ids=ARROW)
def test_an_arrow_table_comes_back_equal(obj: Any) -> None:
    back = read(stored(obj))
    assert type(back) is type(obj)
    assert back.schema.equals(obj.schema, check_metadata=True)
    assert back.equals(obj)
    assert rendered(obj).note is None


@pytest.mark.parametrize("obj", NO_PARQUET.values(), ids=NO_PARQUET)
def test_what_parquet_cannot_hold_is_an_arrow_file_with_a_note(obj: Any) -> None:
    made = rendered(obj)
    assert made.files[0].suffix == ".arrow"
    assert "Parquet has no place" in (made.note or "")
    assert read(stored(obj)).equals(obj)
    assert pa.ipc.open_file(io.BytesIO(stored(obj))).read_all().num_rows == obj.num_rows


def test_arrow_columns_of_one_name_are_told_apart_with_a_note() -> None:
    made = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert read(stored(made)).column_names == ["0_a", "1_a"]
    assert rendered(made).note == "columns of one name are numbered"


def test_objects_in_polars_are_text_with_a_note() -> None:
    frame = pl.DataFrame({"n": [1, 2], "o": pl.Series([{1}, None], dtype=pl.Object)})
    assert read(stored(frame))["o"].to_list() == ["{1}", None]
    assert rendered(frame).note == "stored as text: o"


def test_a_lazy_frame_is_not_collected() -> None:
    from mlart_jupyter.renderers import shown_renderer

    assert shown_renderer(pl.LazyFrame({"a": [1]}), {"text/plain": "naive plan"}) is None


def test_a_polars_table_without_polars_is_an_arrow_table(monkeypatch: pytest.MonkeyPatch) -> None:
    data = stored(pl.DataFrame({"a": [1]}))
    monkeypatch.setitem(sys.modules, "polars", None)
    assert read(data).to_pylist() == [{"a": 1}]


WRITES = {
    "a cell": lambda frame: frame.__setitem__((0, "a"), 99),
    "rows": lambda frame: frame.extend(pl.DataFrame({"a": [7]})),
    "a column": lambda frame: frame.insert_column(0, pl.Series("b", [1, 2, 3])),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_later_write_to_a_polars_frame_does_not_reach_the_artifact(write: Any) -> None:
    frame = pl.DataFrame({"a": [1, 2, 3]})
    made = renderer_for(frame)(frame, {}, Limits(0))
    write(frame)
    assert isinstance(made, Deferred)
    file = made.render().files[0]
    assert read(bytes(finish(file.encoding, file.data[:]).data)).to_dict(as_series=False) == {"a": [1, 2, 3]}


def test_a_later_write_to_a_polars_series_does_not_reach_the_artifact() -> None:
    series = pl.Series("s", [1, 2, 3])
    made = renderer_for(series)(series, {}, Limits(0))
    series[0] = 99
    assert isinstance(made, Deferred)
    file = made.render().files[0]
    assert read(bytes(finish(file.encoding, file.data[:]).data)).to_list() == [1, 2, 3]


LONG = {
    "pandas": pd.DataFrame({"a": range(3000), "s": ["x"] * 3000}),
    "a series": pd.Series(range(3000), name="a"),
    "polars": pl.DataFrame({"a": range(3000), "s": ["x"] * 3000}),
    "arrow": pa.table({"a": range(3000), "s": ["x"] * 3000}),
}


@pytest.mark.parametrize("obj", LONG.values(), ids=LONG)
def test_over_the_budget_head_schema_and_statistics_are_kept(obj: Any) -> None:
    made = rendered(obj, Limits(0, 0))
    assert len(read(stored(obj, Limits(0, 0)))) == HEAD_ROWS
    assert made.note == "over the size budget: only the first 1,000 of 3,000 rows are kept"
    words = json.loads(bytes(made.files[1].data))
    assert made.files[1].suffix == ".stats.json"
    assert (words["rows"], words["sample"]["rows"]) == (3000, 3000)
    assert words["statistics"]["a"]["mean"] == 1499.5
    assert set(words["schema"]) == set(words["statistics"])


def test_statistics_come_from_a_bounded_sample() -> None:
    made = rendered(pd.DataFrame({"a": np.arange(500_000.0)}), Limits(0, 0))
    words = json.loads(bytes(made.files[1].data))
    assert words["rows"] == 500_000
    assert words["sample"]["rows"] == 10_000
    assert words["statistics"]["a"]["max"] == 499_999


class Unhashable:
    def __hash__(self) -> int:
        raise RuntimeError


def test_statistics_are_valid_json_and_leave_out_what_cannot_be_described() -> None:
    frame = pd.DataFrame({"o": [Unhashable() for _ in range(2000)], "n": [float("nan")] * 2000})
    made = rendered(frame, Limits(0, 0))
    words = json.loads(bytes(made.files[1].data), parse_constant=pytest.fail)
    assert words["statistics"]["o"] == {}
    assert words["statistics"]["n"]["missing"] == 2000


# -- places ---------------------------------------------------------------------------------------


def places(**more: Any) -> Any:
    return geopandas.GeoDataFrame({"name": ["a", "b"], **more}, geometry=[shapely.Point(1, 2), None], crs="EPSG:4326")


def test_a_geodataframe_comes_back_equal() -> None:
    from geopandas.testing import assert_geodataframe_equal

    frame = places(n=[1, 2]).set_index("n")
    assert_geodataframe_equal(read(stored(frame)), frame)
    assert rendered(frame).note is None


def test_a_geodataframe_is_geoparquet() -> None:
    back = geopandas.read_parquet(io.BytesIO(stored(places())))
    assert back.crs == "EPSG:4326"


@pytest.mark.parametrize("name", [None, "where"])
def test_a_geoseries_comes_back_equal(name: str | None) -> None:
    from geopandas.testing import assert_geoseries_equal

    series = places().geometry.rename(name)
    back = read(stored(series))
    assert_geoseries_equal(back, series)
    assert back.name == name


def test_a_geodataframe_that_geoparquet_refuses_is_wkb_with_a_note() -> None:
    frame = places(**{"1": [1, 2]}).rename(columns={"1": 1})
    assert "WKB" in (rendered(frame).note or "")
    assert shapely.from_wkb(read(stored(frame))["geometry"].iloc[0]) == shapely.Point(1, 2)


def test_a_later_write_to_a_geodataframe_does_not_reach_the_artifact() -> None:
    frame = places()
    made = renderer_for(frame)(frame, {}, Limits(0))
    frame.loc[0, "name"] = "later"
    assert isinstance(made, Deferred)
    assert list(read(bytes(made.render().files[0].data))["name"]) == ["a", "b"]


# -- other tools ----------------------------------------------------------------------------------

PANDAS = {
    "numbers and text": pd.DataFrame({"a": [1, 2], "s": ["x", None]}),
    "complex": pd.DataFrame({"c": [1 + 2j, 3j]}),
    "sparse": pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}),
    "levels": pd.DataFrame({("a", 1): [1], ("a", 2): [2]}),
    "periods": pd.DataFrame({"p": pd.period_range("2024", periods=2, freq="M")}),
    "intervals": pd.DataFrame({"i": pd.interval_range(0, 2)}),
    "zones": pd.DataFrame({"t": pd.date_range("2024", periods=2, tz="Europe/Berlin")}),
    "categories": pd.DataFrame({"c": pd.Categorical(["a", "b"])}),
    "nested": pd.DataFrame({"l": [[1, 2], [3]], "d": [{"a": 1}, {"a": 2}]}),
    "mixed": pd.DataFrame({"m": [1, "x"]}),
    "duplicates": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "many columns": pd.DataFrame(np.zeros((2, 10_000))),
}
EVERYTHING = {f"pandas: {name}": obj for name, obj in PANDAS.items()}
EVERYTHING |= {f"polars: {name}": obj for name, obj in POLARS.items() if name != "no columns"}
EVERYTHING |= {f"arrow: {name}": obj for name, obj in ARROW.items()}
EVERYTHING |= {"geopandas": places()}
each = pytest.mark.parametrize("obj", EVERYTHING.values(), ids=EVERYTHING)


@each
def test_pandas_opens_it(obj: Any) -> None:
    assert len(pd.read_parquet(io.BytesIO(stored(obj)))) == len(obj)


@each
def test_polars_opens_it(obj: Any) -> None:
    assert len(pl.read_parquet(io.BytesIO(stored(obj)))) == len(obj)


@each
def test_duckdb_opens_it(obj: Any, tmp_path: Any) -> None:
    file = tmp_path / "frame.parquet"
    file.write_bytes(stored(obj))
    assert duckdb.sql(f"select count(*) from '{file}'").fetchall() == [(len(obj),)]
