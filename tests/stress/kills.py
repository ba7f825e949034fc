"""`kill -9` of a process that keeps and delivers: at random moments, and at every step of the protocol.

    python tests/stress/kills.py [KILLS]

Prints what was kept, lost, torn and doubled; exit code 1 when anything was.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lives import Place, adopts, audit, ended, in_child, keeps

from mlart_jupyter.spool import Spool

STEPS = (
    *((os, name) for name in ("rename", "replace", "unlink", "mkdir", "write", "fsync", "truncate")),
    *((Path, name) for name in ("write_text", "write_bytes")),
)
"""What moves, writes or removes a file; the methods of `Path` come to those of `os`, but for these two."""


def random_kills(folder: Path, kills: int) -> tuple[int, list[str]]:
    """Kill at random moments; half of the processes deliver what the killed ones left, and are killed too."""
    place, dice, wrong, done = Place(folder), random.Random(7), [], 0
    for number in range(kills):
        life = (lambda: adopts(place)) if number % 2 else (lambda n=number: keeps(place, f"k{n}", 60, pause=0.001))
        child = in_child(life)
        time.sleep(dice.uniform(0.002, 0.12))  # such a life takes about so long
        os.kill(child, signal.SIGKILL)
        done += ended(child) == -signal.SIGKILL
        wrong += [f"after kill {number}: {found.path} {found.problem}" for found in Spool(place.spool).check()]
    ended(in_child(lambda: adopts(place)))
    kept = len(place.kept.read_text().split())
    print(f"{done} of {kills} killed at random moments; {kept} artifacts were reported as kept")
    return done, wrong + audit(place)


def step_kills(folder: Path, every: int) -> tuple[int, list[str]]:
    """Kill before and after each call that moves, writes or removes a file, one process for each."""
    wrong: list[str] = []
    steps, done = 0, 0
    while True:
        steps += every
        place = Place(_made(folder / str(steps)))
        code = ended(in_child(lambda p=place, s=steps: (_die_at(s), keeps(p, "k", 4))))
        wrong += [f"killed at step {steps}: {found.path} {found.problem}" for found in Spool(place.spool).check()]
        ended(in_child(lambda p=place: adopts(p)))
        wrong += [f"killed at step {steps}: {words}" for words in audit(place)]
        if code != -signal.SIGKILL:
            break
        done += 1
    print(f"{done} killed between steps of the protocol, of {steps} steps")
    return done, wrong


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _die_at(step: int) -> None:
    """From now on, die at the given step; each call counts as two, before it and after it."""
    left = [step]

    def counted() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            counted()
            result = original(*args, **more)
            counted()
            return result

        return call

    for place, name in STEPS:
        setattr(place, name, wrapped(getattr(place, name)))


def main() -> int:
    """Kill, adopt, audit."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        one, wrong = random_kills(_made(Path(folder) / "random"), kills)
        two, more = step_kills(_made(Path(folder) / "steps"), 1 if kills >= 100 else 4)
    wrong += more
    print("\n".join(wrong[:20]))
    print(f"kills {one + two} · lost, torn, doubled or unclean: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
