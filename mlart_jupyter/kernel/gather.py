"""What a cell makes besides its outputs: the text it prints and the files it writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR
NEVER = frozenset({"__pycache__", "site-packages"})

_watcher: set[str] | None = None
"""Paths opened for writing while somebody watches; an audit hook cannot be undone, only left dormant."""
_hooked = False


def _on_open(event: str, args: tuple[Any, ...]) -> None:
    if _watcher is None or event != "open":
        return
    path, mode, flags = args
    if isinstance(path, (str, bytes)) and (set(mode or "") & set("wax+") or (flags or 0) & WRITING):
        _watcher.add(os.path.abspath(os.fsdecode(path)))


class Tee:
    """Writes to a stream as before, and keeps what goes through."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.kept: list[str] = []
        self.keeps = True

    def write(self, text: str) -> int:
        """Write through."""
        if self.keeps:
            self.kept.append(text)
        return int(self.stream.write(text) or len(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each through."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class Gathered:
    """What one cell has made.

    Attributes
    ----------
    files
        Written by the cell and there when it was done: through Python's `open`, or new or changed in
        the current folder.
    """

    def __init__(self) -> None:
        self.stdout = ""
        self.stderr = ""
        self.traceback = ""
        self.files: list[Path] = []


@contextmanager
def gather(besides: tuple[Path, ...]) -> Iterator[Gathered]:
    """Gather while the block runs; `besides` names folders whose files do not count."""
    gathered = Gathered()
    before = _listing()
    out, err = Tee(sys.stdout), Tee(sys.stderr)
    opened: set[str] = set()
    sys.stdout, sys.stderr = out, err
    _watch(opened)
    try:
        yield gathered
    finally:
        _watch(None)
        _restore(out, err)
        gathered.stdout, gathered.stderr = "".join(out.kept), "".join(err.kept)
        for tee in (out, err):  # a logging handler made in the cell may hold it for ever
            tee.keeps, tee.kept = False, []
        changed = {path for path, mark in _listing().items() if before.get(path) != mark}
        gathered.files = sorted(p for name in opened | changed if _counts(p := Path(name), besides))


def _watch(opened: set[str] | None) -> None:
    global _watcher, _hooked  # noqa: PLW0603  the audit hook is one per process
    if not _hooked:
        sys.addaudithook(_on_open)
        _hooked = True
    _watcher = opened


def _restore(out: Tee, err: Tee) -> None:
    """Put the streams back, unless the cell has put others there."""
    if sys.stdout is out:
        sys.stdout = out.stream
    if sys.stderr is err:
        sys.stderr = err.stream


def _listing() -> dict[str, tuple[int, int]]:
    found = {}
    with suppress(OSError), os.scandir(".") as rows:
        for row in rows:
            with suppress(OSError):
                if row.is_file():
                    found[os.path.abspath(row.path)] = (row.stat().st_mtime_ns, row.stat().st_size)
    return found


def _counts(path: Path, besides: tuple[Path, ...]) -> bool:
    """Whether a file is the cell's own: not a cache, a hidden file, a database of MLflow, or ours."""
    parts = path.parts[len(Path.cwd().parts) :] if path.is_relative_to(Path.cwd()) else path.parts
    hidden = any(part.startswith(".") for part in parts)
    ours = any(path.is_relative_to(folder) for folder in besides) or path.name.startswith("mlflow.db")
    return path.is_file() and not hidden and not ours and not NEVER.intersection(parts)
