"""What a cell pays: with the extension, without any tool, and logging by hand, in turn.

    python -m tests.bench cells [ROUNDS]

Two real ipykernels run the same cells interleaved, one with the extension, one that has never seen it;
the second also logs by hand, as MLflow's documentation shows it. Prints a Markdown table: the time a
front end waits for the cell (median), what is added to it (median of the differences within a round),
and the processor time of the whole kernel that is added, deliveries in the background included (mean).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.manager import KernelManager

DRAW = "fig = plt.figure(); plt.plot(values); plt.title('Loss {i}')"
FRAME = "frame = make({i})"
LARGE = "large.iloc[0, 0] = {i}"
BURST = """
for k in range(100):
    fig = plt.figure(figsize=(3, 2)); plt.plot(values); plt.title(f'Burst {i} {k}'); plt.show()
"""


@dataclass(frozen=True)
class Case:
    """A cell, the same cell that also logs by hand in some ways, and how often of the rounds it runs."""

    shown: str
    by_hand: dict[str, str]
    share: float = 1.0


CASES = {
    "figure": Case(
        f"{DRAW}; plt.show()",
        {
            "`mlflow.log_figure`": f"{DRAW}; mlflow.log_figure(fig, 'loss-{{i}}.png'); plt.show()",
            "`savefig` + `log_artifact`": f"{DRAW}; fig.savefig('x.png'); mlflow.log_artifact('x.png'); plt.show()",
        },
    ),
    "frame 10,000 × 10": Case(
        f"{FRAME}; frame",
        {
            "`to_parquet` + `log_artifact`": f"{FRAME}; frame.to_parquet('x.parquet'); "
            "mlflow.log_artifact('x.parquet'); frame"
        },
    ),
    "frame 10⁷ × 4": Case(
        f"{LARGE}; large",
        {
            "`to_parquet` + `log_artifact`": f"{LARGE}; large.to_parquet('x.parquet'); "
            "mlflow.log_artifact('x.parquet'); large"
        },
        share=0.15,
    ),
    "100 figures": Case(BURST, {}, share=0.15),
}
SETUP = """
import warnings; warnings.filterwarnings("ignore")
import matplotlib.pyplot as plt, numpy as np, pandas as pd, mlflow
values = np.random.default_rng(0).standard_normal(200)
rows = np.random.default_rng(0).standard_normal((10_000, 10))
def make(i):
    return pd.DataFrame(rows + i, columns=list("abcdefghij"))
large = pd.DataFrame(np.zeros((10_000_000, 4)), columns=list("abcd"))
"""
LONG = 10
"""Rounds from which on the figures count."""
SETTLE = 0.15
"""Seconds between cells: the worker delivers then, as between a user's cells."""


@dataclass(frozen=True)
class Cost:
    """Of one cell: milliseconds that the front end waited, and milliseconds of processor time."""

    wall: float
    cpu: float


class Kernel:
    """A kernel, and the time its cells take."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        env = {**os.environ, "MLART_DATA": str(folder / "data"), "MLFLOW_DISABLE_TELEMETRY": "true"}
        env["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
        self.manager = KernelManager()
        self.manager.start_kernel(env=env, cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.tasks = Path(f"/proc/{self.manager.provisioner.process.pid}/task")

    def run(self, code: str) -> float:
        """Milliseconds from the request to the idle message."""
        start = time.perf_counter()
        wanted = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") != wanted:
                continue
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return (time.perf_counter() - start) * 1000

    def cost(self, code: str, settle: float) -> Cost:
        """Run a cell, wait until what it left is delivered, and tell what both took."""
        before = self.cpu()
        wall = self.run(code)
        time.sleep(settle)
        return Cost(wall, self.cpu() - before)

    def cpu(self) -> float:
        """Milliseconds that the kernel's threads have run, to the nanosecond (the clock of `ps` ticks in tens)."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self.tasks.iterdir()) / 1e6

    def stop(self) -> None:
        """Shut down."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def measure(case: Case, plain: Kernel, kept: Kernel, rounds: int, *, is_long: bool) -> dict[str, list[Cost]]:
    """Costs by way, each round all ways in turn; the first rounds fill caches and do not count.

    The short form shows that it works; its figures count for nothing, so it has no such rounds.
    """
    ways = {"nothing": (plain, case.shown), "this extension": (kept, case.shown)}
    ways |= {name: (plain, code) for name, code in case.by_hand.items()}
    settle = SETTLE if case.share == 1 else 1.5
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    idle = 2 if is_long else 0
    for i in range(rounds + idle):
        for name, (kernel, code) in ways.items():
            cost = kernel.cost(code.replace("{i}", str(i)), settle)
            costs[name] += [cost] if i >= idle else []
    return costs


def line(case: str, way: str, costs: dict[str, list[Cost]]) -> str:
    """One row of the table."""
    base, own = costs["nothing"], costs[way]
    wall = statistics.median(cost.wall for cost in own)
    added = statistics.median(y.wall - x.wall for x, y in zip(base, own, strict=True))
    ratio = wall / statistics.median(cost.wall for cost in base)
    cpu = statistics.fmean(cost.cpu for cost in own) - statistics.fmean(cost.cpu for cost in base)
    return f"| {case} | {way} | {wall:.1f} ms | {added:+.1f} ms | {ratio:.2f} | {cpu:+.1f} ms |"


def start(folder: Path) -> tuple[Kernel, Kernel]:
    """A kernel without any tool, and one with the extension, each in a run of its own."""
    plain, kept = Kernel(folder / "plain"), Kernel(folder / "kept")
    for kernel in (plain, kept):
        kernel.run(SETUP)
        kernel.run("run = mlflow.start_run()")
    loads = []
    for _ in range(5):
        loads.append(kept.run("%load_ext mlart_jupyter"))
        kept.run("%unload_ext mlart_jupyter")
    kept.run("%load_ext mlart_jupyter")
    print(f"`%load_ext`: first {loads[0]:.0f} ms, later {statistics.median(loads[1:]):.0f} ms\n")
    return plain, kept


def main(rounds: int = 40) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        plain, kept = start(Path(folder))
        print("| cell | logged by | waits | added | ratio | processor, added |\n|---|---|---|---|---|---|")
        for name, case in CASES.items():
            is_long = rounds >= LONG
            turns = max(3 if is_long else 1, round(rounds * case.share))
            costs = measure(case, plain, kept, turns, is_long=is_long)
            for way in costs:
                print(line(name, way, costs), flush=True)
        for kernel in (plain, kept):
            kernel.stop()
