"""A store that goes away in every way while cells go on: they keep their speed, nothing is lost.

    python tests/stress/outages.py [SECONDS] [PORT | s3]

Each outage lasts so many seconds (1.5). Behind the proxy stands a small artifact server, a real ``mlflow
server`` on the given port (its artifacts must be proxied), or a real server of S3 (SeaweedFS), whose process
is also stopped for that long.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import storages
from faulty import ArtifactServer, Proxy
from storages import Storage

from mlart_jupyter.config import Mlart
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.services import Services
from mlart_jupyter.store import read_catalogue

MODES = ("down", "500", "503", "429", "cut", "hang")
SHORT = ("503", "cut", "hang")
"""What outages of a second try."""
SHOWN = 20


class Cells:
    """Shows things, and notes what each showing cost."""

    def __init__(self, services: Services, run: RunRef) -> None:
        self._services = services
        self._run = run
        self.shown: dict[str, str] = {}
        self.paid: list[float] = []

    def show(self, name: str, number: int) -> None:
        """One cell."""
        path = f"texts/{name}-{number}.txt"
        text = self.shown[path] = f"{path} " * 3000
        begun = time.perf_counter()
        shown = Shown(text, self._run, Cell("show()", "c", number), {}, path=path)
        self._services.recorder.record(shown, renderer_for(text))
        self.paid.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.01)


def outage(services: Services, run: RunRef, place: Behind, mode: str, seconds: float) -> list[str]:
    """One outage: cells before, during and after it; say what was wrong."""
    before, during, proxy = Cells(services, run), Cells(services, run), place.proxy
    for number in range(SHOWN):
        before.show(f"{mode}-before", number)
    services.flush(60)
    with place.away(mode):
        begun, number = time.monotonic(), 0
        while time.monotonic() - begun < seconds:
            if number < SHOWN * 5:
                during.show(f"{mode}-during", number)
            number += 1
            time.sleep(0.01)
        asked = proxy.requests
        waiting, error = services.unfinished, services.census().last_error
    begun = time.monotonic()
    while services.unfinished and time.monotonic() - begun < 90:
        time.sleep(0.05)
    recovered = time.monotonic() - begun
    added = statistics.median(during.paid) - statistics.median(before.paid)
    print(
        f"| {mode} | {waiting} | {added:+.2f} ms | {recovered:.1f} s | {proxy.requests - asked} |",
        flush=True,
    )
    wrong = [f"{mode}: {services.unfinished} not delivered after 90 s ({error})"] if services.unfinished else []
    wrong += [f"{mode}: nothing waited, so the store was not away"] if not waiting else []
    return wrong + audit(run, before.shown | during.shown)


def audit(run: RunRef, shown: dict[str, str]) -> list[str]:
    """What is lost, torn or not told."""
    store = Services(Mlart()).opener.for_delivery(run)
    rows = {row.path: row.size for row in store.list("texts")}
    told = read_catalogue(store).entries
    wrong = [f"{path} is lost" for path in shown if path not in rows]
    wrong += [f"{path} is torn" for path, text in shown.items() if rows.get(path) not in (None, len(text))]
    wrong += [f"{path} is not in the catalogue" for path in shown if path not in told]
    names = {path.rpartition("/")[2].split("-")[0] for path in shown}
    return wrong + [f"{p} is doubled" for p in rows if p.split("/")[1].split("-")[0] in names and p not in shown]


class Behind:
    """What stands behind the proxy: a small artifact server of our own."""

    modes = MODES

    def __init__(self) -> None:
        self.proxy = Proxy(self._start())

    def _start(self) -> int:
        return ArtifactServer().port

    def run(self, name: str) -> RunRef:
        """A run whose artifacts are reached through the proxy."""
        return RunRef(f"r{name}", self.proxy.uri, f"mlflow-artifacts:/0/r{name}/artifacts", "0")

    @contextmanager
    def away(self, mode: str) -> Iterator[None]:
        """Let it be away while the block lasts."""
        self.proxy.mode = mode
        try:
            yield
        finally:
            self.proxy.mode = "pass"


class BehindMlflow(Behind):
    """An MLflow server that runs already."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def _start(self) -> int:
        return self._port

    def run(self, name: str) -> RunRef:
        """A run of that server."""
        from mlflow import MlflowClient

        info = MlflowClient(self.proxy.uri).create_run("0").info
        return RunRef(info.run_id, self.proxy.uri, info.artifact_uri, "0")


class BehindS3(Behind):
    """A server of S3, whose process can be stopped, too."""

    modes = (*MODES, "stopped")

    def __init__(self, storage: Storage, folder: Path) -> None:
        self._storage = storage
        self._folder = folder
        super().__init__()
        os.environ.update(storage.env, MLFLOW_S3_ENDPOINT_URL=self.proxy.uri)
        [self._process] = psutil.Process().children()

    def _start(self) -> int:
        return self._storage.port

    def run(self, name: str) -> RunRef:
        """A run of a tracking store on this machine, its artifacts in the bucket."""
        from mlflow import MlflowClient

        client = MlflowClient(f"sqlite:///{self._folder}/mlflow.db")
        experiment = client.create_experiment(name, f"{self._storage.uri}/{name}")
        info = client.create_run(experiment).info
        return RunRef(info.run_id, client.tracking_uri, info.artifact_uri, experiment)

    @contextmanager
    def away(self, mode: str) -> Iterator[None]:
        """Let it be away while the block lasts."""
        if mode != "stopped":
            with super().away(mode):
                yield
            return
        self._process.suspend()
        try:
            yield
        finally:
            self._process.resume()


@contextmanager
def behind(what: str) -> Iterator[Behind]:
    """Start what is asked for."""
    if what != "s3":
        yield BehindMlflow(int(what)) if what else Behind()
        return
    with tempfile.TemporaryDirectory() as folder, storages.s3(Path(folder)) as storage:
        yield BehindS3(storage, Path(folder))


def main() -> int:
    """Go through all outages."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.5
    wrong: list[str] = []
    print(f"| outage of {seconds:.0f} s | waited | added to a cell | all delivered after | requests |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, behind(sys.argv[2] if len(sys.argv) > 2 else "") as place:
        for mode in place.modes if seconds > 1 else SHORT:
            services = Services(Mlart(data_folder=str(Path(folder) / mode)))
            wrong += outage(services, place.run(mode), place, mode, seconds)
            services.close()
            wrong += [f"{mode}: {found.path} {found.problem}" for found in services.spool.check()]
    print("\n".join(wrong[:20]))
    print(f"lost, torn, doubled or late: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
