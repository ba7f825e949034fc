r"""The file of one spooled item: a header, a payload, and a name that tells whether both are whole.

    MLART1 <length of the header>\n<header><payload>

The name is ``<time in ns>-<owner>-<length>-<checksum>.item``, so that items sort by age, say who made
them without being opened, and a torn one is known. The checksum is CRC-32: it is paid in the cell, and
it guards against accidents, not against an enemy, who could rename the file as well. A payload's SHA-256,
where the cell has taken it anyway, stands in the header (`parcels`) and is checked at delivery.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from mmap import mmap
from typing import BinaryIO

from mlart_jupyter.errors import TornItem
from mlart_jupyter.models import Payload

MAGIC = b"MLART1 "
SUFFIX = ".item"


@dataclass(frozen=True, slots=True)
class Name:
    """What an item's file name says.

    Attributes
    ----------
    made
        Nanoseconds since the epoch, raised by one where two items would meet.
    owner
        Token of the process that made it.
    length
        Bytes of the whole file.
    checksum
        CRC-32 of the whole file, 8 hexadecimal digits.
    """

    made: int
    owner: str
    length: int
    checksum: str

    def __str__(self) -> str:
        return f"{self.made:020d}-{self.owner}-{self.length:x}-{self.checksum}{SUFFIX}"

    @classmethod
    def parse(cls, text: str) -> Name | None:
        """Read a file name; None for a file that is no item."""
        return _parsed(text)


@lru_cache(maxsize=2**14)
def _parsed(text: str) -> Name | None:
    """Remembered: a long queue is listed again and again beside a running cell."""
    fields = text.removesuffix(SUFFIX).split("-")
    if not text.endswith(SUFFIX) or len(fields) != 4:
        return None
    try:
        name = Name(int(fields[0]), fields[1], int(fields[2], 16), fields[3])
    except ValueError:
        return None
    return name if str(name) == text else None  # `int` reads other spellings too, which no rename would find


def encode(header: bytes, payload: Iterable[Payload]) -> list[Payload]:
    """Lay out an item as chunks, without copying the payload."""
    return [MAGIC + b"%d\n" % len(header), header, *payload]


def name_of(chunks: Iterable[Payload], made: int, owner: str) -> Name:
    """Name an item by what it holds."""
    checksum = length = 0
    for chunk in chunks:
        checksum = zlib.crc32(chunk, checksum)
        length += len(chunk)
    return Name(made, owner, length, f"{checksum:08x}")


def header_of(file: BinaryIO) -> bytes:
    """Read an item's header alone, unchecked.

    Raises
    ------
    TornItem
        It has none.
    """
    line = file.readline(64)
    digits = line.removeprefix(MAGIC).strip()
    if not line.startswith(MAGIC) or not digits.isdigit():
        raise TornItem("A spooled item is damaged", "Its cell has to be run again")
    return file.read(int(digits))


def decode(name: Name, raw: bytes | mmap) -> tuple[bytes, memoryview]:
    """Split an item into header and payload.

    Raises
    ------
    TornItem
        The bytes are not those that the name tells.
    """
    if len(raw) != name.length or f"{zlib.crc32(raw):08x}" != name.checksum:
        raise TornItem(f"Spooled item {name} is damaged", "Its cell has to be run again")
    start = raw.find(b"\n") + 1
    end = start + int(raw[len(MAGIC) : start])
    return raw[start:end], memoryview(raw)[end:]
