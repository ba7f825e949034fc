"""What a cell pays: with the extension, without any tool, and logging by hand, in turn.

    python -m tests.bench cells [ROUNDS]

Two real ipykernels run the same cells interleaved, one with the extension loaded, one without it; the second
also logs by hand, as MLflow's documentation shows it. After some rounds they change places, for two kernels
differ by more than a figure costs: what is added is told within each, and is the mean of the two. Prints a
Markdown table: the time that a front end waits for the cell (median), what is added to it (of medians), and
the processor time of the whole kernel that is added, deliveries in the background included (of means).
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
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
    "series by month and interval": Case("sums = by_bin + {i}; sums", {}),
    "Styler 100 × 8": Case("styled = (table + {i}).style.highlight_max(); styled", {}),
    "100 figures": Case(BURST, {}, share=0.15),
}
SETUP = """
import warnings; warnings.filterwarnings("ignore")
import matplotlib.pyplot as plt, numpy as np, pandas as pd, mlflow
values = np.random.default_rng(0).standard_normal(200)
rows = np.random.default_rng(0).standard_normal((10_000, 10))
def make(i):
    return pd.DataFrame(rows + i, columns=list("abcdefghij"))
sales = pd.DataFrame(rows[:, :1], columns=["v"], index=pd.period_range("2024", periods=10_000, freq="h"))
by_bin = sales["v"].groupby([sales.index.asfreq("M"), pd.cut(sales["v"], 5)], observed=False).sum()
table = pd.DataFrame(rows[:100, :8], columns=list("abcdefgh"))
large = pd.DataFrame(np.zeros((10_000_000, 4)), columns=list("abcd"))
"""
LONG = 10
"""Rounds from which on the figures count."""
TURN = 3
"""Rounds after which the kernels change places."""
SETTLE = 0.15
"""Seconds between cells: the worker delivers then, as between a user's cells."""


@dataclass(frozen=True)
class Cost:
    """Of one cell in one of the kernels: milliseconds that the front end waited, and of processor time."""

    kernel: int
    wall: float
    cpu: float


class Kernel:
    """A kernel, and the time its cells take."""

    def __init__(self, number: int, folder: Path) -> None:
        self._number = number
        folder.mkdir(exist_ok=True)
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
        return Cost(self._number, wall, self.cpu() - before)

    def cpu(self) -> float:
        """Milliseconds that the kernel's threads have run, to the nanosecond (the clock of `ps` ticks in tens)."""
        return sum(int((task / "schedstat").read_text().split()[0]) for task in self.tasks.iterdir()) / 1e6

    def stop(self) -> None:
        """Shut down."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


Costs = dict[str, list[Cost]]


def measure(case: Case, kernels: tuple[Kernel, Kernel], rounds: int, *, is_long: bool) -> Costs:
    """Costs by way; after each change of places a first round fills caches and does not count.

    The short form shows that it works; its figures count for nothing, so it has no such rounds.
    """
    costs: Costs = {}
    turn = min(TURN, max(1, rounds // 2)) if is_long else 1
    for begun in range(0, rounds, turn):
        kept, plain = kernels if (begun // turn) % 2 else kernels[::-1]
        plain.run("%unload_ext mlart_jupyter")
        kept.run("%load_ext mlart_jupyter")
        if is_long:
            _round(case, kept, plain, rounds + begun)
        for number in range(begun, min(begun + turn, rounds)):
            for way, cost in _round(case, kept, plain, number).items():
                costs.setdefault(way, []).append(cost)
    return costs


def _round(case: Case, kept: Kernel, plain: Kernel, number: int) -> dict[str, Cost]:
    """The cell, once in every way, in an order of its own: a cell also pays for what the one before it left."""
    ways = {"nothing": (plain, case.shown), "this extension": (kept, case.shown)}
    ways |= {name: (plain, code) for name, code in case.by_hand.items()}
    settle = SETTLE if case.share == 1 else 1.5
    order = random.Random(number).sample(list(ways), len(ways))
    costs = {name: ways[name][0].cost(ways[name][1].replace("{i}", str(number)), settle) for name in order}
    return {name: costs[name] for name in ways}


def line(case: str, way: str, costs: Costs) -> str:
    """One row of the table."""
    base, own = costs["nothing"], costs[way]
    wall = statistics.median(cost.wall for cost in own)
    ratio = wall / statistics.median(cost.wall for cost in base)
    waited = added(base, own, lambda costs: statistics.median(cost.wall for cost in costs))
    cpu = added(base, own, lambda costs: statistics.fmean(cost.cpu for cost in costs))
    return f"| {case} | {way} | {wall:.1f} ms | {waited:+.1f} ms | {ratio:.2f} | {cpu:+.1f} ms |"


def added(base: list[Cost], own: list[Cost], typical: Callable[[list[Cost]], float]) -> float:
    """What a way adds within each of the kernels that went both; the mean of them."""
    differences = []
    for kernel in {cost.kernel for cost in base} & {cost.kernel for cost in own}:
        before, after = ([cost for cost in costs if cost.kernel == kernel] for costs in (base, own))
        differences.append(typical(after) - typical(before))
    return statistics.fmean(differences)


def start(folder: Path) -> tuple[Kernel, Kernel]:
    """Two kernels, each in a run of its own, without the extension."""
    kernels = Kernel(0, folder / "one"), Kernel(1, folder / "two")
    loads = []
    for kernel in kernels:
        kernel.run(SETUP)
        kernel.run("run = mlflow.start_run()")
        for _ in range(4):
            loads.append(kernel.run("%load_ext mlart_jupyter"))
            kernel.run("%unload_ext mlart_jupyter")
    first, later = loads[::4], loads[1:4] + loads[5:]
    print(f"`%load_ext`: first {statistics.fmean(first):.0f} ms, later {statistics.median(later):.0f} ms\n")
    return kernels


def main(rounds: int = 40) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        kernels = start(Path(folder))
        print("| cell | logged by | waits | added | ratio | processor, added |\n|---|---|---|---|---|---|")
        for name, case in CASES.items():
            is_long = rounds >= LONG
            turns = max(4 if is_long else 2, round(rounds * case.share))
            costs = measure(case, kernels, turns, is_long=is_long)
            for way in costs:
                print(line(name, way, costs), flush=True)
        for kernel in kernels:
            kernel.stop()
