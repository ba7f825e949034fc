"""Binds a session's many small segments into few, so that a catalogue is read in few requests.

A bound segment holds the lines of eight others and names them in its own name: who lists the folder knows
which ones need not be read. Nothing is rewritten or deleted, so that it is safe beside other writers and on
storages that delete nothing, and who knows nothing of it reads the same twice. Eight bound ones are bound
again; a segment that is large stays as it is, for reading it costs more than asking for it.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join, parent

TOGETHER = 8
LARGE = 128 * 1024
"""Bytes of a segment that is bound no further."""

_NAME = re.compile(r"(\d+\.\d{6})-([0-9a-f]{12})(?:_((?:[0-9a-f]{12})+)_([0-9a-f]+))?\.jsonl")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a segment's name says: when its first artifact was made, and its digest.

    Attributes
    ----------
    bound
        Digests of the segments that it binds.
    size
        Bytes of one that binds others: a part of it, left by a transfer that was cut, binds nothing.
    """

    time: str
    digest: str
    bound: tuple[str, ...] = ()
    size: int = 0

    def __str__(self) -> str:
        bound = f"_{''.join(self.bound)}_{self.size:x}" if self.bound else ""
        return f"{self.time}-{self.digest}{bound}.jsonl"

    @classmethod
    def parse(cls, path: str) -> Mark | None:
        """Read the name; None for a file that is no segment of ours."""
        found = _NAME.fullmatch(path.rpartition("/")[2])
        if found is None:
            return None
        bound = found[3] or ""
        digests = tuple(bound[at : at + 12] for at in range(0, len(bound), 12))
        return cls(found[1], found[2], digests, int(found[4] or "0", 16))


class Binder:
    """What one process has written of one session's catalogue and not bound yet."""

    def __init__(self) -> None:
        self._small: defaultdict[int, list[tuple[str, bytes]]] = defaultdict(list)

    def add(self, path: str, data: bytes) -> list[tuple[str, bytes]]:
        """Note a segment that was written; return those that are to be written for it: path and bytes each."""
        made: list[tuple[str, bytes]] = []
        tier, segment = 0, (path, data)
        while len(segment[1]) < LARGE:
            row = self._small[tier]
            row.append(segment)
            if len(row) < TOGETHER:
                break
            segment = bind(row)
            made.append(segment)
            row.clear()
            tier += 1
        return made


def bind(segments: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Lay out a segment that binds others of one session."""
    marks = [mark for path, _ in segments if (mark := Mark.parse(path))]
    digests = tuple(mark.digest for mark in marks)
    digest = hashlib.sha256("".join(digests).encode()).hexdigest()[:12]
    data = b"".join(data for _, data in segments)
    return join(parent(segments[0][0]), str(Mark(marks[0].time, digest, digests, len(data)))), data


def needed(rows: Iterable[ArtifactInfo], read: set[str]) -> list[str]:
    """Which of a session's segments tell something that the others, and those read before, do not.

    Parameters
    ----------
    read
        What `told_by` said of those that were read; what is passed over, for all of it was read, is added.
    """
    marks = {row.path: Mark.parse(row.path) for row in rows if not row.is_dir and not _is_cut(row)}
    bound = {digest for mark in marks.values() if mark for digest in mark.bound}
    read |= {mark.digest for mark in marks.values() if mark and mark.bound and read.issuperset(mark.bound)}
    done = bound | read
    return [path for path, mark in marks.items() if (mark.digest if mark else path) not in done]


def _is_cut(row: ArtifactInfo) -> bool:
    mark = Mark.parse(row.path)
    return mark is not None and bool(mark.bound) and row.size not in (None, mark.size)


def told_by(path: str) -> set[str]:
    """What a segment that was read stands for."""
    mark = Mark.parse(path)
    return {mark.digest, *mark.bound} if mark else {path}
