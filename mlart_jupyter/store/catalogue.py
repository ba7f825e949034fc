"""The catalogue of a run: immutable segments of JSON Lines under ``mlart/<session>/``.

Each segment is written once, by one session, and named by the items that it tells of: a repeated
delivery writes the same file again, and no two writers ever share one. A line is an `Entry`, or the
source of a cell under its hash. Entries of an item that stands in two segments count once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mlart_jupyter.models import ArtifactInfo, Entry
from mlart_jupyter.paths import CATALOGUE, join


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a run's segments tell: entries by path, sources by hash, and which were read."""

    entries: dict[str, Entry] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)


def segment(entries: Iterable[Entry], sources: Mapping[str, str]) -> tuple[str, bytes]:
    """Lay out a segment: its path in the run and its bytes."""
    rows = list(entries)
    digest = hashlib.sha256("".join(f"{e.item}{e.path}" for e in rows).encode()).hexdigest()[:12]
    lines = [json.dumps({"cell": key, "source": text}) for key, text in sources.items()]
    lines += [json.dumps(entry.to_json()) for entry in rows]
    name = f"{rows[0].time:017.6f}-{digest}.jsonl"
    return join(CATALOGUE, rows[0].session, name), ("\n".join(lines) + "\n").encode()


class Readable(Protocol):
    """What the catalogue is read from: a `Store`, or less."""

    def list(self, path: str = "") -> Sequence[ArtifactInfo]:
        """List a folder."""

    def read(self, path: str) -> bytes:
        """Read a file whole."""


def read_catalogue(store: Readable, known: Catalogue | None = None) -> Catalogue:
    """Read all segments of a run, oldest first, so that a path's newest entry stands.

    A line that cannot be read is passed over: the artifacts are there without it.

    Parameters
    ----------
    known
        What was read before, to be added to: its segments are not read again.
    """
    found = known or Catalogue()
    for session in store.list(CATALOGUE):
        for row in store.list(session.path) if session.is_dir else ():
            if row.path not in found.segments:
                _read_segment(store.read(row.path), found)
                found.segments.add(row.path)
    return found


def _read_segment(data: bytes, into: Catalogue) -> None:
    for line in data.splitlines():
        try:
            values = json.loads(line)
            if "cell" in values:
                into.sources[values["cell"]] = values["source"]
            else:
                entry = Entry.from_json(values)
                into.entries[entry.path] = entry
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
