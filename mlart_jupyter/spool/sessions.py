"""What each kernel says of itself, for the shell and the Jupyter server: ``sessions/<session>.json``."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlart_jupyter.models import RunRef, names_of
from mlart_jupyter.spool.owner import start_of


@dataclass(frozen=True, slots=True)
class Session:
    """One kernel's time with the extension loaded.

    Attributes
    ----------
    session
        Sorts by time; names the session's folder in a run's catalogue.
    kernel
        Jupyter's kernel id; None outside a kernel.
    runs
        Those that artifacts went to, the one used last at the end.
    kept
        How many items it has delivered.
    owner
        Token of the process in the spool.
    last_error
        What keeps its items from their run now, with what to do.
    """

    session: str
    kernel: str | None
    notebook: str | None
    owner: str
    python: str
    versions: dict[str, str]
    runs: tuple[RunRef, ...] = ()
    kept: int = 0
    last_error: str | None = None


def write_session(folder: Path, session: Session) -> None:
    """Write, or replace, what a session says of itself."""
    values = {name: getattr(session, name) for name in names_of(Session)}
    text = json.dumps(values | {"runs": [run.to_json() for run in session.runs]})
    partial = folder / f"{session.session}.{secrets.token_hex(4)}.tmp"
    try:
        partial.write_text(text)
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.write_text(text)
    partial.replace(folder / f"{session.session}.json")


def read_sessions(folder: Path, limit: int | None = None) -> Iterator[Session]:
    """All sessions, or some, those used last first; a file that cannot be read is passed over."""
    for path in sorted(folder.glob("*.json"), key=_used, reverse=True)[:limit]:
        try:
            values = json.loads(path.read_text())
            runs = tuple(RunRef(**run) for run in values.pop("runs"))
            yield Session(runs=runs, **values)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue


def tell_listening(spool: Path, *, stopped: bool = False) -> None:
    """Tell the kernels of this process that it hears saves; a spool that cannot be written is passed over."""
    mark = _listener(spool, os.getpid())
    with suppress(OSError):
        if stopped:
            mark.unlink(missing_ok=True)
        else:
            mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            mark.write_text(socket.gethostname())


def is_listening(spool: Path, pid: int) -> bool:
    """Whether the Jupyter server of this process id, on this host, hears the saves of notebooks."""
    try:
        if _listener(spool, pid).read_text() != socket.gethostname():
            return False
    except OSError:
        return False
    return start_of(pid) is not None


def _listener(spool: Path, pid: int) -> Path:
    return spool / "servers" / str(pid)


def sweep_sessions(folder: Path, lives: Callable[[str], bool], days: float = 30.0) -> int:
    """Remove what processes that are gone have said of themselves, after some days; return how many files."""
    limit = time.time() - days * 86400
    old = [path for path in folder.glob("*.json") if 0.0 < _used(path)[0] < limit]
    gone = [path for path in old if not _is_of_living(path, lives)]
    gone += [path for path in folder.glob("*.tmp") if 0.0 < _used(path)[0] < limit]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _is_of_living(path: Path, lives: Callable[[str], bool]) -> bool:
    try:
        return lives(str(json.loads(path.read_text())["owner"]))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def write_trouble(folder: Path, words: str | None) -> None:
    """Note why what dead processes left could not be delivered, for the status; None: it could."""
    path = folder / "adoption.txt"
    if words is None:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(f".{secrets.token_hex(4)}.tmp")
    partial.write_text(words)
    partial.replace(path)


def read_trouble(folder: Path) -> str | None:
    """What `write_trouble` noted."""
    try:
        return (folder / "adoption.txt").read_text() or None
    except OSError:
        return None


def _used(path: Path) -> tuple[float, str]:
    """When a session has last written its file; those of one moment by their names."""
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name
