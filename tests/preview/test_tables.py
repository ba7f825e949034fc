"""CSV, JSON Lines, Parquet, Arrow and Excel: pages, types and what columns tell."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlart_jupyter.preview import look
from mlart_jupyter.store.ranged import ranged

FRAME = pd.DataFrame(
    {"n": range(1000), "word": [f"w{i % 3}" for i in range(1000)], "half": [i / 2 for i in range(1000)]}
)


def as_csv(frame=FRAME, **how):
    return frame.to_csv(index=False, **how).encode()


def as_parquet(frame=FRAME, **how):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, **how)
    return sink.getvalue()


def as_arrow(frame=FRAME):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=150)
    return sink.getvalue()


def as_lines(frame=FRAME):
    return "".join(json.dumps(row) + "\n" for row in frame.to_dict("records")).encode()


FORMS = {
    "t.csv": as_csv(),
    "t.tsv": as_csv(sep="\t"),
    "t.csv.gz": gzip.compress(as_csv()),
    "t.jsonl": as_lines(),
    "t.jsonl.gz": gzip.compress(as_lines()),
    "t.parquet": as_parquet(row_group_size=130),
    "t.feather": as_arrow(),
    "t.arrow": as_arrow(),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_pages_together_are_the_table(see, name):
    page = see(FORMS[name], name)
    assert page.kind == "table"
    assert [column.name for column in page.columns] == ["n", "word", "half"]
    rows, pages = list(page.rows), 1
    while page.more is not None:
        page = see(FORMS[name], name, page.more)
        assert page.columns == () or name.startswith("t.jsonl")
        rows, pages = rows + list(page.rows), pages + 1
    assert [(int(row[0]), row[1], float(row[2])) for row in rows] == list(FRAME.itertuples(index=False, name=None))
    assert pages >= 5


@pytest.mark.parametrize("name", FORMS)
def test_columns_tell_their_spread_and_variety(see, facts, name):
    numbers, words, _ = see(FORMS[name], name).columns
    assert facts(numbers)["least"] == "0"
    assert facts(words)["distinct"] == "3"
    assert len(numbers.bars) == 12
    assert words.bars == ()


def test_parquet_tells_all_rows_its_types_and_its_row_groups(see, facts):
    page = see(FORMS["t.parquet"], "t.parquet")
    assert (page.total_rows, page.counted) == (1000, 1000)
    assert page.columns[0].type == "int64"
    assert facts(page)["row groups"] == "8"


def test_missing_values_are_counted(see, facts):
    page = see(b"a,b\n1,\n,x\n3,y\n", "t.csv")
    assert [facts(column)["missing"] for column in page.columns] == ["1", "1"]
    assert (page.total_rows, page.truncated) == (3, False)


def test_a_cell_of_a_csv_may_hold_line_breaks(see):
    assert see(b'a,b\n"x\ny",2\n', "t.csv").rows == (("x\ny", "2"),)


def test_a_wide_table_shows_its_first_columns_and_how_many_there_are(see):
    frame = pd.DataFrame([[0] * 500], columns=[f"c{i}" for i in range(500)])
    for name, data in {"w.csv": as_csv(frame), "w.parquet": as_parquet(frame)}.items():
        page = see(data, name)
        assert (len(page.columns), page.total_columns) == (200, 500)


def test_a_million_columns_are_a_bounded_page(see):
    page = see((",".join(f"column{i}" for i in range(10**6)) + "\n").encode(), "wide.csv")
    assert len(page.columns) <= 200
    assert "first line is longer" in page.note


def test_numbers_that_json_cannot_hold_become_words(see):
    frame = pd.DataFrame({"x": [float("inf"), float("nan")], "big": [2**60, 1]})
    page = see(as_parquet(frame), "t.parquet")
    assert page.rows[0] == ("inf", str(2**60))
    json.dumps(page.rows, allow_nan=False)


def test_lines_that_are_no_json_are_shown_as_they_are(see):
    page = see(b'{"a": 1}\nnot json\n[1, 2]\n', "t.jsonl")
    assert [column.name for column in page.columns] == ["a", "(not JSON)", "value"]
    assert page.rows[2] == (None, None, "[1, 2]")


@pytest.mark.parametrize("data", [b"PAR1" + b"\0" * 50, as_parquet()[:500], b"ARROW1\0\0" + b"\1" * 40])
def test_a_torn_file_is_a_sentence(see, data):
    assert see(data, "t.parquet").kind == "unknown"


def test_an_empty_table_is_told(see):
    assert see(b"", "t.csv").note == "This table is empty."


def test_the_first_sheet_of_a_workbook(see, facts):
    pytest.importorskip("openpyxl")
    book = io.BytesIO()
    with pd.ExcelWriter(book, engine="openpyxl") as writer:
        FRAME.to_excel(writer, sheet_name="first", index=False)
        FRAME.head(1).to_excel(writer, sheet_name="second")
    page = see(book.getvalue(), "b.xlsx")
    assert facts(page)["sheet"] == "first (1 of 2)"
    assert [column.name for column in page.columns] == ["n", "word", "half"]
    assert page.rows[1] == (1, "w1", 0.5)
    later = see(book.getvalue(), "b.xlsx", page.more)
    assert later.rows[0][0] == 200


def test_a_workbook_without_openpyxl_is_a_sentence(see, monkeypatch):
    import zipfile

    monkeypatch.setattr("mlart_jupyter.preview.sheet.find_spec", lambda name: None)
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert "openpyxl" in see(book.getvalue(), "b.xlsx").note


def test_a_page_of_parquet_reads_a_part_of_its_row_group():
    frame = pd.DataFrame(np.random.default_rng(0).random((200_000, 4)), columns=list("abcd"))
    data = as_parquet(frame, compression="none", use_dictionary=False, data_page_size=2**16)
    read = []

    def part(start, length):
        read.append(length)
        return data[start : start + length]

    page = look(ranged(part, len(data)), len(data), "t.parquet")
    assert page.total_rows == 200_000
    assert page.rows[0][0] == pytest.approx(frame.a[0])
    assert sum(read) < len(data) / 3


QUARTERS = pd.DataFrame({"quarter": pd.period_range("2016Q1", periods=2, freq="Q"), "bin": pd.interval_range(0, 2)})
TYPES = "pandas.period", "pandas.interval"


@pytest.fixture
def untold():
    """A process in which pandas has not told Arrow of its types."""
    kept = [pa.array(column).type for _, column in QUARTERS.items()]
    for name in TYPES:
        pa.unregister_extension_type(name)
    yield
    for kind in kept:
        pa.register_extension_type(kind)


@pytest.mark.parametrize("write", [as_parquet, as_arrow])
def test_periods_and_intervals_read_as_a_user_knows_them(see, write):
    page = see(write(QUARTERS), "t.parquet" if write is as_parquet else "t.arrow")
    assert [column.type for column in page.columns] == ["period[Q-DEC]", "interval"]
    assert list(page.rows) == [("2016Q1", "(0, 1]"), ("2016Q2", "(1, 2]")]


@pytest.mark.parametrize("write", [as_parquet, as_arrow])
def test_so_they_do_where_arrow_does_not_know_them(see, write, request):
    data = write(QUARTERS)
    request.getfixturevalue("untold")
    page = see(data, "t.parquet" if write is as_parquet else "t.arrow")
    assert list(page.rows) == [("2016Q1", "(0, 1]"), ("2016Q2", "(1, 2]")]


def test_what_only_says_that_it_is_a_period_is_shown_as_it_is(see, untold):
    metadata = {"ARROW:extension:name": "pandas.period", "ARROW:extension:metadata": "{}"}
    table = pa.table([pa.array([1])], pa.schema([pa.field("p", pa.int64(), metadata=metadata)]))
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert list(see(sink.getvalue(), "t.arrow").rows) == [(1,)]
