"""Many small artifacts: our uploads beside a plain loop of `client.log_artifact`, in turn, in one run each.

    python -m tests.bench files [FILES]

To a local store (SQLite and a folder) and to a real ``mlflow server`` on loopback that proxies the artifacts:
one of a single worker, then one of as many as MLflow starts by default (four), as it is and with a network
before it whose round trip takes 5 and 20 ms (a fifth of the files). Prints a Markdown table: files per second,
processor time of the server for each file (its workers, or the processors, take no more files than that allows,
whoever sends them), and by how much this process has grown.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlart_jupyter.config import Mlart
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.services import Services
from mlart_jupyter.store import tracking
from tests.bench._delay import delayed

ROUNDS = 5
DELAYS = (5, 20)
"""Milliseconds of a round trip."""


@dataclass
class Side:
    """What one way of logging took: seconds, and seconds of the server's processors."""

    seconds: float = 0.0
    server: float = 0.0

    def add(self, call: Callable[[], None]) -> None:
        """Call it, and reckon what it took."""
        server, begun = server_time(), time.perf_counter()
        call()
        self.seconds += time.perf_counter() - begun
        self.server += server_time() - server


def server_time() -> float:
    """Seconds that the processes below this one have used of the processors."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))


@contextmanager
def server(folder: Path, workers: int | None = None) -> Iterator[str]:
    """A real ``mlflow server``; with as many workers as MLflow starts, if no number is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers)] if workers else []
    command += ["--backend-store-uri", f"sqlite:///{folder / 's.db'}", "--artifacts-destination", str(folder / "a")]
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("w") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as process:
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.terminate()
            process.terminate()


def _wait(url: str) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError(url)


def plain(client: Any, run: RunRef, files: list[Path]) -> None:
    """What a user writes today."""
    for file in files:
        client.log_artifact(run.run_id, str(file), "plain")


def spooled(services: Services, run: RunRef, files: list[Path]) -> None:
    """The same through the spool; done when all is in the run."""
    for file in files:
        shown = Shown(file.read_bytes(), run, Cell(), {}, path=f"ours/{file.name}")
        services.recorder.record(shown, renderer_for(shown.obj))
    left = services.flush(3600)
    assert left == 0, services.census()


def compare(services: Services, client: Any, run: RunRef, folder: Path, count: int) -> tuple[Side, Side, float]:
    """What the loop took, what ours took, and MiB by which the process has grown during the later rounds."""
    took = Side(), Side()
    process, before = psutil.Process(), 0
    for number in range(ROUNDS):
        files = _made(folder, number, count // ROUNDS)
        calls: list[Callable[[], None]] = [
            lambda f=files: plain(client, run, f),
            lambda f=files: spooled(services, run, f),
        ]
        for which in (0, 1) if number % 2 else (1, 0):
            took[which].add(calls[which])
        if number == 0:
            before = process.memory_info().rss
    return took[0], took[1], (process.memory_info().rss - before) / 2**20


def _made(folder: Path, number: int, count: int) -> list[Path]:
    files = [folder / f"{number}-{n}.bin" for n in range(count)]
    for file in files:
        file.write_bytes(os.urandom(512) + file.name.encode())
    return files


def measure(folder: Path, name: str, uri: str | None, count: int) -> None:
    """One line of the table: a run of its own."""
    import mlflow

    config = Mlart(data_folder=str(_folder(folder / "data")))
    mlflow.set_tracking_uri(uri or config.embedded_uri)
    if uri:
        mlflow.set_experiment("bench")
    run = tracking.start("bench", config.embedded_uri, config.embedded_artifacts, "bench")
    services = Services(config)
    a, b, grown = compare(services, mlflow.MlflowClient(), run, _folder(folder / "files"), count)
    services.close()
    tracking.end()
    server = f"{a.server / count * 1000:.1f} / {b.server / count * 1000:.1f} ms" if uri else ""
    rates = f"{count / a.seconds:.0f}/s | {count / b.seconds:.0f}/s | {a.seconds / b.seconds:.1f}"
    print(f"| {name} | {rates} | {server} | {grown:+.0f} MiB |", flush=True)


def main(count: int = 10_000) -> None:
    """Measure all stores with so many files."""
    print(f"| {count} files of 0.5 kB to | `client.log_artifact` | through the spool | ratio | server | grown |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as text:
        measure(_folder(Path(text) / "local"), "a local store", None, count)
        with server(_folder(Path(text) / "single"), workers=1) as uri:
            measure(_folder(Path(text) / "http1"), "an MLflow server of one worker", uri, count)
        with server(_folder(Path(text) / "server")) as uri:
            measure(_folder(Path(text) / "http"), "an MLflow server as it is by default", uri, count)
            _from_afar(Path(text), uri, max(ROUNDS, count // 5))


def _from_afar(text: Path, uri: str, count: int) -> None:
    """The same server behind a network."""
    for delay in DELAYS:
        with delayed(int(uri.rpartition(":")[2]), delay) as port:
            folder, name = _folder(text / f"http{delay}"), f"the same, {delay} ms away"
            measure(folder, name, f"http://127.0.0.1:{port}", count)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
