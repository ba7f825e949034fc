"""Many small artifacts: our uploads beside a plain loop of `client.log_artifact`, in turn, in one run each.

    python -m tests.bench files [FILES]

To a local store (SQLite and a folder) and to a real ``mlflow server`` on loopback that proxies the artifacts.
Prints a Markdown table: files per second, and by how much this process has grown.
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

ROUNDS = 5


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A real ``mlflow server`` with one worker."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
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


def compare(services: Services, client: Any, run: RunRef, folder: Path, count: int) -> tuple[float, float, float]:
    """Seconds of the loop, seconds of ours, and MiB by which the process has grown during the later rounds."""
    took = [0.0, 0.0]
    process, before = psutil.Process(), 0
    for number in range(ROUNDS):
        files = _made(folder, number, count // ROUNDS)
        calls: list[Callable[[], None]] = [
            lambda f=files: plain(client, run, f),
            lambda f=files: spooled(services, run, f),
        ]
        for which in (0, 1) if number % 2 else (1, 0):
            begun = time.perf_counter()
            calls[which]()
            took[which] += time.perf_counter() - begun
        if number == 0:
            before = process.memory_info().rss
    return took[0], took[1], (process.memory_info().rss - before) / 2**20


def _made(folder: Path, number: int, count: int) -> list[Path]:
    files = [folder / f"{number}-{n}.bin" for n in range(count)]
    for file in files:
        file.write_bytes(os.urandom(512) + file.name.encode())
    return files


def main(count: int = 10_000) -> None:
    """Measure both stores with so many files."""
    with tempfile.TemporaryDirectory() as text, server(_folder(Path(text) / "server")) as uri:
        import mlflow

        print(f"| {count} files of 0.5 kB to | `client.log_artifact` | through the spool | ratio | grown |")
        print("|---|---|---|---|---|", flush=True)
        for name, where in (("a local store", None), ("a proxied HTTP store", uri)):
            config = Mlart(data_folder=str(_folder(Path(text) / name.replace(" ", ""))))
            mlflow.set_tracking_uri(where or config.embedded_uri)
            if where:
                mlflow.set_experiment("bench")
            run = tracking.start("bench", config.embedded_uri, config.embedded_artifacts, "bench")
            services = Services(config)
            files = _folder(Path(text) / f"files {name}")
            a, b, grown = compare(services, mlflow.MlflowClient(), run, files, count)
            services.close()
            tracking.end()
            print(f"| {name} | {count / a:.0f}/s | {count / b:.0f}/s | {a / b:.1f} | {grown:+.0f} MiB |", flush=True)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
