"""What travels in the spool: the header and the payload of one item.

The recorder and the snapshots pack, the uploads unpack; the spool itself sees bytes only.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mlart_jupyter.models import Entry, File, Payload, RunRef


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of a parcel: its catalogue entry and its payload as it is spooled.

    Attributes
    ----------
    replaces
        The file takes the place of what its path holds (a notebook's newest state) instead of
        standing beside it under another name.
    """

    entry: Entry
    length: int
    encoding: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that a delivery needs, without any look-up.

    Attributes
    ----------
    host, python
        Where the parcel was packed: some stores exist on that host only, and that interpreter has the
        packages that the delivery needs.
    source
        The source of the cell.
    """

    run: RunRef
    host: str
    python: str
    source: str
    files: tuple[Packed, ...]

    def parts(self, payload: memoryview) -> Iterator[tuple[Packed, memoryview]]:
        """Each file with its part of the item's payload."""
        start = 0
        for file in self.files:
            yield file, payload[start : start + file.length]
            start += file.length


def pack(
    run: RunRef, entries: Sequence[Entry], files: Sequence[File], *, source: str = "", replaces: bool = False
) -> tuple[bytes, list[Payload]]:
    """Lay out a header and the payloads behind it."""
    rows = [
        {"length": len(file.data), "encoding": file.encoding, "replaces": replaces, "entry": entry.to_json()}
        for file, entry in zip(files, entries, strict=True)
    ]
    header = {
        "run": run.to_json(),
        "host": socket.gethostname(),
        "python": sys.executable,
        "pid": os.getpid(),
        "source": source,
        "files": rows,
    }
    return json.dumps(header).encode(), [file.data for file in files]


def unpack(header: bytes) -> Parcel:
    """Read a header.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError
        It is none.
    """
    values = json.loads(header)
    return Parcel(
        RunRef(**values["run"]),
        values["host"],
        values["python"],
        values["source"],
        tuple(_file(row) for row in values["files"]),
    )


def _file(row: dict[str, Any]) -> Packed:
    return Packed(Entry.from_json(row["entry"]), row["length"], row["encoding"], row.get("replaces", False))


Part = list[tuple[Packed, bytes | memoryview]]
"""Files with their bytes."""


class Check(Protocol):
    """The last look at what leaves the machine."""

    def files(self, parcel: Parcel, file: Packed, data: bytes | memoryview) -> Part:
        """The file as it may leave, and what is made of it."""

    def source(self, text: str) -> str:
        """A cell's source as it may leave."""


class Unchecked:
    """Lets all through as it is."""

    def files(self, parcel: Parcel, file: Packed, data: bytes | memoryview) -> Part:
        """The file alone."""
        return [(file, data)]

    def source(self, text: str) -> str:
        """The text itself."""
        return text
