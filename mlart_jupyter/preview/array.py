"""Arrays and tensors: npy, npz and safetensors by their headers, with statistics of what is read."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO

from mlart_jupyter.preview.columns import COLUMNS, ROWS, cell
from mlart_jupyter.preview.previews import Column, Fact, Preview, Table, Unknown
from mlart_jupyter.preview.source import Source

if TYPE_CHECKING:
    import numpy as np

MAGIC = b"\x93NUMPY"
READ_BYTES = 8 * 2**20
"""Of an array's values."""
MOST_MEMBERS = 1_000
LARGEST_HEADER = 16 * 2**20
SAFETENSORS = (".safetensors",)
Header = tuple[tuple[int, ...], bool, Any]
"""Shape, Fortran order, dtype."""


def npy(source: Source) -> Preview | None:
    """Preview one NumPy array: its first values as a table."""
    if not source.head.startswith(MAGIC):
        return None
    file = source.seekable()
    shape, fortran, dtype = _header(file)
    facts = [Fact("shape", _shape(shape)), Fact("dtype", str(dtype)[:200]), Fact("values", f"{prod(shape):,}")]
    if fortran:
        facts.append(Fact("order", "Fortran"))
    if dtype.hasobject:
        note = "This array holds pickled objects: it is described, not loaded."
        return Unknown(note, source.size, tuple(facts))
    values = _values(file, shape, fortran, dtype)
    facts += _statistics(values, prod(shape))
    return _table(values, shape, source.size, tuple(facts))


def _header(file: BinaryIO) -> Header:
    """Read an npy header, NEP 1; NumPy parses it as a literal, with a limit on its length."""
    from numpy.lib import format as npy_format

    version = npy_format.read_magic(file)
    if version == (1, 0):
        return npy_format.read_array_header_1_0(file)
    return npy_format.read_array_header_2_0(file)


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape) or "one value"


def _values(file: BinaryIO, shape: tuple[int, ...], fortran: bool, dtype: Any) -> np.ndarray[Any, Any]:
    """The first values, as they lie in the file, up to a limit."""
    import numpy as np

    data = file.read(min(prod(shape) * dtype.itemsize, READ_BYTES) if dtype.itemsize else 0)
    values = np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize] if dtype.itemsize else b"", dtype)
    if fortran and values.size == prod(shape):
        return values.reshape(shape, order="F").reshape(-1)
    return values


def _statistics(values: np.ndarray[Any, Any], total: int) -> list[Fact]:
    import numpy as np

    if values.dtype.kind not in "iufb" or not values.size:
        return []
    numbers = values.astype("f8")
    finite = numbers[np.isfinite(numbers)]
    facts = [Fact("not finite", f"{values.size - finite.size:,}")] if finite.size < values.size else []
    if finite.size:
        words = {"least": finite.min(), "mean": finite.mean(), "greatest": finite.max(), "deviation": finite.std()}
        facts += [Fact(word, f"{number:.6g}") for word, number in words.items()]
    if values.size < total:
        facts.append(Fact("counted", f"the first {values.size:,} values"))
    return facts


def _table(values: np.ndarray[Any, Any], shape: tuple[int, ...], size: int, facts: tuple[Fact, ...]) -> Table:
    """The values in rows, as the last axis has them."""
    width = max(shape[-1], 1) if len(shape) > 1 else 1
    shown = min(width, COLUMNS)
    rows = [values[i : i + shown].tolist() for i in range(0, min(values.size, ROWS * width), width)]
    cells = tuple(tuple(cell(value) for value in row) for row in rows if len(row) == shown)
    names = [str(i) for i in range(shown)] if len(shape) > 1 else ["value"]
    columns = tuple(Column(name, str(values.dtype)[:60]) for name in names)
    total = prod(shape) // width
    return Table(columns, cells, total, len(cells) < total or shown < width, size, width, facts=facts)


def npz(source: Source, archive: zipfile.ZipFile) -> Preview:
    """Preview the arrays of an npz file by their headers."""
    rows = []
    for member in archive.infolist()[:MOST_MEMBERS]:
        with archive.open(member) as file:
            head = io.BytesIO(file.read(16 * 1024))
        rows.append((member.filename.removesuffix(".npy"), *_described(head), member.file_size))
    columns = _columns(("name", "text"), ("shape", "text"), ("dtype", "text"), ("bytes", "int64"))
    cells = tuple(tuple(cell(value) for value in row) for row in rows)
    count = len(archive.infolist())
    facts = (Fact("archive", "NumPy arrays"), Fact("arrays", f"{count:,}"))
    return Table(columns, cells, count, len(cells) < count, source.size, len(columns), facts=facts)


def _described(head: BinaryIO) -> tuple[str, str]:
    try:
        shape, _, dtype = _header(head)
    except ValueError:
        return "", "not an array"
    return _shape(shape), str(dtype)[:200]


def _columns(*pairs: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in pairs)


def safetensors(source: Source) -> Preview | None:
    """Preview a safetensors file: an eight-byte length, then JSON that tells of each tensor."""
    if source.suffix not in SAFETENSORS or len(source.head) < 8:
        return None
    (length,) = struct.unpack("<Q", source.head[:8])
    if length > min(LARGEST_HEADER, source.size):
        return Unknown("The header of this safetensors file is torn.", source.size)
    file = source.seekable()
    file.seek(8)
    header: dict[str, Any] = json.loads(file.read(length))
    notes = header.pop("__metadata__", {})
    rows = [_tensor(name, facts) for name, facts in header.items()]
    parameters = sum(row[4] for row in rows)
    facts = [Fact("tensors", f"{len(rows):,}"), Fact("parameters", f"{parameters:,}")]
    facts += [Fact(str(key)[:60], str(value)[:200]) for key, value in list(notes.items())[:20]]
    columns = _columns(("tensor", "text"), ("dtype", "text"), ("shape", "text"), ("bytes", "int64"))
    cells = tuple(tuple(cell(value) for value in row[:4]) for row in rows[:MOST_MEMBERS])
    return Table(columns, cells, len(rows), len(cells) < len(rows), source.size, 4, facts=tuple(facts))


def _tensor(name: str, facts: dict[str, Any]) -> tuple[str, str, str, int, int]:
    shape = tuple(int(side) for side in facts["shape"])
    begin, end = facts["data_offsets"]
    return name, str(facts["dtype"]), _shape(shape), int(end) - int(begin), prod(shape)
