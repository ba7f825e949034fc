"""A remote file that is read by parts: what is asked for, and more only where it is read on and on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

BUFFER = 64 * 1024
"""Bytes that are fetched at least: a reader of headers asks for a few at a time."""
PATIENCE = 3
"""Fetches in a row before more is fetched than is asked for: a table's columns lie one behind the other too."""
LARGEST_WINDOW = 4 * 2**20
"""Bytes that are fetched at most ahead of a reader, which is all the memory that an open file takes."""


def ranged(read: Callable[[int, int], bytes], size: int) -> BinaryIO:
    """Open a remote file.

    Parameters
    ----------
    read
        Gives a part of the file: (start, length) → bytes.
    size
        Of the whole file, in bytes.
    """
    return io.BufferedReader(_Ranged(read, size), BUFFER)


class _Ranged(io.RawIOBase):
    """Fetches a window at the reader's place: as large as asked, doubled where it goes on reading without a jump."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read, self._size = read, size
        self._at = 0
        self._window, self._begin = b"", 0
        self._in_a_row = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        held = self._at - self._begin
        if not 0 <= held < len(self._window):
            self._fetch(len(buffer))
            held = 0
        part = self._window[held : held + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _fetch(self, asked: int) -> None:
        reads_on = bool(self._window) and self._at == self._begin + len(self._window)
        self._in_a_row = self._in_a_row + 1 if reads_on else 0
        ahead = min(2 * len(self._window), LARGEST_WINDOW) if self._in_a_row >= PATIENCE else 0
        length = max(asked, ahead)
        length = max(0, min(length, self._size - self._at))
        self._window, self._begin = self._read(self._at, length) if length else b"", self._at
