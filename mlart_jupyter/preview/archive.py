"""Archives by their listing: zip (and what is a zip inside) and tar. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import UTC, datetime
from itertools import islice

from mlart_jupyter.preview.array import npz
from mlart_jupyter.preview.columns import cell
from mlart_jupyter.preview.previews import Column, Fact, Preview, Table, Unknown
from mlart_jupyter.preview.sheet import sheet
from mlart_jupyter.preview.source import INFLATED, Bounded, Source

MOST_MEMBERS = 1_000
LARGEST_DIRECTORY = 16 * 2**20
"""Bytes of a zip's central directory, which is read whole."""
TAR_MAGIC = slice(257, 262)
COLUMNS = (Column("name", "text"), Column("bytes", "int64"), Column("packed", "int64"), Column("changed", "text"))


def zipped(source: Source) -> Preview | None:
    """Preview a zip file: a workbook and NumPy's arrays as what they are, any other by its listing."""
    if not source.head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    if _directory_bytes(source) > LARGEST_DIRECTORY:
        return Unknown("This zip file holds too many files to be listed; download it.", source.size)
    with zipfile.ZipFile(source.seekable()) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            return sheet(source, archive)
        if names and source.suffix == ".npz":
            return npz(source, archive)
        return _listing(source, archive)


def _directory_bytes(source: Source) -> int:
    """The size of the central directory: APPNOTE 4.3.16, at the end before a comment of up to 64 KiB."""
    file = source.seekable()
    file.seek(max(0, source.size - 66_000))
    tail = file.read(66_000)
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0


def _listing(source: Source, archive: zipfile.ZipFile) -> Table:
    members = archive.infolist()
    rows = [
        (
            member.filename,
            member.file_size,
            member.compress_size,
            "{:04}-{:02}-{:02} {:02}:{:02}".format(*member.date_time),
        )
        for member in members[:MOST_MEMBERS]
    ]
    whole = sum(member.file_size for member in members)
    facts = (Fact("archive", "zip"), Fact("files", f"{len(members):,}"), Fact("unpacked", f"{whole:,} bytes"))
    cells = tuple(tuple(cell(value) for value in row) for row in rows)
    return Table(COLUMNS, cells, len(members), len(cells) < len(members), source.size, 4, facts=facts)


def tar(source: Source) -> Preview | None:
    """Preview a tar file, also one that is unpacked on the way, as far as may be read."""
    if source.head[TAR_MAGIC] != b"ustar":
        return None
    stream = io.BufferedReader(Bounded(source.seekable(), max(INFLATED, source.size if source.is_whole else 0)))
    rows = []
    note = None
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        try:
            for member in islice(archive, MOST_MEMBERS):
                changed = datetime.fromtimestamp(member.mtime, UTC).strftime("%Y-%m-%d %H:%M")
                name = f"{member.name}/" if member.isdir() else member.name
                rows.append((name, member.size, None, changed))
        except (tarfile.ReadError, OverflowError, ValueError, OSError):
            note = "Only the beginning of this archive could be listed."
    cells = tuple(tuple(cell(value) for value in row) for row in rows)
    facts = (Fact("archive", "tar"), Fact("files listed", f"{len(rows):,}"))
    cut = note is not None or len(rows) >= MOST_MEMBERS
    return Table(COLUMNS, cells, None if cut else len(rows), cut, source.size, 4, facts=facts, note=note)
