"""What a cell pays for its outputs being remembered (`%mlart restore`): the same cell with and without, in turn.

    python -m tests.bench remembering [ROUNDS]

One real ipykernel with the extension, in which no run is active, so that nothing else is done with what is
shown; each round runs every cell once with `Mlart.restore_bytes` as it is and once with 0, in another order
each time. Prints a Markdown table: the kernel's processor time, which a busy machine changes less than the time
a front end waits (medians), the ratio of the two, and the median of the differences within a round. IPython
remembers printed text itself from version 9 on, in both.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from mlart_jupyter.spool import tell_listening
from tests.bench.cells import Kernel

SETUP = """
%load_ext mlart_jupyter
import base64, os
from IPython.display import display
from mlart_jupyter.services import current
picture = base64.b64encode(os.urandom(300_000)).decode()
usual = current().config.restore_bytes
"""
CASES = {
    "nothing": "pass",
    "a picture of 300 kB": "display({'image/png': picture}, raw=True)",
    "100 small results": "for _ in range(100): display({'text/plain': 'text', 'text/html': '<b>text</b>'}, raw=True)",
    "1,000 printed lines": "for _ in range(1000): print('a line of a log, about so long as they are')",
}
SETTLE = 0.02
"""Seconds after a cell: what it has left in threads is its own."""
SWITCH = {True: "current().config.restore_bytes = usual", False: "current().config.restore_bytes = 0"}


def main(rounds: int = 100) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "kernel"
        tell_listening(place / "data" / "spool")  # else a whole session is remembered, for nobody writes it down
        kernel = Kernel(0, place)
        try:
            kernel.run(SETUP)
            print("| a cell that shows | not remembered | remembered | ratio | difference |\n|---|---|---|---|---|")
            for name, code in CASES.items():
                print(_row(name, *_costs(kernel, code, rounds)), flush=True)
        finally:
            kernel.stop()


def _costs(kernel: Kernel, code: str, rounds: int) -> tuple[list[float], list[float]]:
    found: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds):
        for remembered in (number % 2 == 0, number % 2 == 1):
            kernel.run(SWITCH[remembered])
            found[remembered].append(kernel.cost(code, SETTLE).cpu)
    return found[False], found[True]


def _row(name: str, without: list[float], remembered: list[float]) -> str:
    plain, kept = statistics.median(without), statistics.median(remembered)
    more = statistics.median(b - a for a, b in zip(without, remembered, strict=True))
    return f"| {name} | {plain:.2f} ms | {kept:.2f} ms | {kept / plain:.3f} | {more * 1000:+.0f} µs |"
