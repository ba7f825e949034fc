"""What the stress scripts share: the life of a process that keeps and delivers, and the audit afterwards."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.spool import Spool
from mlart_jupyter.store import LocalStore, read_catalogue
from mlart_jupyter.uploads import Courier, Uploader, adopt

RUN = RunRef("r1", "https://mlflow.example", "https://store.example/r1", "1")
PAD = 20_000


class Place:
    """A spool, the folder that stands for the run's store, and the list of what was reported as kept."""

    def __init__(self, folder: Path) -> None:
        self.spool = folder / "spool"
        self.store = folder / "run"
        self.kept = folder / "kept"
        self.kept.touch()

    def text(self, name: str) -> str:
        """What the artifact of a name holds: no two are alike."""
        return name + "\n" + hashlib.sha256(name.encode()).hexdigest() * (PAD // 64)


def keeps(place: Place, name: str, count: int, *, pause: float = 0.0) -> None:
    """Show `count` things, reporting each when its cell would be done, while the uploader delivers.

    Half of them are shown when the first half has arrived: they are written into its files.
    """
    spool = Spool(place.spool)
    uploader = Uploader(spool, lambda run: LocalStore(place.store))
    recorder = Recorder(spool, name, on_put=uploader.came)
    with place.kept.open("a") as report:
        for number in range(count):
            path = f"texts/{name}-{number}.txt"
            shown = Shown(place.text(path), RUN, Cell(f"show({number})", f"c{number}", number), {}, path=path)
            recorder.record(shown, renderer_for(shown.obj))
            report.write(f"{path}\n")
            report.flush()
            time.sleep(pause)
            if number + 1 == count // 2:
                uploader.flush(60)
    uploader.flush(60)
    uploader.close()
    spool.close()


def adopts(place: Place) -> None:
    """Deliver what dead processes left."""
    spool = Spool(place.spool)
    spool.sweep()
    try:
        list(adopt(spool, Courier(spool, lambda run: LocalStore(place.store)), spool.orphans()))
    except StoreUnavailable as error:
        print(error)
    spool.close()


def in_child(life: Callable[[], None]) -> int:
    """Begin a life in a child process; return its id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = 1
    try:
        life()
        code = 0
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for a child; its exit code, or minus the signal that killed it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def audit(place: Place) -> list[str]:
    """Say what is lost, torn or doubled after all has been adopted; an empty list is a clean one."""
    wrong = [f"{found.path} {found.problem}" for found in Spool(place.spool).check()]
    wrong += [f"{name} still waits" for name in Spool(place.spool).waiting()]
    wrong += [f"dead: {reason}" for _, reason in Spool(place.spool).dead()]
    kept = place.kept.read_text().split()
    store = LocalStore(place.store)
    files = {row.path: store.read(row.path).decode() for row in store.list("texts")}
    wrong += [f"{path} is lost" for path in kept if path not in files]
    wrong += [f"{path} is torn" for path, text in files.items() if text != place.text(path)]
    wrong += [f"doubled {n} times" for n in Counter(files.values()).values() if n > 1]
    told = set(read_catalogue(store).entries)
    wrong += [f"{path} is not in the catalogue" for path in set(files) - told]
    wrong += [f"{path} is in the catalogue, but not in the store" for path in told - set(files)]
    return wrong
