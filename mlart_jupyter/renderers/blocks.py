"""A small plain frame on its way: its blocks as they lie in memory, behind JSON that tells how.

    <length of the JSON, 8 hexadecimal digits><JSON><the bytes of each block>

A block is what pandas keeps in one array: columns of one dtype. To copy it takes a quarter of the time of
turning its columns into Arrow, which is left to the delivery.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import HASHED_IN_CELLS, File
from mlart_jupyter.renderers.parquet import PARQUET, parquet_file
from mlart_jupyter.renderers.plain_table import Plain, plain_of, plain_table, table_of

if TYPE_CHECKING:
    import pyarrow as pa

ENCODING = "blocks"
LENGTH = 8


def plain_file(frame: Any, size: int) -> File:
    """Lay out a frame that `is_plain`; one of many bytes as Arrow, which a delivery reads where it lies."""
    if size > HASHED_IN_CELLS:
        return parquet_file(plain_table(frame))
    return File(".parquet", PARQUET, block_bytes(frame), ENCODING)


def block_bytes(frame: Any) -> bytes:
    """Copy a frame that `is_plain`, once."""
    blocks = [(block.values, block.mgr_locs.as_array.tolist()) for block in frame._mgr.blocks]  # noqa: SLF001
    told = [(values.dtype.str, places, _is_by_row(values)) for values, places in blocks]
    words = json.dumps({"plain": plain_of(frame), "blocks": told}).encode()
    return b"".join([b"%08x" % len(words), words, *(_bytes(values) for values, _ in blocks)])


def _is_by_row(values: Any) -> bool:
    """Whether the numbers of a row lie side by side: pandas turns a two-dimensional array, and does not copy it."""
    return not values.flags.c_contiguous and bool(values.flags.f_contiguous)


def _bytes(values: Any) -> Any:
    if _is_by_row(values):
        return values.T.data
    return values.data if values.flags.c_contiguous else values.tobytes()


def table_of_blocks(payload: bytes | memoryview) -> pa.Table:
    """The table that `plain_table` would have made."""
    import numpy as np

    start = LENGTH + int(bytes(payload[:LENGTH]), 16)
    words = json.loads(bytes(payload[LENGTH:start]))
    plain = Plain(*words["plain"])
    columns: dict[int, Any] = {}
    for dtype, places, by_row in words["blocks"]:
        shape = (plain.length, len(places)) if by_row else (len(places), plain.length)
        block = np.frombuffer(payload, dtype, shape[0] * shape[1], start).reshape(shape)
        columns |= zip(places, map(np.array, block.T if by_row else block), strict=True)
        start += block.nbytes
    return table_of(plain, [columns[place] for place in range(len(columns))])
