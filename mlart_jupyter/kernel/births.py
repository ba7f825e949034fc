"""Remembers which runs were active when a figure was created and drawn on.

In ``for …: with mlflow.start_run(): plt.figure(); plt.plot(…)`` the inline backend shows the figures
after the last run has ended. Matplotlib (3.7 and later) calls the functions that the rcParam
``figure.hooks`` names for each new pyplot figure, and a figure's ``stale_callback`` whenever something
on it changes. Matplotlib is never imported here.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
import weakref
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from mlart_jupyter.models import RunRef
from mlart_jupyter.store import tracking

HOOK = f"{__name__}:born"
PYPLOT = "matplotlib.pyplot"


class Life:
    """The runs in which one figure was created and drawn on, in their order."""

    def __init__(self) -> None:
        self.runs: list[RunRef] = []
        self._last: str | None = None

    def touched(self, figure: Any, is_stale: bool = True) -> None:
        """Note the active run; called by matplotlib for each change (half a microsecond), so it never raises."""
        try:
            run_id = tracking.active_id()
            if run_id is not None and run_id != self._last and not _is_printed(figure):
                self._last = run_id
                self._note(tracking.active() or tracking.main_active())
        except Exception:  # matplotlib would raise it into the user's cell
            return

    def _note(self, run: RunRef | None) -> None:
        if run is not None and run.run_id not in [known.run_id for known in self.runs]:
            self.runs.append(run)


def _is_printed(figure: Any) -> bool:
    """Whether the change comes from printing, which takes the manager away from the canvas meanwhile."""
    return getattr(figure.canvas, "manager", None) is None


_lives: weakref.WeakKeyDictionary[Any, Life] = weakref.WeakKeyDictionary()


def born(figure: Any) -> None:
    """Begin to note the runs of a new figure; called by matplotlib, so it never raises."""
    try:
        life = _lives[figure] = Life()
        life.touched(figure)
        if figure.stale_callback is None:  # not in a plain Python shell: matplotlib redraws by it there
            figure.stale_callback = life.touched
    except Exception:  # matplotlib would raise it into the user's cell
        return


def runs_of(figure: Any) -> list[RunRef]:
    """The runs in which a figure was created and drawn on, the first one first."""
    life = _lives.get(figure)
    return life.runs if life else []


def arm() -> None:
    """Name our hook in matplotlib's rcParams, if it is loaded; ``rcdefaults`` and styles drop it."""
    hooks = _hooks()
    if hooks is not None and HOOK not in hooks:
        sys.modules["matplotlib"].rcParams["figure.hooks"] = [*hooks, HOOK]


def disarm() -> None:
    """Take our hook out again, of the figures that live on too."""
    for figure, life in list(_lives.items()):
        if figure.stale_callback == life.touched:
            figure.stale_callback = None
    _lives.clear()
    hooks = _hooks()
    if hooks is not None and HOOK in hooks:
        sys.modules["matplotlib"].rcParams["figure.hooks"] = [name for name in hooks if name != HOOK]


def _hooks() -> list[str] | None:
    params = getattr(sys.modules.get("matplotlib"), "rcParams", None)
    return None if params is None else list(params.get("figure.hooks") or [])


class PyplotFinder(importlib.abc.MetaPathFinder):
    """Arms as soon as pyplot is imported: the same cell may create its first figure."""

    def install(self) -> None:
        """Wait for the import; nothing to wait for when it has happened."""
        arm()
        if PYPLOT not in sys.modules and self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Stop waiting."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find pyplot by the other finders, and arm after its module has run."""
        if name != PYPLOT:
            return None
        self.uninstall()
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _ArmingLoader(spec.loader)
        return spec


class _ArmingLoader(importlib.abc.Loader):
    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        arm()
