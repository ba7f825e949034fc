"""Eight processes put, claim, deliver and die at random over one spool: every item is delivered exactly once.

python tests/stress/crowd.py [ITEMS]
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from lives import ended, in_child

from mlart_jupyter.spool import Claim, Name, Spool

PROCESSES = 8
ROUND = 40


def works(folder: Path, name: str, count: int, lifetime: float) -> None:
    """Put items, deliver own ones and those of the dead; die on the way, if the dice say so."""
    dice = random.Random(name)
    die_at = time.monotonic() + lifetime
    spool = Spool(folder / "spool")
    with (folder / f"put-{name}").open("a") as report:
        for number in range(count):
            made = spool.put(f"{name}-{number}".encode(), b"x" * dice.randrange(2000))
            report.write(f"{made}\n")
            report.flush()
            if dice.random() < 0.3:
                _deliver(spool, folder, spool.mine()[:4], die_at)
    _deliver(spool, folder, spool.mine(), die_at)
    for found, path in spool.orphans():
        claim = spool.claim(found, path)
        if claim:
            _arrive(spool, folder, claim, die_at)
    spool.close()


def _deliver(spool: Spool, folder: Path, names: list[Name], die_at: float) -> None:
    for name in names:
        claim = spool.claim(name)
        if claim:
            _arrive(spool, folder, claim, die_at)


def _arrive(spool: Spool, folder: Path, claim: Claim, die_at: float) -> None:
    """The store here is a folder: writing the same name again is one artifact, as for a real one."""
    header, _ = spool.peek(claim.path, claim.name)
    target = folder / "store" / header.decode()
    if target.exists():
        with (folder / "repeated").open("a") as report:
            report.write(f"{header.decode()}\n")
    target.write_bytes(header)
    if time.monotonic() > die_at:
        os.kill(os.getpid(), signal.SIGKILL)  # after the effect, before the acknowledgement: the worst moment
    spool.ack(claim)
    if header.decode().endswith("7"):
        spool.sweep()


def main() -> int:
    """Let them work until enough items were put, then deliver the rest and count."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    deaths = put = lives = 0
    dice = random.Random(3)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        (folder / "store").mkdir()
        (folder / "repeated").touch()
        while put < wanted:
            names = [f"{lives + n}" for n in range(PROCESSES)]
            lives += PROCESSES
            spans = [dice.choice([0.05, 0.2, 1.0, 1e9]) for _ in names]
            shifts = [lambda n=n, s=s: works(folder, n, ROUND, s) for n, s in zip(names, spans, strict=True)]
            children = [in_child(shift) for shift in shifts]
            deaths += sum(ended(child) < 0 for child in children)
            put = sum(len(path.read_text().split()) for path in folder.glob("put-*"))
        while Spool(folder / "spool").waiting():
            ended(in_child(lambda: works(folder, "last", 0, 1e9)))
        names_put = {int(n.partition("-")[0]) for p in folder.glob("put-*") for n in p.read_text().split()}
        arrived = Counter(path.read_text() for path in (folder / "store").iterdir())
        repeated = (folder / "repeated").read_text().split()
        unclean = Spool(folder / "spool").check()
        missing = put - len(arrived)
        print(f"{put} items of {lives} processes, {deaths} of them killed between delivery and acknowledgement")
        twice = sum(number > 1 for number in arrived.values())
        print(f"delivered {len(arrived)} · missing {missing} · in the store twice {twice}")
        print(f"repeated after a kill {len(repeated)} (at most one for each) · findings of check() {len(unclean)}")
        good = missing <= 0 and len(names_put) == put and len(repeated) <= deaths and not unclean
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
