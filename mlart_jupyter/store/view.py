"""A payload as a file, for clients that read what they send block by block."""

from __future__ import annotations

import io
import os
from typing import Any

from mlart_jupyter.models import Payload
from mlart_jupyter.progress import tell_watcher


class View(io.RawIOBase):
    """A payload as a file: an HTTP client reads it block by block, without a copy of the whole."""

    def __init__(self, data: Payload) -> None:
        self._data = memoryview(data)
        self._at = 0
        self._tell = tell_watcher()

    def __len__(self) -> int:
        return len(self._data)

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.RawIOBase`."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """See `io.RawIOBase`."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        self._tell(self._at)
        return len(part)
