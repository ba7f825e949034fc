"""The file that is looked at, and how much of it may be read."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import BinaryIO

HEAD_BYTES = 256 * 1024
"""What is read of a file to know what it is, and of a text or a CSV file for one page."""
INFLATED = 64 * 2**20
"""How far a compressed file is unpacked, at most."""


@dataclass(frozen=True)
class Source:
    """An open file.

    Attributes
    ----------
    head
        Its first `HEAD_BYTES`.
    size
        In bytes; of a compressed file that is being unpacked, as far as is known.
    at
        Where the wanted page begins: bytes or rows, as the reader that gave it counts.
    siblings
        Small files of the same folder that belong to it, by name.
    """

    file: BinaryIO
    head: bytes
    size: int
    name: str
    at: int = 0
    siblings: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def suffix(self) -> str:
        """The name's ending, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def is_whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) >= self.size

    @property
    def is_binary(self) -> bool:
        """Whether this is no text: it has a NUL, or is neither UTF-8 nor nearly so."""
        if self.head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return False
        start = self.head[:4096]
        return b"\0" in self.head or start.decode(errors="replace").count("\ufffd") > len(start) / 20 + 1

    def chunk(self, length: int = HEAD_BYTES) -> bytes:
        """The bytes of the wanted page, `at` being counted in bytes."""
        if self.at == 0 and length <= HEAD_BYTES:
            return self.head[:length]
        self.file.seek(self.at)
        return self.file.read(length)

    def ends(self, data: bytes, length: int = HEAD_BYTES) -> bool:
        """Whether nothing comes after this chunk; of a file that is being unpacked, a short chunk tells."""
        return self.at + len(data) >= self.size or len(data) < length

    def seekable(self) -> BinaryIO:
        """The file at its start, for a reader that jumps in it."""
        self.file.seek(0)
        return self.file


class Bounded(io.RawIOBase):
    """A stream that ends after some bytes, however much there is to unpack."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        """Read as `io.RawIOBase` does."""
        data = self._file.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def decoded(data: bytes, *, cut: bool) -> str:
    """Bytes as text; `cut`: the last character may be in two parts."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    text = data.decode("utf-8-sig", errors="replace")
    return text.rstrip("\ufffd") if cut else text
