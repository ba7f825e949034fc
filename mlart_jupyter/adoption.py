"""Delivers what dead kernels left, in another process: it must not slow a cell or a server."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from mlart_jupyter.services import Services
from mlart_jupyter.spool import sweep_sessions


class Patience:
    """How long to leave alone what could not be adopted: a process for it costs seconds of both cores."""

    FIRST, LONGEST = 30.0, 600.0

    def __init__(self) -> None:
        self._wait = self.FIRST
        self._again = 0.0
        self._count = 0

    def allows(self, count: int) -> bool:
        """Whether to try now, with so many items left by dead owners; at once when there are more."""
        return count > self._count or (count > 0 and time.monotonic() >= self._again)

    def tried(self, left: int) -> None:
        """Note how many are left after a try."""
        self._wait = min(self.LONGEST, self._wait * 2) if left else self.FIRST
        self._again = time.monotonic() + self._wait
        self._count = left


class Adoption:
    """Looks for what dead kernels left, the less often the less it helps."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._patience = Patience()

    def look(self) -> None:
        """Sweep, and wait for a process that delivers what is left; never raises what a disk may raise."""
        try:
            self._look()
        except OSError as error:
            self._services.failures.append(f"What an earlier kernel left could not be looked at ({error})")

    def _look(self) -> None:
        spool, config = self._services.spool, self._services.config
        spool.sweep(config.dead_days)
        sweep_sessions(config.spool / "sessions", spool.lives)
        if self._patience.allows(len(spool.orphans())):
            _deliver(str(config.data))
            self._patience.tried(len(spool.orphans()))


def _deliver(data: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "mlart_jupyter", "flush"],
        env={**os.environ, "MLART_DATA": data},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
