"""What waits for delivery in one process, and the run of each item: told by the cell, or read from the item."""

from __future__ import annotations

import time

from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import run_of
from mlart_jupyter.spool import Name, Spool
from mlart_jupyter.uploads.courier import UNREADABLE

CHANGING_SECONDS = 0.5
"""A folder that has changed just now may change once more within the same tick of its file server's clock."""


class Tray:
    """The items of one process that nobody has acknowledged; `tell` may be called from any thread."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._runs: dict[Name, RunRef] = {}
        self._told: dict[Name, RunRef] = {}
        self._changed: float | None = None

    def tell(self, name: Name, run: RunRef) -> None:
        """An item was put for a run."""
        self._told[name] = run

    def run(self, name: Name) -> RunRef | None:
        """The run of an item that was looked at; None for another."""
        return self._runs.get(name)

    @property
    def runs(self) -> list[RunRef]:
        """The run of each item, as it was at the last look."""
        return list(self._runs.values())

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was there at the last look through all, and nothing has come since."""
        return not (self._runs or self._told) and self._changed == self._spool.rooms.changed()

    def new(self) -> list[Name]:
        """What was told since the last look, oldest first."""
        told = sorted(self._told, key=lambda name: name.made)
        self._runs.update((name, self._told.pop(name)) for name in told)
        return told

    def all(self) -> tuple[list[Name], list[Name]]:
        """All that waits, also what others have put in this process's name, oldest first; and what of it is new."""
        changed = self._spool.rooms.changed()
        self._changed = None if time.time() - changed < CHANGING_SECONDS else changed
        names = self._spool.mine()
        left = [*names, *self._spool.claimed()]  # in this order: none that is claimed meanwhile is missed
        known = {name: self._runs[name] for name in left if name in self._runs}
        unseen = [name for name in names if name not in known]
        self._learn(unseen, known)
        return names, unseen

    def _learn(self, unseen: list[Name], known: dict[Name, RunRef]) -> None:
        """Note which runs new items are for, and read it of those that nobody has told."""
        same: dict[RunRef, RunRef] = {run: run for run in known.values()}
        for name in unseen:
            if run := self._told.pop(name, None) or self._read(name):
                known[name] = same.setdefault(run, run)
        for name in [name for name in list(self._told) if name in known]:  # told after it was seen
            del self._told[name]
        self._runs = known

    def _read(self, name: Name) -> RunRef | None:
        """The run of a waiting item; None for a torn one, which is buried."""
        try:
            return run_of(self._spool.header(self._spool.rooms.new / str(name)))
        except UNREADABLE as error:
            if claim := self._spool.claim(name):
                self._spool.bury(claim, f"{type(error).__name__}: {error}")
        except OSError:  # gone, or not readable now: the others go on
            pass
        return None
