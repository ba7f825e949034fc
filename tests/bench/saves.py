"""What a save pays: the same save on three Jupyter servers in turn, one with the extension, two without it.

    python -m tests.bench saves [ROUNDS [MEGABYTES]]

Each save has new bytes, every tenth a new source; the sizes are those of pictures, as in a notebook. What
is spooled is delivered to a local store as the notebook's kernel would do it. Prints a Markdown table: the
median that a save pays over the same save without the extension, and beside it what the two servers without
it differ by, which is what the machine cannot tell from nothing; the processor time of the thread that
answers; the memory of the server with the extension, and the stored bytes. The long form is 500 rounds of
20 MB, about 20 minutes.
"""

from __future__ import annotations

import base64
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from nbformat import v4

from mlart_jupyter.models import RunRef
from mlart_jupyter.outgoing import Outgoing
from mlart_jupyter.redaction import Rules
from mlart_jupyter.spool import Owner, Session, Spool, write_session
from mlart_jupyter.store import LocalStore
from mlart_jupyter.uploads import Courier

TOKEN = "bench"
SOURCE_EVERY = 10
"""Every so many saves the source is another; the others are re-runs."""


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
        """The session of a living kernel, this process, so that each save finds its run."""
        self.store = LocalStore(self.home / "run")
        self.spool = Spool(self.home / "mlart" / "spool", Owner.of_this_process())
        self.spool.heartbeat()
        self.outgoing = Outgoing(Rules)
        self.courier = Courier(self.spool, lambda run: self.store)
        self.courier.check = self.outgoing
        ref = RunRef("r" * 32, "sqlite:////nowhere/mlflow.db", (self.home / "run").as_uri(), "1", "saved")
        words = Session("s1", None, str(self.root / "nb.ipynb"), self.spool.owner.token, "python", {}, (ref,))
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

    def deliver(self, seconds: float = 30.0) -> int:
        """Wait for the save's item and deliver what waits; return how many."""
        end = time.monotonic() + seconds
        while not (names := self.spool.mine()) and time.monotonic() < end:
            time.sleep(0.01)
        self.courier.deliver(claim for name in names if (claim := self.spool.claim(name)))
        return len(names)

    @property
    def answering(self) -> float:
        """Processor time of the thread that answers, in milliseconds."""
        own = [t for t in psutil.Process(self.process.pid).threads() if t.id == self.process.pid]
        return sum(t.user_time + t.system_time for t in own) * 1000

    @property
    def memory(self) -> int:
        """The server's resident memory, in bytes."""
        resident: int = psutil.Process(self.process.pid).memory_info().rss
        return resident

    def stop(self) -> None:
        """Stop the server."""
        self.outgoing.close()
        self.process.terminate()
        self.process.wait(20)


class Notebook:
    """A notebook of about so many megabytes of pictures, of which each save has drawn one anew."""

    def __init__(self, megabytes: int) -> None:
        self._random = random.Random(1)
        count = max(2, megabytes)
        self._pictures = [self._picture(megabytes * 750_000 // count) for _ in range(count)]

    def _picture(self, size: int) -> str:
        return base64.b64encode(self._random.randbytes(size)).decode()

    def body(self, number: int) -> bytes:
        """What a front end sends for a save."""
        self._pictures[number % len(self._pictures)] = self._picture(len(self._pictures[0]) * 3 // 4)
        outputs = [v4.new_output("display_data", {"image/png": picture}) for picture in self._pictures]
        cell = v4.new_code_cell(f"save = {number // SOURCE_EVERY}", id="one", outputs=outputs, execution_count=number)
        book = v4.new_notebook(cells=[cell])
        return json.dumps({"type": "notebook", "format": "json", "content": book}).encode()


NAMES = ("without", "with", "without again")
WARM = 3


def main(rounds: int = 40, megabytes: int = 1) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        servers = {name: Server(Path(folder) / name, enabled=name == "with") for name in NAMES}
        try:
            measured(servers, rounds, megabytes)
        finally:
            for server in servers.values():
                server.stop()


def measured(servers: dict[str, Server], rounds: int, megabytes: int) -> None:
    """Save on each server in turn, in another order each time, and print what it took."""
    notebook, ours = Notebook(megabytes), servers["with"]
    times: dict[str, list[float]] = {name: [] for name in NAMES}
    work = dict.fromkeys(NAMES, 0.0)
    spooled, memory, versions = 0, list[int](), dict[int, int]()
    for number in range(rounds + WARM):
        body, shift = notebook.body(number), number % len(NAMES)
        for name in NAMES[shift:] + NAMES[:shift]:
            before = servers[name].answering
            took = servers[name].save(body)
            if number >= WARM:
                times[name].append(took)
                work[name] += servers[name].answering - before
            if name == "with":
                spooled += ours.deliver()  # nothing of it goes on beside the next server's save
        memory.append(ours.memory)
        versions[number // SOURCE_EVERY] = (ours.root / "nb.ipynb").stat().st_size
    told(times, {name: spent / rounds for name, spent in work.items()}, megabytes)
    stored = [path.stat().st_size for path in (ours.home / "run" / "notebooks").glob("*.ipynb")]
    print(f"\n{spooled} of {rounds + WARM} saves kept; stored {sum(stored) / 1e6:.1f} MB in {len(stored)} files;")
    print(f"{len(versions)} distinct sources have {sum(versions.values()) / 1e6:.1f} MB")
    marks = [memory[at] / 1e6 for at in (WARM, len(memory) // 4, len(memory) // 2, len(memory) * 3 // 4, -1)]
    print("memory of the server with it at the start, the quarters and the end:", *(f"{mark:.0f}" for mark in marks))
    assert spooled == rounds + WARM
    assert len(stored) == len(versions)


def told(times: dict[str, list[float]], work: dict[str, float], megabytes: int) -> None:
    """Print the table."""
    print(f"| save of a {megabytes} MB notebook | median | over `without`, median of pairs | of it processor |")
    print("|---|---|---|---|")
    for name, took in times.items():
        over = statistics.median(y - x for x, y in zip(times["without"], took, strict=True))
        print(
            f"| {name} | {statistics.median(took):.1f} ms | {over:+.1f} ms | {work[name] - work['without']:+.1f} ms |"
        )
