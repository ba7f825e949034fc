"""What a spool meets on disks and in processes: each once, one clear message, nothing lost that was kept.

    python tests/stress/disks.py

A full disk (a small tmpfs, where root may mount one), a folder that may not be written, odd paths, a clock
that is set back by a day, a fork in the middle, an interrupt at every step.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lives import ended, in_child

from mlart_jupyter.errors import SpoolUnavailable
from mlart_jupyter.spool import Name, Spool

NOBODY = 65534


def content(spool: Spool) -> set[bytes]:
    """The headers of all that waits."""
    return {spool.header(spool.find(name)) for name in spool.waiting()}


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of 1 MiB, where one can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def full(folder: Path) -> str:
    """Fill a disk, make room, go on."""
    with small_disk(folder / "disk") as mounted:
        if not mounted:
            return "skipped: no tmpfs can be mounted here"
        spool, kept, said = Spool(folder / "disk" / "spool", budget=2**40), set(), set()
        for number in range(40):
            try:
                spool.put(b"%d" % number, b"x" * 50_000)
                kept.add(b"%d" % number)
            except SpoolUnavailable as error:
                said.add(str(error))
        assert len(said) == 1, said
        assert "No space left on device" in said.pop()
        assert content(spool) == kept
        assert spool.check() == []
        for name in spool.mine()[:3]:
            claim = spool.claim(name)
            assert claim
            spool.ack(claim)
        spool.put(b"again", b"x" * 50_000)
        return f"{len(kept)} kept, {40 - len(kept)} refused with one message, none torn; goes on when there is room"


def forbidden(folder: Path) -> str:
    """A folder that belongs to somebody else."""
    if os.geteuid() != 0:
        return "skipped: only root can give up its rights"
    (folder / "theirs").mkdir(mode=0o755)

    def life() -> None:
        os.setuid(NOBODY)
        with pytest.raises(SpoolUnavailable, match=r"Permission denied.*MLART_DATA"):
            Spool(folder / "theirs" / "spool").put(b"header")

    folder.chmod(0o755)
    assert ended(in_child(life)) == 0
    return "told in one sentence with the next step"


def odd_paths(folder: Path) -> str:
    """Spaces, letters of other scripts, quotes, a percent sign, a name that is not UTF-8."""
    names = ["with space", "größe 雪", 'it\'s "quoted"', "100%41#?x", os.fsdecode(b"latin-\xe9")]
    for name in names:
        spool = Spool(folder / name)
        made = spool.put(b"header", b"payload")
        assert Spool(folder / name).waiting() == [made]
        claim = spool.claim(made)
        assert claim
        spool.ack(claim)
    return f"{len(names)} kinds of names"


def clock(folder: Path) -> str:
    """The clock goes back by a day while items wait."""
    spool = Spool(folder / "spool")
    made = [spool.put(b"before")]
    true, true_ns = time.time, time.time_ns
    time.time, time.time_ns = lambda: true() - 86400, lambda: true_ns() - 86400 * 10**9
    try:
        made.append(spool.put(b"after"))
        assert Spool(folder / "spool").orphans() == []  # we still live
        spool.heartbeat()
        assert spool.sweep() == 0
        assert spool.mine() == made
    finally:
        time.time, time.time_ns = true, true_ns
    return "order and owner are kept"


def fork(folder: Path) -> str:
    """Parent and child put at once."""
    spool = Spool(folder / "spool")
    spool.put(b"before")

    def life() -> None:
        for number in range(50):
            spool.put(b"child %d" % number)

    child = in_child(life)
    for number in range(50):
        spool.put(b"parent %d" % number)
    assert ended(child) == 0
    assert len(content(spool)) == 101
    assert len(spool.mine()) == 101  # delivered by the parent
    return "101 of 101 items of both"


def interrupts(folder: Path) -> str:
    """KeyboardInterrupt before and after every step of a put, a claim and an acknowledgement."""
    step = 0
    while True:
        step += 1
        spool = Spool(folder / str(step))
        reported: list[Name] = []
        try:
            with _interrupted(step):
                reported.append(spool.put(b"one", b"x" * 1000))
                claim = spool.claim(reported[0])
                if claim:
                    spool.release(claim)
            return f"{step - 1} steps, nothing lost that was reported, nothing torn"
        except KeyboardInterrupt:
            assert set(reported) <= set(spool.waiting()), step
            assert spool.check() == [], step
            spool.put(b"two")
            assert b"two" in content(spool)


@contextmanager
def _interrupted(step: int) -> Iterator[None]:
    left = [step]

    def counted() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    def wrapped(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            counted()
            result = original(*args, **more)
            counted()
            return result

        return call

    places = [*((os, name) for name in ("rename", "replace", "mkdir", "chmod", "write")), (Path, "write_text")]
    before = [(place, name, getattr(place, name)) for place, name in places]
    for place, name, original in before:
        setattr(place, name, wrapped(original))
    try:
        yield
    finally:
        for place, name, original in before:
            setattr(place, name, original)


def main() -> int:
    """Go through all."""
    for trial in (full, forbidden, odd_paths, clock, fork, interrupts):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{trial.__name__}: {trial(Path(folder))}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
