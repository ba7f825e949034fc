"""The values that cross module borders: runs, cells, files, catalogue entries.

Standard library only: every other module may import this one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from dataclasses import dataclass, field
from functools import cache, cached_property
from mmap import mmap
from typing import Any

FILE_KIND = "file"
NOTEBOOK_ENCODING = "notebook "
"""Starts the encoding of a notebook, which is finished by `outgoing`: its rules follow as JSON."""
HASHED_IN_CELLS = 2 * 2**20

Payload = bytes | mmap | memoryview
"""Bytes of a file, in memory or mapped from disk."""


@cache
def names_of(kind: type[Any]) -> tuple[str, ...]:
    """The names of a dataclass's fields, in their order."""
    return tuple(field.name for field in dataclasses.fields(kind))


@dataclass(frozen=True, slots=True)
class RunRef:
    """A run and all that a delivery to it needs.

    Attributes
    ----------
    tracking_uri
        Absolute, so that it stays true after ``%cd``; without user name and password.
    artifact_uri
        Where the run keeps its artifacts; None when only the run's id was known at capture, then
        the delivery asks the tracking store.
    """

    run_id: str
    tracking_uri: str
    artifact_uri: str | None = None
    experiment_id: str | None = None
    name: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """The reference as JSON holds it; `RunRef` takes it back."""
        return {name: getattr(self, name) for name in names_of(RunRef)}


@dataclass(frozen=True)
class Cell:
    """The cell that showed something; all None where there is no notebook."""

    source: str = ""
    cell_id: str | None = None
    execution_count: int | None = None
    notebook: str | None = None

    @cached_property
    def source_hash(self) -> str:
        """SHA-256 of the source, 64 hexadecimal digits."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def identity(self) -> str:
        """What stays the same when the cell is run again (nbclient gives no cell id)."""
        return self.cell_id or self.source_hash[:16]


@dataclass(frozen=True)
class File:
    """One file that a renderer made, before it has a name.

    Attributes
    ----------
    data
        The payload as it is spooled.
    encoding
        ``"raw"``: the payload is the file. Otherwise a name that `renderers.finish` turns into the
        file's bytes when it is delivered, off the cell's time.
    alike
        Digest of what counts where the bytes hold more than that (ids drawn by lot, the time of
        writing); ``""`` when all of them count.
    """

    suffix: str
    media_type: str
    data: Payload
    encoding: str = "raw"
    alike: str = ""

    @property
    def identity(self) -> str:
        """Equal for two files that show the same."""
        return self.alike or self.fingerprint

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the payload, 64 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def is_digested(self) -> bool:
        """Whether its SHA-256 is taken: a raw file's is wanted anyway, and that of many bytes off the cell."""
        return self.encoding == "raw" or len(self.data) > HASHED_IN_CELLS

    @cached_property
    def fingerprint(self) -> str:
        """Tells contents apart within this process.

        SipHash (PEP 456, 64 bits) takes 40 % of the time of SHA-256, which the cell of a frame would pay; but it
        holds the interpreter, so it is for what is written in cells.
        """
        if self.is_digested:
            return self.sha256
        return f"{hash(bytes(self.data)):x}-{len(self.data)}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one shown object becomes: files that share a folder, a slug and a version.

    Attributes
    ----------
    title
        The object's own name for itself (a figure's title), or ``""``.
    shape
        Rows and columns, or width and height in pixels.
    dtypes
        Column name → dtype, for tables.
    note
        What a reader should know, such as a part that could not be kept exactly.
    """

    kind: str
    folder: str
    files: tuple[File, ...]
    title: str = ""
    shape: tuple[int, ...] | None = None
    dtypes: dict[str, str] | None = None
    note: str | None = None

    @property
    def size(self) -> int:
        """Bytes of all files, as they are spooled."""
        return sum(len(file.data) for file in self.files)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue: an artifact and where it came from.

    ``sha256`` and ``size`` (bytes) are those of the file as it is stored.
    """

    item: str
    path: str
    kind: str
    media_type: str
    key: str
    version: int
    session: str
    run_id: str
    time: float
    cell_id: str | None = None
    execution_count: int | None = None
    source_hash: str | None = None
    notebook: str | None = None
    shape: tuple[int, ...] | None = None
    dtypes: dict[str, str] | None = None
    note: str | None = None
    sha256: str = ""
    size: int = 0
    extension: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON holds it (`dataclasses.asdict` copies deeply, which a cell would pay)."""
        return {name: getattr(self, name) for name in names_of(Entry)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Entry:
        """Read an entry, also one that a newer version wrote with more fields."""
        kept = {name: values[name] for name in names_of(Entry) if name in values}
        if kept.get("shape") is not None:
            kept["shape"] = tuple(kept["shape"])
        for name in _REPEATED:
            if type(text := kept.get(name)) is str:
                kept[name] = sys.intern(text)
        return cls(**kept)


_REPEATED = ("kind", "media_type", "session", "run_id", "cell_id", "source_hash", "notebook", "note", "extension")
"""What many entries of a run have in common, and need to hold once only."""


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """One row of a listing.

    Attributes
    ----------
    size
        Bytes; None for a folder or where the store does not tell.
    entry
        The catalogue's entry, for what this extension has logged.
    time
        When it was written, seconds since the epoch; None where the store does not tell.
    """

    path: str
    is_dir: bool
    size: int | None = None
    entry: Entry | None = None
    time: float | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Census:
    """How many items are where, for the status."""

    waiting: int = 0
    in_flight: int = 0
    kept: int = 0
    dead: int = 0
    size: int = 0
    oldest: float | None = None
    last_error: str | None = None

    @property
    def unfinished(self) -> int:
        """Items that are not in their run yet."""
        return self.waiting + self.in_flight


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one shown object.

    Attributes
    ----------
    reason
        Why it was not kept, or what else a user should know of how it was.
    size
        Bytes of its files, as they are spooled; 0 for a snapshot that is not written yet.
    mark
        What the cell's output carries as ``metadata.mlart``.
    what
        Names the object where it has no path.
    """

    kept: bool
    reason: str = ""
    paths: tuple[str, ...] = ()
    size: int = 0
    mark: dict[str, Any] = field(default_factory=dict)
    what: str = ""
