"""Finds rows among a run's artifacts: by name and kind, in an order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import PurePosixPath

from mlart_jupyter.models import ArtifactInfo

KINDS = {
    "picture": ".png .jpg .jpeg .gif .webp .svg .bmp .avif .tif .tiff",
    "table": ".parquet .csv .tsv .feather .arrow .jsonl .ndjson .xlsx",
    "text": ".txt .log .md .json .yaml .yml .toml .py .sql .r .sh .ini .xml .tex",
    "page": ".html .htm .ipynb .pdf",
    "media": ".wav .mp3 .ogg .flac .m4a .mp4 .webm .mov",
    "model": ".pkl .pickle .joblib .pt .pth .onnx .safetensors .h5 .keras .npy .npz .bin .gguf",
}
"""Kind → the endings of its files."""
BY_SUFFIX = {suffix: kind for kind, suffixes in KINDS.items() for suffix in suffixes.split()}
NAMED = {"MLmodel": "model"}
MOST = 100_000
"""Files of a run that are looked through."""


def kind_of(row: ArtifactInfo) -> str:
    """What a file is, by its name; ``other`` where that does not tell."""
    name = row.name.removesuffix(".gz")
    return NAMED.get(name) or BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), "other")


def files_of(rows: Iterable[ArtifactInfo]) -> list[ArtifactInfo]:
    """The files that are looked through."""
    return [*islice((row for row in rows if not row.is_dir), MOST)]


def found(rows: Iterable[ArtifactInfo], text: str, kind: str) -> list[ArtifactInfo]:
    """The files whose path has all the words, of a kind (``""``: any)."""
    words = text.casefold().split()
    return [row for row in files_of(rows) if _has(row.path, words) and kind in ("", kind_of(row))]


def _has(path: str, words: list[str]) -> bool:
    path = path.casefold()
    return all(word in path for word in words)


def ordered(rows: Iterable[ArtifactInfo], order: str) -> list[ArtifactInfo]:
    """Folders first, then by name, or the largest or the newest first."""
    if order == "size":
        return sorted(rows, key=lambda row: (not row.is_dir, -(row.size or 0), row.path))
    if order == "time":
        return sorted(rows, key=lambda row: (not row.is_dir, -_time(row), row.path))
    return sorted(rows, key=lambda row: (not row.is_dir, row.path))


def _time(row: ArtifactInfo) -> float:
    return (row.entry.time if row.entry else row.time) or 0.0
