"""What a save pays: the same save on two Jupyter servers, with and without the extension, in turn.

    python -m tests.bench saves [ROUNDS]

Each save has new content of about 1 MB, so that each is spooled. Prints a Markdown table.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from nbformat import v4

from mlart_jupyter.models import RunRef
from mlart_jupyter.spool import Session, write_session

TOKEN = "bench"


class Server:
    """A Jupyter server with or without the extension."""

    def __init__(self, home: Path, *, enabled: bool) -> None:
        self.home, self.root = home, home / "work"
        self.root.mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._session()
        own = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
        command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += [f"--ServerApp.port={self.port}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]
        command += [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.jpserver_extensions={{'mlart_jupyter': {enabled}}}",
        ]
        env = {**os.environ, **own, "MLART_DATA": str(home / "mlart")}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _session(self) -> None:
        """A session of a dead kernel, so that each save finds its run."""
        ref = RunRef("r" * 32, "sqlite:////nowhere/mlflow.db", (self.home / "run").as_uri(), "1", "saved")
        words = Session("s1", None, str(self.root / "nb.ipynb"), "0" * 12, "python", {}, (ref,))
        write_session(self.home / "mlart" / "spool" / "sessions", words)

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.ask("GET", "api/status")
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server does not start")

    def ask(self, method: str, path: str, body: bytes | None = None) -> None:
        """Send a request and read the answer."""
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.port}/{path}"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=60) as reply:
            reply.read()

    def save(self, body: bytes) -> float:
        """Save the notebook; milliseconds."""
        start = time.perf_counter()
        self.ask("PUT", "api/contents/nb.ipynb", body)
        return (time.perf_counter() - start) * 1000

    def spooled(self) -> int:
        """How many saves are in the spool."""
        return len(list((self.home / "mlart" / "spool").rglob("*.item")))

    def stop(self) -> None:
        """Stop the server."""
        self.process.terminate()
        self.process.wait(20)


def body(number: int) -> bytes:
    """A notebook of about 1 MB that no save before has had."""
    output = v4.new_output("display_data", {"text/plain": "x" * 1_000_000})
    cell = v4.new_code_cell(f"save = {number}", id="one", outputs=[output], execution_count=1)
    return json.dumps({"type": "notebook", "format": "json", "content": v4.new_notebook(cells=[cell])}).encode()


def main(rounds: int = 40) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        without, with_it = (Server(Path(folder) / name, enabled=name == "with") for name in ("without", "with"))
        times: dict[Server, list[float]] = {without: [], with_it: []}
        for i in range(rounds + 3):
            for server, found in times.items():
                took = server.save(body(i))
                found += [took] if i >= 3 else []
                time.sleep(0.1)
        a, b = (statistics.median(found) for found in times.values())
        added = statistics.median(y - x for x, y in zip(times[without], times[with_it], strict=True))
        print("| save of a 1 MB notebook | without | with | added, median | ratio |\n|---|---|---|---|---|")
        print(
            f"| {with_it.spooled()} of {rounds + 3} spooled | {a:.1f} ms | {b:.1f} ms | {added:+.1f} ms | {b / a:.2f} |"
        )
        for server in times:
            server.stop()
