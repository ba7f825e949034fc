"""Who holds items of a spool: a process with a lease, and whether it still lives.

A home directory can be shared by many hosts, so a process id says little: an owner is told by host,
boot, process id and the time that process started. Its lease is a small file whose time a heartbeat
renews; on another host that time is all that can be seen.

psutil is asked only where /proc does not tell: its import would be a third of `%load_ext`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

LEASE_SECONDS = 120.0
"""An owner on another host that has not renewed its lease for so long counts as dead."""

HEARTBEAT_SECONDS = 20.0
"""How often a living owner renews."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that makes or delivers items.

    Attributes
    ----------
    started
        When the process started, as `start_of` tells: tells it from a later one of the same id.
    """

    token: str
    host: str
    boot: str
    pid: int
    started: float

    @classmethod
    def of_this_process(cls) -> Owner:
        """Describe the running process under a new token."""
        pid = os.getpid()
        return cls(secrets.token_hex(6), socket.gethostname(), boot_id(), pid, start_of(pid) or 0.0)

    def lease(self, folder: Path) -> Path:
        """The lease's file."""
        return folder / f"{self.token}.json"

    def sign(self, folder: Path) -> None:
        """Write the lease, or renew it; the cell and the heartbeat may both do so at once."""
        path = self.lease(folder)
        partial = path.with_suffix(f".{secrets.token_hex(4)}.tmp")
        partial.write_text(json.dumps(dataclasses.asdict(self)))
        partial.replace(path)


def boot_id() -> str:
    """Identity of the current boot of this machine, and of the space in which process ids count."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        import psutil

        boot = f"{psutil.boot_time():.0f}"
    with contextlib.suppress(OSError):
        boot += "/" + str(Path("/proc/self/ns/pid").readlink())
    return boot


def start_of(pid: int) -> float | None:
    """When a process started, in seconds; None when it is gone or a zombie.

    Since the boot where /proc tells it, else since the epoch: psutil's time moves with every step of
    the clock, and a living owner would look like another process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return None
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def read_lease(folder: Path, token: str) -> Owner | None:
    """Read an owner's lease; None where there is none."""
    try:
        return Owner(**json.loads((folder / f"{token}.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def lives(folder: Path, token: str) -> bool:
    """Tell whether the owner of this token may still deliver what it holds."""
    owner = read_lease(folder, token)
    if owner is None:
        return False
    if owner.host == socket.gethostname():
        here = boot_id()
        if owner.boot == here:
            return process_lives(owner.pid, owner.started)
        if owner.boot.partition("/")[0] != here.partition("/")[0]:
            return False
    return lease_age(folder, token) < LEASE_SECONDS  # another host, or a container of the same name


def process_lives(pid: int, started: float) -> bool:
    """Tell whether the process of this id is the one that started then, and no zombie."""
    now = start_of(pid)
    return now is not None and abs(now - started) < 1.0


def lease_age(folder: Path, token: str) -> float:
    """Seconds since a lease was renewed, by the clock of the file server."""
    try:
        return server_time(folder) - (folder / f"{token}.json").stat().st_mtime
    except OSError:
        return time.time()


def server_time(folder: Path) -> float:
    """What time it is for the file server of a folder, seconds since the epoch.

    Raises
    ------
    OSError
        Nothing can be written there.
    """
    probe = folder / f".now-{os.getpid()}-{secrets.token_hex(2)}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)
