"""Displays that a cell redraws in place (``update_display``, ``clear_output``): the first and the last state are kept.

A place on the screen is a display id, or the number of a thing since its output was cleared. What comes
to a place first is kept at once, as every shown thing is. What follows there is held in memory until the
next replaces it; what is held when the cell is done is kept then.
"""

from __future__ import annotations

import secrets
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mlart_jupyter.models import Receipt
from mlart_jupyter.recorder import Held, Recorder, Shown
from mlart_jupyter.renderers import Limits
from mlart_jupyter.renderers.base import Renderer

HELD = "live: its last state is kept when the cell is done"
AGAIN = "live: in the place of the state before"
QUIET_SECONDS = 2.0
"""Where no cell runs (a widget's callback, a thread), what is held is kept after so long."""

Place = tuple[str, ...]


@dataclass(slots=True)
class Slot:
    """What one place has shown: the key of its first state, and the last state, held."""

    key: str
    item: str = ""
    held: Held | None = None


class Live:
    """The places of the running cell.

    Parameters
    ----------
    settle
        Called to keep what waits where no cell runs, from a thread of its own; must be total.
    """

    def __init__(self, recorder: Callable[[], Recorder], settle: Callable[[], None]) -> None:
        self._recorder = recorder
        self._settle = settle
        self._slots: dict[tuple[Place, int], Slot] = {}
        self._next: defaultdict[Place, int] = defaultdict(int)
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._in_cell = True

    def begin(self) -> None:
        """A cell begins: forget the places of the one before, but for what waits there."""
        with self._lock:
            self._slots = {place: slot for place, slot in self._slots.items() if slot.held}
            self._next.clear()
            self._in_cell = True

    def end(self) -> None:
        """The cell is done."""
        self._in_cell = False

    def cleared(self) -> None:
        """Begin again in the output that was cleared."""
        output = _output()
        with self._lock:
            for place in [place for place in self._next if place[-1] == output]:
                del self._next[place]

    def keep(self, shown: Shown, kind: str, renderer: Renderer, limits: Limits, display_id: str | None) -> Receipt:
        """Keep what comes to its place first, hold what replaces it there.

        Returns
        -------
        Receipt
            Of what is held with the reason `HELD`, then `AGAIN`, and one ``mark["item"]`` for each place.
        """
        place = self._place(shown, kind, display_id)
        slot = self._slots.get(place)
        if slot is not None and (receipt := self._hold(slot, shown, renderer, limits)):
            return receipt
        receipt = self._recorder().record(shown, renderer, limits)
        if slot is not None and slot.held and receipt.kept:  # there was no room to hold this one
            self.done(slot, slot.held)
        elif slot is None and receipt.mark:
            self._slots[place] = Slot(receipt.mark["key"])
        return receipt

    def _place(self, shown: Shown, kind: str, display_id: str | None) -> tuple[Place, int]:
        if display_id:
            return (shown.run.run_id, kind, "id", display_id), 0
        place = shown.run.run_id, kind, "", _output()
        with self._lock:
            self._next[place] += 1
            return place, self._next[place]

    def _hold(self, slot: Slot, shown: Shown, renderer: Renderer, limits: Limits) -> Receipt | None:
        """Hold a state in the place of the one before; None when it must be kept at once."""
        item = slot.item or secrets.token_hex(8)
        named = replace(shown, hint="", place=slot.key)
        held = self._recorder().hold(named, renderer, limits, item)
        if held is None:
            return None
        with self._lock:
            before, slot.held, slot.item = slot.held, held, item
        if before is not None:
            self._recorder().drop(before)
        self._watch()
        return Receipt(kept=True, reason=AGAIN if before else HELD, mark=held.mark, what=held.key)

    def _watch(self) -> None:
        with self._lock:
            if not self._in_cell and self._timer is None:
                self._timer = threading.Timer(QUIET_SECONDS, self._settle)
                self._timer.daemon = True
                self._timer.start()

    @property
    def holds(self) -> bool:
        """Whether something waits; asked at each cell's begin and end, without the lock."""
        return any(slot.held for slot in list(self._slots.values()))

    def waiting(self) -> list[tuple[Slot, Held]]:
        """All that is held; what has been kept is told by `done`."""
        with self._lock:
            self._timer = None
            return [(slot, slot.held) for slot in self._slots.values() if slot.held]

    def done(self, slot: Slot, held: Held) -> None:
        """Let go of a state that is kept, or cannot be."""
        with self._lock:
            if slot.held is not held:
                return
            slot.held, slot.item = None, ""
        self._recorder().drop(held)


def _output() -> str:
    """Id of the ``ipywidgets.Output`` that takes the output now; ``""`` for the cell's own."""
    module: Any = sys.modules.get("ipywidgets.widgets.widget_output")
    if module is None:
        return ""
    widgets = getattr(sys.modules.get("ipywidgets.widgets.widget"), "_instances", {})
    entered = [w.model_id for w in list(widgets.values()) if isinstance(w, module.Output) and w.msg_id]
    return str(entered[-1]) if entered else ""
