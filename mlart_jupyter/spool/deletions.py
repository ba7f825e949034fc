"""What was deleted from runs, for the kernels that keep things there: ``deleted/<run>``, a line for each item."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

DAYS = 30.0
"""So long a run's file stays after the last deletion from it: no kernel remembers longer, mostly."""


def tell_deleted(spool: Path, run_id: str, items: Iterable[str]) -> None:
    """Tell that items were deleted from a run; a spool that cannot be written is passed over."""
    lines = "".join(f"{item}\n" for item in sorted(set(items)))
    path = _told(spool, run_id)
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(path.parent)
        with path.open("a") as file:
            file.write(lines)


class Deletions:
    """What one kernel has heard of deletions; asking costs a look at a file's size."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._read: dict[str, int] = {}

    def news(self, run_id: str) -> set[str]:
        """The items deleted from a run since this was asked last."""
        path = _told(self._spool, run_id)
        at = self._read.get(run_id, 0)
        try:
            if path.stat().st_size <= at:
                return set()
            with path.open("rb") as file:
                file.seek(at)
                lines, _, _ = file.read().rpartition(b"\n")
        except OSError:
            return set()
        self._read[run_id] = at + len(lines) + 1
        return set(lines.decode().split())


def _told(spool: Path, run_id: str) -> Path:
    """A file's name has nothing of what a tracking server may call a run."""
    return spool / "deleted" / hashlib.sha256(run_id.encode()).hexdigest()[:32]


def _sweep(folder: Path) -> None:
    limit = time.time() - DAYS * 86400
    for path in folder.iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
