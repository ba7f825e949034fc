"""A store that goes away in every way while cells go on: they keep their speed, nothing is lost.

    python tests/stress/outages.py [SECONDS] [PORT]

Each outage lasts so many seconds (1.5). Behind the proxy stands a small artifact server, or a real
``mlflow server`` on the given port (its artifacts must be proxied).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from faulty import ArtifactServer, Proxy

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


def outage(services: Services, run: RunRef, proxy: Proxy, mode: str, seconds: float) -> list[str]:
    """One outage: cells before, during and after it; say what was wrong."""
    before, during = Cells(services, run), Cells(services, run)
    for number in range(SHOWN):
        before.show(f"{mode}-before", number)
    services.flush(60)
    proxy.mode, begun, number = mode, time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        if number < SHOWN * 5:
            during.show(f"{mode}-during", number)
        number += 1
        time.sleep(0.01)
    asked = proxy.requests
    waiting, error = services.unfinished, services.census().last_error
    proxy.mode, begun = "pass", time.monotonic()
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


def main() -> int:
    """Go through all outages."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.5
    server = None if len(sys.argv) > 2 else ArtifactServer()
    proxy = Proxy(server.port if server else int(sys.argv[2]))
    wrong: list[str] = []
    print(f"| outage of {seconds:.0f} s | waited | added to a cell | all delivered after | requests |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES if seconds > 1 else SHORT:
            services = Services(Mlart(data_folder=str(Path(folder) / mode)))
            wrong += outage(services, _run(proxy, server, mode), proxy, mode, seconds)
            services.close()
            wrong += [f"{mode}: {found.path} {found.problem}" for found in services.spool.check()]
    print("\n".join(wrong[:20]))
    print(f"lost, torn, doubled or late: {len(wrong)}")
    return 1 if wrong else 0


def _run(proxy: Proxy, server: ArtifactServer | None, mode: str) -> RunRef:
    if server:
        return RunRef(f"r{mode}", proxy.uri, f"mlflow-artifacts:/0/r{mode}/artifacts", "0")
    from mlflow import MlflowClient

    info = MlflowClient(proxy.uri).create_run("0").info
    return RunRef(info.run_id, proxy.uri, info.artifact_uri, "0")


if __name__ == "__main__":
    sys.exit(main())
