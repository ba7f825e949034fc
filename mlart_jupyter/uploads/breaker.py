"""Keeping away from a store that has just failed: back-off with jitter, per run and per host."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from urllib.parse import urlsplit

from mlart_jupyter.errors import MlartError, StoreUnavailable
from mlart_jupyter.models import RunRef

FIRST_DELAY, LONGEST_DELAY = 0.5, 4.0
"""Back-off from the start of a try, in seconds: all is delivered ten seconds after a store is back."""
LONGEST_REST = 300.0
"""A store that asks to be left alone for longer (Retry-After) is tried again then. Seconds."""


def delay(attempt: int, chance: float) -> float:
    """Seconds to wait after the given number of failures: doubling, capped, spread by `chance` in [0, 1)."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 10)) * (0.5 + chance / 2)


class Breaker:
    """Keeps away from what has just failed."""

    def __init__(self) -> None:
        self.failures = 0
        self.closed_at = 0.0
        self.error = ""

    def fail(self, error: str, at_least: float = 0.0, took: float = 0.0) -> None:
        """Stay away for a while, longer after each failure, and as long as the store asks.

        Parameters
        ----------
        at_least
            What the store asks for, in seconds.
        took
            Seconds of the try itself: a store that hangs was kept waiting then, too.
        """
        wait = max(FIRST_DELAY / 2, delay(self.failures, random.random()) - took, min(at_least, LONGEST_REST))
        self.closed_at = time.monotonic() + wait
        self.failures += 1
        self.error = error

    def mend(self) -> None:
        """It answers again."""
        self.failures, self.closed_at, self.error = 0, 0.0, ""

    @property
    def is_open(self) -> bool:
        """Whether to stay away now."""
        return time.monotonic() < self.closed_at


class Breakers:
    """One for each run and one for each host: a refused run says nothing of its neighbours."""

    def __init__(self) -> None:
        self._by: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._lock = threading.Lock()

    def of(self, key: str) -> Breaker:
        """The breaker of a run's id or a host."""
        with self._lock:
            return self._by[key]

    def all(self) -> list[Breaker]:
        """Every breaker, in the order of their first use."""
        with self._lock:
            return list(self._by.values())

    def lets_pass(self, run: RunRef) -> bool:
        """Whether a run may be tried now."""
        return not self.of(run.run_id).is_open and not self.of(host_of(run)).is_open

    def failed(self, run: RunRef, error: MlartError, took: float = 0.0) -> None:
        """Note a failure where it belongs, and how many seconds the try took."""
        whole_host = isinstance(error, StoreUnavailable) and error.whole_host
        rest = error.retry_after or 0.0 if isinstance(error, StoreUnavailable) else 0.0
        self.of(host_of(run) if whole_host else run.run_id).fail(str(error), rest, took)

    def arrived(self, run: RunRef) -> None:
        """A delivery to this run has succeeded."""
        self.of(run.run_id).mend()
        self.of(host_of(run)).mend()

    def failures(self, run: RunRef) -> int:
        """How often the run or its host has failed since it last answered."""
        return self.of(run.run_id).failures + self.of(host_of(run)).failures

    def hurry(self) -> None:
        """Let everything be tried once more now."""
        for breaker in self.all():
            breaker.closed_at = 0.0

    def next_try(self) -> float | None:
        """The monotonic time at which the first one lets pass again; None when none is open."""
        times = [breaker.closed_at for breaker in self.all() if breaker.failures]
        return min(times) if times else None

    def errors(self) -> list[str]:
        """What is wrong now."""
        return [breaker.error for breaker in self.all() if breaker.error]


def host_of(run: RunRef) -> str:
    """What the stores of several runs have in common; a local folder is its run's own.

    >>> host_of(RunRef("r", "http://mlflow:5000", "mlflow-artifacts:/1/r/artifacts"))
    'http://mlflow:5000'
    """
    uri = run.artifact_uri or run.tracking_uri
    if uri.startswith("mlflow-artifacts:") and not urlsplit(uri).netloc:
        uri = run.tracking_uri
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"run {run.run_id}"
