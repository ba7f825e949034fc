"""Which run a shown thing belongs to; decided when it is shown, never later."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Any

from mlart_jupyter.kernel import births
from mlart_jupyter.models import RunRef
from mlart_jupyter.renderers import figure, kind_of
from mlart_jupyter.services import Services
from mlart_jupyter.store import tracking


class RunChoice:
    """The rules, with what they need to remember.

    - A figure, at its first showing: the run that was active when it was created, else the first that
      drew on it. Shown again as it was, it stays there; with other bytes it goes to the run active then.
    - Everything else: the run active when it is shown; in a thread without one the main thread's;
      else the run that ended in this same cell.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shown: weakref.WeakKeyDictionary[Any, tuple[str | int, RunRef]] = weakref.WeakKeyDictionary()
        self._ended_before: str | None = None
        self._active_before: RunRef | None = None

    def begin_cell(self) -> None:
        """Note which run is active, and which one ended last before this cell: MLflow never forgets it."""
        self._ended_before = tracking.last_id()
        self._active_before = tracking.active()
        if self._active_before:
            self._services.pin(self._active_before)

    def has_ended_one(self) -> bool:
        """Whether a run has ended since the cell began."""
        now = tracking.active()
        before, last = self._active_before, tracking.last_id()
        gone = before is not None and (now is None or now.run_id != before.run_id)
        return gone or (last is not self._ended_before and (now is None or now.run_id != last))

    def of(self, obj: Any, bundle: Mapping[str, Any]) -> RunRef | None:
        """The run of a thing that is shown now; None when there is none."""
        is_picture = kind_of(obj) == "figures"  # a frame's columns are attributes too
        run = self._of_picture(obj, bundle) if is_picture else self.current()
        return self._services.remember(run) if run else None

    def note(self, obj: Any, run: RunRef) -> str:
        """Names the other runs that drew on a figure; ``""`` when there are none."""
        if kind_of(obj) != "figures":
            return ""
        others = [other for other in births.runs_of(figure.figure_of(obj)) if other.run_id != run.run_id]
        return f"drawn on in {', '.join(other.name or other.run_id for other in others)} too" if others else ""

    def _of_picture(self, obj: Any, bundle: Mapping[str, Any]) -> RunRef | None:
        subject, look = figure.subject_of(obj), figure.look(bundle)
        before = self._shown.get(subject)
        if before and before[0] == look:
            return before[1]
        first = None if before else next(iter(births.runs_of(figure.figure_of(obj))), None)
        run = first or self.current()
        if run:
            self._shown[subject] = look, run
        return run

    def current(self) -> RunRef | None:
        """The run that is active here and now, or ended in this cell."""
        run = tracking.active()
        if run is None and threading.current_thread() is not threading.main_thread():
            run = tracking.main_active()
        return run or self._ended_here() or self._services.given

    def _ended_here(self) -> RunRef | None:
        last = tracking.last_id()
        if last is None or last is self._ended_before:
            return None
        return self._services.known(last) or RunRef(last, tracking.tracking_uri())
