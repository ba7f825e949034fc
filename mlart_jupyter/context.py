"""What a run is told of its notebook: MLflow's source tags, and our own.

MLflow loads this module with itself, in every training job: it imports nothing but the standard
library, and nothing in it may raise.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NAME, TYPE, COMMIT = "mlflow.source.name", "mlflow.source.type", "mlflow.source.git.commit"
NOTEBOOK, SESSION = "mlart.notebook", "mlart.session"


@dataclass(frozen=True, slots=True)
class Place:
    """A notebook and this kernel's time with it.

    Attributes
    ----------
    path
        Absolute, or as the host names it.
    session
        As in the catalogue; ``""`` where the extension is not loaded.
    """

    path: str
    session: str = ""

    @property
    def name(self) -> str:
        """The path relative to the Jupyter server's root, as its file browser shows it; else the file's name."""
        root = _server_root(os.environ.get("JPY_PARENT_PID", ""))
        path = Path(self.path)
        return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else path.name

    def tags(self) -> dict[str, str]:
        """The tags of a run of this notebook."""
        from mlart_jupyter.environment import commit_of

        commit = commit_of(Path(self.path).parent, seconds=2.0)
        tags = {NAME: self.name, TYPE: "NOTEBOOK", COMMIT: commit, NOTEBOOK: self.name, SESSION: self.session}
        return {name: value for name, value in tags.items() if value}


_place: Place | None = None


def tell(place: Place | None) -> None:
    """Tell this process which notebook it runs; None forgets it."""
    global _place  # noqa: PLW0603  one per process
    _place = place


def place() -> Place | None:
    """The notebook that this process runs; None in a script, also in one that a notebook has started."""
    if _place is not None:
        return _place
    app: Any = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    path = os.environ.get("MLART_NOTEBOOK") or os.environ.get("JPY_SESSION_NAME")
    return Place(path) if path and app is not None and app.initialized() else None


@cache
def _server_root(pid: str) -> str:
    """The root folder of the Jupyter server of this process id, from what it says of itself."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir

        return str(json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json").read_text())["root_dir"])
    except Exception:  # this is a guest in every start of a run
        return ""


class NotebookContext:
    """MLflow's run-context provider: asked at each fluent start of a new run."""

    def in_context(self) -> bool:
        """Whether this process runs a notebook."""
        try:
            return place() is not None
        except Exception:  # what is raised here would break the user's `start_run`
            return False

    def tags(self) -> dict[str, str]:
        """The tags of a new run."""
        try:
            found = place()
            return found.tags() if found else {}
        except Exception:  # as above
            return {}


def corrections(tags: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """The tags that a run lacks or that tell an old name of the notebook.

    A run that a script has begun keeps its source; what MLflow guesses in a kernel is replaced.
    """
    source = tags.get(NAME, "")
    guessed = not source or source == tags.get(NOTEBOOK) or "ipykernel" in source
    guessed = guessed or Path(source).name == Path(wanted.get(NAME, "")).name
    kept = () if guessed else (NAME, TYPE, COMMIT)
    return {name: value for name, value in wanted.items() if name not in kept and tags.get(name) != value}
