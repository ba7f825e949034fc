"""What a small plain frame is spooled as becomes the very table that pyarrow makes."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlart_jupyter.models import HASHED_IN_CELLS
from mlart_jupyter.renderers import blocks, parquet
from mlart_jupyter.renderers.blocks import block_bytes, plain_file, table_of_blocks
from mlart_jupyter.renderers.plain_table import is_plain

NUMBERS = np.arange(12.0).reshape(4, 3)
FRAMES = {
    "rows side by side": pd.DataFrame(NUMBERS, columns=list("abc")),
    "columns side by side": pd.DataFrame({"a": [1.0, np.nan], "b": [np.inf, 2.0]}).copy(),
    "rows of Fortran": pd.DataFrame(np.asfortranarray(NUMBERS), columns=list("abc")),
    "several blocks": pd.DataFrame({"b": [True, False], "i": [1, 2], "f": [0.5, 1.5], "b2": [False, False]}),
    "odd sizes": pd.DataFrame({"a": np.array([1, 2, 3], "uint8"), "b": np.array([1, 2, 3]), "c": np.float32(1)}),
    "a slice of rows": pd.DataFrame(NUMBERS, columns=list("abc")).iloc[1:4:2],
    "a slice of columns": pd.DataFrame(NUMBERS, columns=list("abc"))[["c", "a"]],
    "backwards": pd.DataFrame(NUMBERS, columns=list("abc")).iloc[::-1],
    "no rows": pd.DataFrame({"a": np.zeros(0), "b": np.zeros(0, "int64")}),
    "one row": pd.DataFrame({"a": [1.5], "b": [2]}),
    "not ASCII": pd.DataFrame({"année\n": [1.5]}),
    "that cannot be written to": pd.DataFrame(np.broadcast_to(1.5, (3, 2)), columns=list("ab")),
}


@pytest.mark.parametrize("name", FRAMES)
def test_blocks_give_the_table_of_pyarrow(name):
    frame, expected = FRAMES[name], pa.Table.from_pandas(FRAMES[name])
    assert is_plain(frame)
    table = table_of_blocks(memoryview(block_bytes(frame)))
    assert table.equals(expected)
    ours, theirs = (json.loads(t.schema.metadata[b"pandas"]) for t in (table, expected))
    assert ours == ({"attributes": {}} | theirs)  # pyarrow 17 and earlier do not write it


def test_a_later_write_does_not_reach_them():
    numbers = NUMBERS.copy()
    made = block_bytes(pd.DataFrame(numbers, columns=list("abc"), copy=False))
    numbers[:] = 0
    assert table_of_blocks(made)["b"].to_pylist() == [1, 4, 7, 10]


def test_a_large_frame_goes_as_arrow_which_is_read_where_it_lies():
    frame = FRAMES["rows side by side"]
    assert plain_file(frame, HASHED_IN_CELLS).encoding == blocks.ENCODING
    assert plain_file(frame, HASHED_IN_CELLS + 1).encoding == parquet.ENCODING
