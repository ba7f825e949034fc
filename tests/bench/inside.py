"""What a figure costs the processor, seen from inside one kernel.

    python -m tests.bench inside [ROUNDS]

Two kernels differ by more than a figure costs. So one kernel runs the cell as it is, the same cell with
``#mlart: off``, and that one with `mlflow.log_figure`, in an order drawn by lot. Prints a Markdown table of
medians: what the hooks took in the cell, what our threads ran beside it beyond what they run beside a cell that
keeps nothing, and what `log_figure` adds to the whole kernel.
"""

from __future__ import annotations

import ast
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.cells import CASES, LONG, SETUP, Kernel

OWN = "mlart-"
"""Begins the names of our threads."""
SETTLE = 1.3
"""Seconds after each cell: the worker's and the watch's next look are in it."""
WARM = 5
"""Rounds that fill caches, before the long form."""
ANSWERS = """
import pathlib, threading
from mlart_jupyter.kernel.extension import _loaded
def answer(path):
    journal = next(iter(_loaded.values())).journal
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    paid = [page.paid for page in journal.last(1)]
    pathlib.Path(path).write_text(repr((names, paid)))
"""


@dataclass
class Way:
    """What one way of running the cell took: milliseconds of the whole kernel and of our threads, for each."""

    code: str
    whole: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)


def threads(kernel: Kernel) -> dict[int, float]:
    """Milliseconds that each thread of the kernel has run."""
    return {int(task.name): int((task / "schedstat").read_text().split()[0]) / 1e6 for task in kernel.tasks.iterdir()}


def measure(kernel: Kernel, way: Way, number: int, note: Path) -> None:
    """Run the cell once, and tell what all have run until the next."""
    before = threads(kernel)
    kernel.run(way.code.replace("{i}", str(number)))
    time.sleep(SETTLE)
    ran = {thread: after - before.get(thread, 0.0) for thread, after in threads(kernel).items()}
    kernel.run(f"answer({str(note)!r})")
    names, paid = ast.literal_eval(note.read_text())
    way.whole.append(sum(ran.values()))
    way.own.append(sum(took for thread, took in ran.items() if names.get(thread, "").startswith(OWN)))
    way.paid += paid


def compare(folder: Path, rounds: int) -> list[Way]:
    """The cell as it is, without being kept, and logged by hand."""
    first = -WARM if rounds >= LONG else 0
    case = CASES["figure"]
    off = "#mlart: off\n"
    ways = [Way(case.shown), Way(off + case.shown), Way(off + case.by_hand["`mlflow.log_figure`"])]
    kernel = Kernel(0, folder / "kernel")
    for cell in (SETUP, "run = mlflow.start_run()", "%load_ext mlart_jupyter", ANSWERS):
        kernel.run(cell)
    for number in range(first, rounds):
        for way in random.sample(ways, len(ways)):
            measure(kernel, way, number, folder / "answer")
    kernel.stop()
    return ways


def main(rounds: int = 40) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        kept, off, by_hand = compare(Path(folder), rounds)
    whole, own, idle = (typical(values) for values in (off.whole, kept.own, off.own))
    hooks, log_figure = typical(kept.paid), typical(by_hand.whole) - whole
    print("| one figure | processor |\n|---|---|")
    print(f"| the cell, kept by nobody | {whole:.1f} ms |")
    print(f"| the hooks in it | {hooks:.2f} ms |")
    print(f"| our threads, beside a cell that keeps nothing {idle:.2f} ms | {own:.2f} ms |")
    print(f"| `mlflow.log_figure` adds | {log_figure:.1f} ms |")
    print(f"\nHooks and deliveries take {(hooks + own - idle) / log_figure:.1%} of what `log_figure` adds.")


def typical(values: list[float]) -> float:
    """The median, without the rounds that fill caches."""
    return statistics.median(values[WARM:] if len(values) >= LONG + WARM else values)
