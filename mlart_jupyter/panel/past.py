"""What the panel does with a run's notebook: it comes back beside this kernel's own, or is compared with that."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.changes import parsed
from mlart_jupyter.errors import UnknownFile
from mlart_jupyter.history import book_of, changes_to, checkout

Json = dict[str, Any]


def bring_back(artifacts: Artifacts, path: str, notebook: str | None) -> Json:
    """Write it under a name that nothing has; the answer is its path as the kernel's folder sees it.

    Parameters
    ----------
    notebook
        This kernel's; without one the copy goes into the kernel's folder.

    Raises
    ------
    UnknownArtifact, StoreUnavailable, MlartError
    """
    beside = Path(notebook).parent if notebook else Path()
    where = checkout(artifacts, path, (beside if beside.is_dir() else Path()).absolute())
    return {"path": os.path.relpath(where)}


def changes_since(artifacts: Artifacts, path: str, notebook: str | None) -> Json:
    """What changed from it to this kernel's notebook, as that was saved.

    Raises
    ------
    UnknownFile
        This kernel's notebook is not known, or cannot be read.
    MlartError
        See `changes_to`.
    """
    if not notebook:
        raise UnknownFile("The file of this notebook is not known", "Tell it with %mlart notebook PATH")
    book = book_of(Path(notebook))
    changes = changes_to(artifacts, path, parsed(book.data, book.name).cells)
    return {"name": book.name, "changes": [asdict(change) for change in changes]}
