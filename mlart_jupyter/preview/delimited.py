"""CSV, TSV and JSON Lines: tables that are read line by line, from any byte on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from mlart_jupyter.preview.columns import COLUMNS, ROWS, cell, described, padded
from mlart_jupyter.preview.previews import Preview, Table, Unknown
from mlart_jupyter.preview.source import Source, decoded

SEPARATORS = {".csv": ",", ".tsv": "\t"}
RECORDS = (".jsonl", ".ndjson")


class _Lines:
    """The whole lines of a page, and how many of its bytes were taken."""

    def __init__(self, source: Source) -> None:
        data = source.chunk()
        self._ends = source.ends(data)
        lines = data.splitlines(keepends=True) if self._ends else data.splitlines(keepends=True)[:-1]
        self.oversized = not lines and bool(data)
        self._lines = iter([data] if self.oversized else lines)
        self._left = len(lines)
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._left -= 1
            self.taken += len(line)
            yield decoded(line, cut=False)

    @property
    def at_end(self) -> bool:
        """Whether nothing is left in the file."""
        return self._left <= 0 and self._ends


def delimited(source: Source) -> Preview | None:
    """Preview delimited text: every cell is a text, as it is in the file."""
    if source.suffix not in SEPARATORS:
        return None
    lines = _Lines(source)
    rows = csv.reader(lines, delimiter=SEPARATORS[source.suffix])
    names = next(rows, None) if source.at == 0 else None
    if source.at == 0 and names is None:
        return Unknown("This table is empty.", source.size)
    if lines.oversized:
        return _one_line(source, names or [])
    body = [row[:COLUMNS] for row in islice(rows, ROWS)]
    return _page(source, lines, names, body)


def _one_line(source: Source, names: list[str]) -> Table:
    """A first line that is longer than what is read of a page: the beginnings of its names."""
    columns = tuple(described(name, "text", ()) for name in names[:COLUMNS])
    note = "The first line is longer than what is read of a page; these are the first of its columns."
    return Table(columns, (), None, truncated=True, size=source.size, note=note)


def _page(source: Source, lines: _Lines, names: list[str] | None, body: list[list[str]]) -> Table:
    width = min(len(names), COLUMNS) if names else max(map(len, body), default=0)
    rows = tuple(padded(row, width) for row in body)
    more = None if lines.at_end or not rows else source.at + lines.taken
    columns = [described(name, "text", [row[i] for row in rows]) for i, name in enumerate((names or [])[:COLUMNS])]
    total = len(rows) if more is None and source.at == 0 else None
    wide = len(names) if names else None
    return Table(tuple(columns), rows, total, more is not None, source.size, wide, more, len(rows))


def records(source: Source) -> Preview | None:
    """Preview JSON Lines: one row for each object, one column for each key of the first page."""
    if source.suffix not in RECORDS:
        return None
    lines = _Lines(source)
    if lines.oversized:
        return None
    found = [_record(line) for line in islice(filter(str.strip, lines), ROWS)]
    names = list(dict.fromkeys(name for record in found for name in record))[:COLUMNS]
    more = None if lines.at_end or not found else source.at + lines.taken
    rows = tuple(tuple(_nested(record.get(name)) for name in names) for record in found)
    columns = tuple(described(name, "json", [row[i] for row in rows]) for i, name in enumerate(names))
    total = len(rows) if more is None and source.at == 0 else None
    return Table(columns, rows, total, more is not None, source.size, None, more, len(rows))


def _record(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {"(not JSON)": line}
    return value if isinstance(value, dict) else {"value": value}


def _nested(value: Any) -> Any:
    return cell(json.dumps(value, ensure_ascii=False)) if isinstance(value, (dict, list)) else cell(value)
