"""Which run a shown thing belongs to; decided when it is shown, never later."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from typing import Any

from mlart_jupyter.kernel import births
from mlart_jupyter.models import RunRef
from mlart_jupyter.renderers import kind_of
from mlart_jupyter.services import Services
from mlart_jupyter.store import tracking


class RunChoice:
    """The rules, with what they need to remember.

    - A figure, at its first showing: the run that was active when it was created. Shown again as it
      was, it stays there; with other bytes it goes to the run active then.
    - Everything else: the run active when it is shown; in a thread without one the main thread's;
      else the run that ended in this same cell.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._shown: weakref.WeakKeyDictionary[Any, tuple[int, RunRef]] = weakref.WeakKeyDictionary()
        self._ended_before: str | None = None
        self._active_before: RunRef | None = None

    def begin_cell(self) -> None:
        """Note which run ended last before this cell: MLflow never forgets it."""
        self._ended_before = tracking.last_id()
        self._active_before = tracking.active()

    def has_ended_one(self) -> bool:
        """Whether a run has ended since the cell began."""
        now = tracking.active()
        before, last = self._active_before, tracking.last_id()
        gone = before is not None and (now is None or now.run_id != before.run_id)
        return gone or (last != self._ended_before and (now is None or now.run_id != last))

    def of(self, obj: Any, bundle: Mapping[str, Any]) -> RunRef | None:
        """The run of a thing that is shown now; None when there is none."""
        is_picture = kind_of(obj) == "figures"  # a frame's columns are attributes too
        figure = (obj if hasattr(obj, "savefig") else obj.figure) if is_picture else None
        run = self.current() if figure is None else self._of_figure(figure, bundle)
        return self._services.remember(run) if run else None

    def _of_figure(self, figure: Any, bundle: Mapping[str, Any]) -> RunRef | None:
        look = hash(tuple(hash(data) for kind, data in bundle.items() if isinstance(data, (str, bytes))))
        before = self._shown.get(figure)
        if before and before[0] == look:
            return before[1]
        run = self.current() if before else births.run_of(figure) or self.current()
        if run:
            self._shown[figure] = look, run
        return run

    def current(self) -> RunRef | None:
        """The run that is active here and now, or ended in this cell."""
        run = tracking.active()
        if run is None and threading.current_thread() is not threading.main_thread():
            run = tracking.main_active()
        return run or self._ended_here() or self._services.given

    def _ended_here(self) -> RunRef | None:
        last = tracking.last_id()
        if last is None or last == self._ended_before:
            return None
        return self._services.known(last) or RunRef(last, tracking.tracking_uri())
