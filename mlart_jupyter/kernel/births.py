"""Remembers which run was active when a figure was created.

In ``for …: with mlflow.start_run(): plt.figure(); plt.plot(…)`` the inline backend shows the figures
after the last run has ended. Matplotlib (3.7 and later) calls the functions that the rcParam
``figure.hooks`` names for each new pyplot figure. Matplotlib is never imported here.
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

_births: weakref.WeakKeyDictionary[Any, RunRef] = weakref.WeakKeyDictionary()


def born(figure: Any) -> None:
    """Note the run of a new figure; called by matplotlib, so it never raises."""
    try:
        run = tracking.active() or tracking.main_active()
        if run is not None:
            _births[figure] = run
    except Exception:  # matplotlib would raise it into the user's cell
        return


def run_of(figure: Any) -> RunRef | None:
    """The run in which a figure was created."""
    return _births.get(figure)


def arm() -> None:
    """Name our hook in matplotlib's rcParams, if it is loaded; ``rcdefaults`` and styles drop it."""
    hooks = _hooks()
    if hooks is not None and HOOK not in hooks:
        sys.modules["matplotlib"].rcParams["figure.hooks"] = [*hooks, HOOK]


def disarm() -> None:
    """Take our hook out again."""
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
