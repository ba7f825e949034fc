"""Tells what a file is and hands it to the right reader."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import BinaryIO

from mlart_jupyter.preview.image import image
from mlart_jupyter.preview.previews import Preview, Unknown
from mlart_jupyter.preview.table import csv_table, parquet_table
from mlart_jupyter.preview.text import text

HEAD_BYTES = 256 * 1024
"""What is read of a text or a CSV file."""
LARGEST_PARQUET = 256 * 2**20
"""A larger Parquet file is not opened: its row groups may be as large."""
SEPARATORS = {".csv": ",", ".tsv": "\t"}


def look(file: BinaryIO, size: int, name: str) -> Preview:
    """Preview an open file.

    Parameters
    ----------
    file
        At its start; seekable for Parquet.
    size
        Of the whole file, in bytes.
    """
    head = file.read(HEAD_BYTES)
    try:
        return _look(file, head, size, name)
    except Exception as error:  # a hostile or broken file must give a sentence, whatever its reader raises
        return Unknown(f"This file cannot be read as what it seems to be ({type(error).__name__}).", size)


def _look(file: BinaryIO, head: bytes, size: int, name: str) -> Preview:
    suffix = PurePosixPath(name).suffix.lower()
    if picture := image(head, size):
        return picture
    if head.startswith(b"PAR1"):
        return _parquet(file, head, size)
    if b"\0" in head:
        return Unknown("This is binary data; download it to look at it.", size)
    if suffix in SEPARATORS:
        return csv_table(head, size, SEPARATORS[suffix])
    return text(head, size, suffix)


def _parquet(file: BinaryIO, head: bytes, size: int) -> Preview:
    if size > LARGEST_PARQUET:
        return Unknown("This Parquet file is too large to look into; download it.", size)
    whole = head if len(head) == size else b""
    if not whole and not file.seekable():
        whole = head + file.read()
    return parquet_table(io.BytesIO(whole) if whole else file, size)
