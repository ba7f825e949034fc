"""The catalogue of a run: immutable segments of JSON Lines under ``mlart/<session>/``.

Each segment is written once, by one session, and named by the items that it tells of: a repeated
delivery writes the same file again, and no two writers ever share one. A line is an `Entry`, the
source of a cell under its hash, or the word that what was at a path until a time was deleted. Entries of
an item that stands in two segments count once. Small segments are bound together (see `binding`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from mlart_jupyter.models import ArtifactInfo, Entry
from mlart_jupyter.paths import CATALOGUE, join
from mlart_jupyter.store.binding import Mark, needed, told_by

UNREADABLE = (ValueError, RecursionError)
"""What is not JSON, and what nests too deep to be read."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a run's segments tell: entries by path, sources by hash, and which were read.

    Attributes
    ----------
    gone
        Path → the time of the newest entry that was deleted there: one that is newer stands.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)


def segment(entries: Iterable[Entry], sources: Mapping[str, str]) -> tuple[str, bytes]:
    """Lay out a segment: its path in the run and its bytes."""
    rows = list(entries)
    digest = hashlib.sha256("".join(f"{e.item}{e.path}" for e in rows).encode()).hexdigest()[:12]
    lines = [json.dumps({"cell": key, "source": text}) for key, text in sources.items()]
    lines += [json.dumps(entry.to_json()) for entry in rows]
    return _laid(rows[0].session, rows[0].time, digest, lines)


def gone(entries: Iterable[Entry], session: str, now: float) -> tuple[str, bytes]:
    """Lay out the segment that tells of deleted artifacts.

    It names the time of each entry, not that of the deletion: clocks of two machines may differ.
    """
    lines = [json.dumps({"gone": entry.path, "until": entry.time}) for entry in entries]
    return _laid(session, now, hashlib.sha256("".join(lines).encode()).hexdigest()[:12], lines)


def _laid(session: str, time: float, digest: str, lines: list[str]) -> tuple[str, bytes]:
    return join(CATALOGUE, session, str(Mark(f"{time:017.6f}", digest))), ("\n".join(lines) + "\n").encode()


class Readable(Protocol):
    """What the catalogue is read from: a `Store`, or less."""

    def list(self, path: str = "") -> Sequence[ArtifactInfo]:
        """List a folder."""

    def read(self, path: str) -> bytes:
        """Read a file whole."""


def read_catalogue(store: Readable, known: Catalogue | None = None) -> Catalogue:
    """Read the segments of a run; of a path the newest entry stands.

    A line that cannot be read is passed over: the artifacts are there without it.

    Parameters
    ----------
    known
        What was read before, to be added to: its segments are not read again.
    """
    found = known or Catalogue()
    for session in store.list(CATALOGUE):
        rows = store.list(session.path) if session.is_dir else ()
        for path in needed(rows, found.segments):
            _read_segment(store.read(path), found)
            found.segments.update(told_by(path))
    return found


def _read_segment(data: bytes, into: Catalogue) -> None:
    for values in _values(data):
        try:
            if "cell" in values:
                into.sources[values["cell"]] = values["source"]
            elif "gone" in values:
                _leave_out(values["gone"], float(values["until"]), into)
            else:
                _add(Entry.from_json(values), into)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _values(data: bytes) -> Iterable[Any]:
    """What the lines of a segment say: read at once, in half the time; of a damaged one the lines that are good."""
    try:
        lines = data.decode().strip().replace("\n", ",")
        return list(json.loads(f"[{lines}]"))
    except UNREADABLE:
        return _good(data.splitlines())


def _good(lines: Iterable[bytes]) -> Iterator[Any]:
    for line in lines:
        with suppress(*UNREADABLE):
            yield json.loads(line)


def _add(entry: Entry, into: Catalogue) -> None:
    before = into.entries.get(entry.path)
    is_newest = before is None or before.time <= entry.time
    if is_newest and entry.time > into.gone.get(entry.path, float("-inf")):
        into.entries[entry.path] = entry


def _leave_out(path: str, until: float, into: Catalogue) -> None:
    """Segments of two sessions are read in any order: what is deleted may be told of later."""
    into.gone[path] = max(until, into.gone.get(path, until))
    known = into.entries.get(path)
    if known is not None and known.time <= until:
        del into.entries[path]
