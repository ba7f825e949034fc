"""What travels in the spool: the header and the payload of one item.

The recorder and the snapshots pack, the uploads unpack; the spool itself sees bytes only. No credential
is ever in it, only the names of the variables that hold them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mlart_jupyter.errors import TornItem
from mlart_jupyter.models import Entry, File, Payload, RunRef
from mlart_jupyter.renderers.base import joined

CREDENTIALS = (
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "DATABRICKS_TOKEN",
    "DATABRICKS_CLIENT_SECRET",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_CLIENT_SECRET",
)
"""Environment variables with which MLflow's stores are reached."""
RUN_FIRST = '{"run": '


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of a parcel: its catalogue entry and its payload as it is spooled.

    Attributes
    ----------
    replaces
        The file takes the place of what its path holds (a notebook's newest state) instead of
        standing beside it under another name.
    sha256
        Digest of the payload, where the cell has taken it to know what it kept before; else ``""``, and the
        checksum of the whole item stands for it.
    """

    entry: Entry
    length: int
    encoding: str
    replaces: bool
    sha256: str = ""

    def noted(self, note: str | None) -> Packed:
        """The same with one note more in its entry."""
        if note is None:
            return self
        entry = dataclasses.replace(self.entry, note=joined([note, self.entry.note]))
        return dataclasses.replace(self, entry=entry)


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
    needs
        Names of the credentials' variables that were set where it was packed.
    """

    run: RunRef
    host: str
    python: str
    source: str
    files: tuple[Packed, ...]
    needs: tuple[str, ...] = ()

    def parts(self, payload: memoryview) -> Iterator[tuple[Packed, memoryview]]:
        """Each file with its part of the item's payload.

        Raises
        ------
        TornItem
            A part is not what was packed.
        """
        start = 0
        for file in self.files:
            part = payload[start : start + file.length]
            if file.sha256 and hashlib.sha256(part).hexdigest() != file.sha256:
                raise TornItem(f"The bytes of {file.entry.path} are not those that were packed", "Run its cell again")
            yield file, part
            start += file.length


def pack(
    run: RunRef, entries: Sequence[Entry], files: Sequence[File], *, source: str = "", replaces: bool = False
) -> tuple[bytes, list[Payload]]:
    """Lay out a header and the payloads behind it."""
    rows = [
        {"length": len(file.data), "encoding": file.encoding, "replaces": replaces, "entry": entry.to_json()}
        | ({"sha256": file.sha256} if file.is_digested else {})
        for file, entry in zip(files, entries, strict=True)
    ]
    header = {
        "run": run.to_json(),
        "host": socket.gethostname(),
        "python": sys.executable,
        "pid": os.getpid(),
        "source": source,
        "needs": [name for name in CREDENTIALS if name in os.environ],
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
        tuple(values.get("needs", ())),
    )


def run_of(header: bytes) -> RunRef:
    """Read the run alone, which stands first in a header: the rest is not looked at.

    Raises
    ------
    ValueError, TypeError, KeyError
        It is none.
    """
    text = header.decode()
    if not text.startswith(RUN_FIRST):  # another version has written it
        return RunRef(**json.loads(text)["run"])
    return RunRef(**json.JSONDecoder().raw_decode(text, len(RUN_FIRST))[0])


def _file(row: dict[str, Any]) -> Packed:
    return Packed(
        Entry.from_json(row["entry"]), row["length"], row["encoding"], row.get("replaces", False), row.get("sha256", "")
    )


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
