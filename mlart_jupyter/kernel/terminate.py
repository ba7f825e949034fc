"""The last word of a kernel whose home goes with its container: SIGTERM delivers what waits."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from mlart_jupyter.services import Services
from mlart_jupyter.spool import fleeting


class LastWord:
    """Answers SIGTERM with a flush, where the spool does not outlive the machine."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._before: Any = None

    def install(self) -> None:
        """Answer, unless somebody else does, or the spool is safe, or this is not the main thread."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and fleeting(self._services.config.data) and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._before = signal.signal(signal.SIGTERM, self._flush)

    def uninstall(self) -> None:
        """Let SIGTERM end the process as before."""
        if self._before is not None and signal.getsignal(signal.SIGTERM) == self._flush:
            signal.signal(signal.SIGTERM, self._before)
        self._before = None

    def _flush(self, number: int, frame: Any) -> None:
        # In a thread: the signal may have come while this one held a lock that the flush needs.
        flush = threading.Thread(target=self._services.close, daemon=True)
        flush.start()
        flush.join(self._services.config.flush_seconds + 2.0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
