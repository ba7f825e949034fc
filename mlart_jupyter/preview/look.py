"""Tells what a file is and hands it to the right reader."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import BinaryIO, cast

from mlart_jupyter.preview.archive import tar, zipped
from mlart_jupyter.preview.array import npy, safetensors
from mlart_jupyter.preview.chart import chart
from mlart_jupyter.preview.columnar import arrow, parquet
from mlart_jupyter.preview.delimited import delimited, records
from mlart_jupyter.preview.hexdump import hexdump
from mlart_jupyter.preview.image import image
from mlart_jupyter.preview.media import media
from mlart_jupyter.preview.model import model
from mlart_jupyter.preview.notebook import notebook
from mlart_jupyter.preview.page import page
from mlart_jupyter.preview.pickled import pickled
from mlart_jupyter.preview.previews import Preview, Unknown
from mlart_jupyter.preview.source import HEAD_BYTES, INFLATED, Source
from mlart_jupyter.preview.text import text
from mlart_jupyter.preview.tree import tree

Reader = Callable[[Source], Preview | None]
SIGNED: tuple[Reader, ...] = (image, media, parquet, arrow, npy, zipped, tar, safetensors, pickled)
"""Readers that know their files by content, in the order they are asked."""
PACKED: tuple[Reader, ...] = (tar, pickled)
"""Those that also read what is unpacked on the way; a player or a picture would get the packed bytes."""
TEXTS: tuple[Reader, ...] = (model, delimited, records, notebook, chart, tree, page, text)
"""Readers of what is a text: among these the name decides."""


def look(file: BinaryIO, size: int, name: str, at: int = 0, siblings: Mapping[str, bytes] | None = None) -> Preview:
    """Preview an open file.

    Parameters
    ----------
    file
        At its start; seekable.
    size
        Of the whole file, in bytes.
    at
        Where the page begins: 0, or the ``more`` of the page before.
    siblings
        What `preview.siblings` names, as far as the folder has it.
    """
    source = Source(file, file.read(HEAD_BYTES), size, name, max(at, 0), dict(siblings or {}))
    try:
        return _look(source)
    except Exception as error:  # a hostile or broken file must give a sentence, whatever its reader raises
        return Unknown(f"This file cannot be read as what it seems to be ({type(error).__name__}).", size)


def _look(source: Source) -> Preview:
    signed = SIGNED
    if source.head.startswith(b"\x1f\x8b"):
        source, signed = _inflated(source), PACKED
    readers = (*signed, hexdump) if source.is_binary else (*signed, *TEXTS)
    return next(preview for reader in readers if (preview := reader(source)) is not None)


def _inflated(source: Source) -> Source:
    """What a gzip file holds, as far as it may be unpacked; how much that is, only unpacking would tell."""
    file = cast("BinaryIO", gzip.GzipFile(fileobj=source.seekable()))
    if source.at > INFLATED:
        raise ValueError("so far into a compressed file nothing is read")
    head = file.read(HEAD_BYTES)
    name = source.name[: -len(source.suffix)] if source.suffix == ".gz" else source.name
    size = len(head) if len(head) < HEAD_BYTES else INFLATED
    return replace(source, file=file, head=head, name=name, size=size)
