r"""The file of one spooled item: a header, a payload, and a name that tells whether both are whole.

    MLART1 <length of the header>\n<header><payload>

The name is ``<time in ns>-<owner>-<length>-<digest>.item``, so that items sort by age, say who made
them without being opened, and a torn one is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from mmap import mmap

from mlart_jupyter.errors import TornItem

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
    digest
        First 32 hexadecimal digits of the file's SHA-256.
    """

    made: int
    owner: str
    length: int
    digest: str

    def __str__(self) -> str:
        return f"{self.made:020d}-{self.owner}-{self.length:x}-{self.digest}{SUFFIX}"

    @classmethod
    def parse(cls, text: str) -> Name | None:
        """Read a file name; None for a file that is no item."""
        fields = text.removesuffix(SUFFIX).split("-")
        if not text.endswith(SUFFIX) or len(fields) != 4:
            return None
        try:
            return cls(int(fields[0]), fields[1], int(fields[2], 16), fields[3])
        except ValueError:
            return None


def encode(header: bytes, payload: Iterable[bytes | mmap]) -> list[bytes | mmap]:
    """Lay out an item as chunks, without copying the payload."""
    return [MAGIC + b"%d\n" % len(header), header, *payload]


def name_of(chunks: Iterable[bytes | mmap], made: int, owner: str) -> Name:
    """Name an item by what it holds."""
    digest, length = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        length += len(chunk)
    return Name(made, owner, length, digest.hexdigest()[:32])


def decode(name: Name, raw: bytes | mmap) -> tuple[bytes, memoryview]:
    """Split an item into header and payload.

    Raises
    ------
    TornItem
        The bytes are not those that the name tells.
    """
    if len(raw) != name.length or hashlib.sha256(raw).hexdigest()[:32] != name.digest:
        raise TornItem(f"Spooled item {name} is damaged", "Its cell has to be run again")
    start = raw.find(b"\n") + 1
    end = start + int(raw[len(MAGIC) : start])
    return raw[start:end], memoryview(raw)[end:]
