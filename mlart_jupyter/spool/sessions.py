"""What each kernel says of itself, for the shell and the Jupyter server: ``sessions/<session>.json``."""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from mlart_jupyter.models import RunRef


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
    """

    session: str
    kernel: str | None
    notebook: str | None
    owner: str
    python: str
    versions: dict[str, str]
    runs: tuple[RunRef, ...] = ()
    kept: int = 0


def write_session(folder: Path, session: Session) -> None:
    """Write, or replace, what a session says of itself."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{session.session}.json"
    partial = path.with_suffix(f".{secrets.token_hex(4)}.tmp")
    partial.write_text(json.dumps(dataclasses.asdict(session), indent=1))
    partial.replace(path)


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
        return _listener(spool, pid).read_text() == socket.gethostname() and psutil.pid_exists(pid)
    except OSError:
        return False


def _listener(spool: Path, pid: int) -> Path:
    return spool / "servers" / str(pid)


def _used(path: Path) -> tuple[float, str]:
    """When a session has last written its file; those of one moment by their names."""
    try:
        return path.stat().st_mtime, path.name
    except FileNotFoundError:
        return 0.0, path.name
