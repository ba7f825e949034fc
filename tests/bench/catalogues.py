"""What a run with many artifacts of ours costs whoever browses it: its catalogue is read, and told of in each row.

    python -m tests.bench catalogues [ENTRIES]

Each entry has a cell, a notebook, a time and a digest; the segments hold 500 each, as a long session leaves them. For a
part of the folder asked for first, again, and as a whole: seconds, the longest time for which an event loop beside it
stood still, and the memory that was added. Prints Markdown.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.store import LocalStore, segment

RUN = RunRef("0123456789abcdef0123456789abcdef", "sqlite:////nowhere.db")
SEGMENT = 500
SOURCES = 300
TICK = 0.005


def main(entries: int = 100_000) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        store = _made(Path(folder), entries)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.jsonl"))
        print(
            f"| {entries:,} entries, {size / 1e6:.0f} MB | s | loop stood still, ms | memory, MB |\n|---|---|---|---|"
        )
        artifacts = Artifacts(RUN, store)
        asyncio.run(_row("first part of the folder", lambda: artifacts.part("many", None, 1000)))
        asyncio.run(_row("the same again", lambda: artifacts.part("many", None, 1000)))
        asyncio.run(_row("the whole folder", lambda: artifacts.page("many")))


def _made(folder: Path, entries: int) -> LocalStore:
    (folder / "many").mkdir()
    for number in range(entries):
        (folder / "many" / f"{number:06}.txt").touch()
    store = LocalStore(folder)
    for begin in range(0, entries, SEGMENT):
        rows = [_entry(number) for number in range(begin, min(entries, begin + SEGMENT))]
        store.put(*segment(rows, {f"h{begin % SOURCES}": "plt.plot(loss)\n" * 5}))
    return store


def _entry(number: int) -> Entry:
    path, cell = f"many/{number:06}", number % SOURCES
    where = (f"cell-{cell}", cell, f"h{cell}", "/home/ada/notebooks/train.ipynb")
    item, digest = f"{number:016x}", f"{number:064x}"
    return Entry(
        item, f"{path}.txt", "file", "text/plain", path, 1, "s", RUN.run_id, 1.7e9 + number, *where, sha256=digest
    )


async def _row(name: str, work: Callable[[], object]) -> None:
    stood, before = [0.0], psutil.Process().memory_info().rss
    ticking = asyncio.create_task(_tick(stood))
    begun = time.perf_counter()
    await asyncio.get_running_loop().run_in_executor(None, work)
    took = time.perf_counter() - begun
    ticking.cancel()
    added = psutil.Process().memory_info().rss - before
    print(f"| {name} | {took:.2f} | {1000 * max(stood):.0f} | {added / 1e6:+.0f} |")


async def _tick(stood: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TICK)
        stood.append(time.perf_counter() - begun - TICK)
