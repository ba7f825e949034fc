"""A zip file as a stream of bytes, made while it is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from mlart_jupyter.models import ArtifactInfo

CHUNK = 2**20


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


def zipped(
    open_file: Callable[[str], AbstractContextManager[BinaryIO]], folder: str, files: Iterable[ArtifactInfo]
) -> Iterator[bytes]:
    """Zip files below a folder into a stream: stored, for pictures and Parquet are compressed already."""
    outlet = _Outlet()
    above = len(folder) + 1 if folder else 0
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for row in files:
            with open_file(row.path) as source, archive.open(row.path[above:], "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield outlet.take()
    yield outlet.take()
