"""The first sheet of an Excel workbook, where openpyxl is installed."""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from itertools import islice
from typing import Any

from mlart_jupyter.preview.columns import COLUMNS, ROWS, described, padded
from mlart_jupyter.preview.previews import Fact, Preview, Table, Unknown
from mlart_jupyter.preview.source import Source

LARGEST_PART = 64 * 2**20
"""Bytes of a sheet, or of the workbook's texts, when unpacked."""


def sheet(source: Source, archive: zipfile.ZipFile) -> Preview:
    """Preview a workbook."""
    if find_spec("openpyxl") is None:
        return Unknown("An Excel workbook can be shown when openpyxl is installed beside mlart-jupyter.", source.size)
    if max((part.file_size for part in archive.infolist()), default=0) > LARGEST_PART:
        return Unknown("This workbook is too large to look into; download it.", source.size)
    import openpyxl

    book = openpyxl.load_workbook(source.seekable(), read_only=True, data_only=True)
    try:
        first = book.worksheets[0]
        rows = list(islice(_rows(first), source.at, source.at + ROWS + 2))
        return _page(source, rows, (Fact("sheet", f"{first.title} (1 of {len(book.worksheets)})"),))
    finally:
        book.close()


def _rows(first: Any) -> Any:
    return first.iter_rows(values_only=True, max_col=min(first.max_column or COLUMNS, COLUMNS))


def _page(source: Source, rows: list[Any], facts: tuple[Fact, ...]) -> Preview:
    if not rows:
        return Unknown("The first sheet of this workbook is empty.", source.size, facts)
    is_first = source.at == 0
    body = rows[1 : ROWS + 1] if is_first else rows[:ROWS]
    more = source.at + len(body) + is_first if len(rows) > len(body) + is_first else None
    names = ["" if name is None else str(name) for name in rows[0]] if is_first else []
    width = max(map(len, rows))
    cells = tuple(padded(row, width) for row in body)
    columns = tuple(described(name, _kind(body, i), [row[i] for row in cells]) for i, name in enumerate(names))
    total = len(body) if is_first and more is None else None
    return Table(columns, cells, total, more is not None, source.size, None, more, len(body), facts)


def _kind(body: list[Any], column: int) -> str:
    found = {type(row[column]).__name__ for row in body if column < len(row) and row[column] is not None}
    return " or ".join(sorted(found)) or "empty"
