"""Asks the scanner's process, and starts it when there is none."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from functools import lru_cache

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.redaction.models import NOTEBOOK, Finding, Redacted, Rules

TABLES = ("text/csv", "text/tab-separated-values")
"""Scanned by their columns' names only, like frames."""
TEXTS = ("application/json", "application/yaml", "application/toml", "application/x-sh", "application/sql", NOTEBOOK)


def is_scanned(kind: str, media_type: str) -> bool:
    """Whether a file of this kind may hold secrets that can be taken out."""
    if kind in ("figure", "frame") or media_type in TABLES:
        return False
    return media_type.startswith("text/") or media_type in TEXTS or media_type.endswith("+json")


class Scanner:
    """One process that redacts for this one; safe to ask from several threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def redact(self, data: bytes | memoryview, media_type: str, rules: Rules) -> Redacted:
        """Redact one file.

        Raises
        ------
        StoreUnavailable
            It could not be scanned, so it must not leave.
        """
        head = f'{{"length": {len(data)}, "media_type": {json.dumps(media_type)}, "rules": {_told(rules)}}}\n'.encode()
        with self._lock:
            try:
                return self._ask(head, data)
            except (OSError, EOFError):  # idle for long, it has gone
                self._drop()
            try:
                return self._ask(head, data)
            except (OSError, EOFError) as error:
                self._drop()
                raise _unscanned(f"its process ends ({error})") from error

    def close(self) -> None:
        """End the process for good, also in the middle of a search: what it has in hand stays here."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()  # who waits for its answer gets none, and lets go of the lock
        with self._lock:
            self._drop()

    def _ask(self, head: bytes, data: bytes | memoryview) -> Redacted:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(head)
        process.stdin.write(data)
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise EOFError("without an answer")
        told = json.loads(line)
        if "error" in told:
            raise _unscanned(told["error"])
        body = process.stdout.read(told["length"])
        html = process.stdout.read(told["html"]) if told["html"] is not None else None
        return Redacted(body, tuple(Finding(**f) for f in told["findings"]), told["source_hash"], html)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise _unscanned("the kernel is ending")
        if self._process is None or self._process.poll() is not None:
            self._drop()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mlart_jupyter.redaction.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt of the kernel is not for it
            )
        return self._process

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()  # type: ignore[union-attr]
            except OSError:  # what it has not read is lost, as it is
                continue
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@lru_cache(maxsize=4)
def _told(rules: Rules) -> str:
    """Rules as JSON; they rarely change."""
    return json.dumps(dataclasses.asdict(rules))


def _unscanned(why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"A file stays here, for it could not be scanned for secrets: {why}",
        "It is tried again by itself; %config Mlart.secrets = False sends files unscanned",
    )
