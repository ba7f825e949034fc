"""A zip as a stream: whole, and made in parts."""

from __future__ import annotations

import io
import zipfile

from mlart_jupyter.store import MemoryStore
from mlart_jupyter.zips import CHUNK, zipped


def test_the_stream_is_a_zip_of_its_parts():
    store = MemoryStore()
    store.put("d/a.txt", b"one")
    store.put("d/large.bin", b"x" * (3 * CHUNK))
    chunks = list(zipped([("a.txt", store.open("d/a.txt")), ("e/large.bin", store.open("d/large.bin"))]))
    assert max(map(len, chunks)) < 2 * CHUNK  # never the whole of it in memory
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.testzip() is None
    assert archive.namelist() == ["a.txt", "e/large.bin"]


def test_nothing_is_an_empty_zip():
    assert zipfile.ZipFile(io.BytesIO(b"".join(zipped([])))).namelist() == []
