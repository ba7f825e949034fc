"""A zip file as a stream of bytes, made while it is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

CHUNK = 2**20

Part = tuple[str, AbstractContextManager[BinaryIO]]
"""A file's name in the zip, and what opens it."""


class _Outlet:
    """Takes what the zip writer writes, to be passed on."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data, self._chunks = b"".join(self._chunks), []
        return data


def zipped(parts: Iterable[Part]) -> Iterator[bytes]:
    """Zip files into a stream: stored, for pictures and Parquet are compressed already."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, opened in parts:
            with opened as source, archive.open(name, "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield outlet.take()
    yield outlet.take()
