"""What else the server does while a notebook is written for a contents manager that is not the file system.

    python -m tests.bench elsewhere [ROUNDS [VALUES]]

A notebook with half a million small values, the worst there is, becomes JSON in a thread; in its event loop a
timer of 2 ms rings, as the parts of a next save would. Prints how late it rings: idle, beside what we do, and
beside the same without rests, in turn.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from mlart_jupyter.server import saves

RING = 0.002


def without_rests(content: Any) -> bytes:
    """What a thread does that never rests."""
    return b"".join(part.encode() for part in json.JSONEncoder().iterencode(content))


def idle(content: Any) -> bytes:
    """Nothing, for a while."""
    time.sleep(1)
    return b""


WAYS: dict[str, Callable[[Any], bytes]] = {
    "nothing": idle,
    "a notebook, with rests": saves._written,
    "a notebook, without rests": without_rests,
}


async def lateness(way: Callable[[Any], bytes], content: Any) -> tuple[list[float], float]:
    """How late the timer rings, in milliseconds, and how many seconds the work takes."""
    begun = time.perf_counter()
    work = asyncio.get_running_loop().run_in_executor(None, way, content)
    late = []
    while not work.done():
        start = time.perf_counter()
        await asyncio.sleep(RING)
        late.append((time.perf_counter() - start - RING) * 1000)
    return late, time.perf_counter() - begun


def main(rounds: int = 5, values: int = 500_000) -> None:
    """Measure, and print the table."""
    content = {
        "cells": [{"outputs": [{"data": {"application/json": [{"x": i, "y": i / 3} for i in range(values // 2)]}}]}]
    }
    late: dict[str, list[float]] = {name: [] for name in WAYS}
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            found, took = asyncio.run(lateness(way, content))
            late[name] += found
            seconds[name].append(took)
    print("| beside the server there is | late, median | 95th percentile | it takes |\n|---|---|---|---|")
    for name, found in late.items():
        percentile = statistics.quantiles(found, n=20)[-1]
        took = statistics.median(seconds[name])
        print(f"| {name} | {statistics.median(found):.1f} ms | {percentile:.1f} ms | {took:.1f} s |")
