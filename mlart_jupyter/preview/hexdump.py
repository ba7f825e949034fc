"""Anything else: its first bytes, and what it seems to be."""

from __future__ import annotations

from mlart_jupyter.preview.previews import Fact, Preview, Text
from mlart_jupyter.preview.source import Source

PAGE_BYTES = 4096
WIDTH = 16
SEEMS = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras, PyTables, AnnData)",
    b"SQLite format 3\0": "an SQLite database",
    b"GGUF": "a GGUF language model",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ\0": "xz data",
    b"\x28\xb5\x2f\xfd": "Zstandard data",
    b"x\x01": "zlib data, as joblib writes it",
    b"x\x9c": "zlib data, as joblib writes it",
    b"x\xda": "zlib data, as joblib writes it",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program or library for Linux",
    b"MZ": "a program for Windows",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"FEA1": "a Feather file of the first version",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"\x08\0\0\0TFL3": "a TensorFlow Lite model",
    b"CDF": "a NetCDF file",
}
BY_SUFFIX = {".onnx": "an ONNX model", ".pb": "a TensorFlow graph", ".pt": "PyTorch data", ".tfrecord": "TFRecords"}


def hexdump(source: Source) -> Preview:
    """Preview bytes, a page at a time."""
    source.file.seek(source.at)
    data = source.file.read(PAGE_BYTES) if source.at or source.size else source.head[:PAGE_BYTES]
    end = source.at + len(data)
    lines = (_line(source.at + i, data[i : i + WIDTH]) for i in range(0, len(data), WIDTH))
    facts = (Fact("seems to be", seems(source)),)
    cut = end < source.size
    return Text("\n".join(lines), cut, source.size, "hex", more=end if cut and data else None, facts=facts)


def seems(source: Source) -> str:
    """What a file is by its first bytes, else by its name, in words."""
    head = source.head
    found = next((words for mark, words in SEEMS.items() if head.startswith(mark)), None)
    if found is None and head[4:8] == b"TFL3":
        found = "a TensorFlow Lite model"
    if not head:
        return "empty"
    return found or BY_SUFFIX.get(source.suffix) or "binary data"


def _line(offset: int, row: bytes) -> str:
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
    return f"{offset:08x}  {row.hex(' '):<{3 * WIDTH - 1}}  {shown}"
