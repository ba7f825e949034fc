"""What a cell pays: the same cell with the extension on and off, interleaved, in one real ipykernel.

    python tests/bench/cells.py [ROUNDS]

Prints a Markdown table: medians in milliseconds of the time a front end waits for the cell.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import KernelManager

FIGURE = "plt.plot(values); plt.title('Loss {i}'); plt.show()"
CASES = {
    "figure": FIGURE,
    "frame 10,000 × 10": "frame = make({i}); frame",
    "large frame 10⁷ × 4": "large.iloc[0, 0] = {i}; large",
}
SETUP = """
import warnings; warnings.filterwarnings("ignore")
import matplotlib.pyplot as plt, numpy as np, pandas as pd, io, mlflow
values = np.random.default_rng(0).standard_normal(200)
rows = np.random.default_rng(0).standard_normal((10_000, 10))
def make(i):
    return pd.DataFrame(rows + i, columns=list("abcdefghij"))
large = pd.DataFrame(np.zeros((10_000_000, 4)), columns=list("abcd"))
"""


class Kernel:
    """A kernel, and the time its cells take."""

    def __init__(self, folder: Path) -> None:
        env = {**os.environ, "MLART_DATA": str(folder / "data"), "MLFLOW_DISABLE_TELEMETRY": "true"}
        self.manager = KernelManager()
        self.manager.start_kernel(env=env, cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> float:
        """Milliseconds from the request to the idle message."""
        start = time.perf_counter()
        wanted = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=300)
            if message["parent_header"].get("msg_id") != wanted:
                continue
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return (time.perf_counter() - start) * 1000

    def stop(self) -> None:
        """Shut down."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def compare(kernel: Kernel, case: str, rounds: int) -> tuple[list[float], list[float]]:
    """Run a case with and without capture, in turn."""
    without: list[float] = []
    with_it: list[float] = []
    for i in range(rounds + 3):
        for magic, times in (("off", without), ("on", with_it)):
            kernel.run(f"%mlart {magic}")
            took = kernel.run(CASES[case].replace("{i}", str(i)))
            if i >= 3:  # the first ones fill caches
                times.append(took)
            time.sleep(0.15)  # the worker delivers between the cells, as between a user's
    return without, with_it


def main() -> None:
    """Measure, and print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(Path(folder))
        loads = []
        for _ in range(7):
            loads.append(kernel.run("%load_ext mlart_jupyter"))
            kernel.run("%unload_ext mlart_jupyter")
        kernel.run("%load_ext mlart_jupyter\n%mlart start bench")
        kernel.run(SETUP)
        print(f"`%load_ext`: first {loads[0]:.0f} ms, later {statistics.median(loads[1:]):.0f} ms\n")
        print("| cell | without | with | added, median | ratio |\n|---|---|---|---|---|")
        for case in CASES:
            without, with_it = compare(kernel, case, rounds if "large" not in case else max(5, rounds // 4))
            a, b = statistics.median(without), statistics.median(with_it)
            added = statistics.median(y - x for x, y in zip(without, with_it, strict=True))
            print(f"| {case} | {a:.1f} ms | {b:.1f} ms | {added:+.1f} ms | {b / a:.2f} |", flush=True)
        kernel.stop()


if __name__ == "__main__":
    main()
