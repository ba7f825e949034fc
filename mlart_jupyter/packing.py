"""What of a run is packed into one zip: a folder, or files and folders in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import BinaryIO

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import BadPath
from mlart_jupyter.paths import inside, join
from mlart_jupyter.zips import Part


def wanted(folder: str, only: str) -> list[str]:
    """The paths that a zip holds.

    Raises
    ------
    BadPath
        They are no list of paths, or one is not in the folder.
    """
    if not only:
        return [folder]
    try:
        paths = [inside(str(path)) for path in json.loads(only)]
    except (ValueError, TypeError):
        raise BadPath("The request names no list of paths", "Reload the page") from None
    if not all(path.startswith(f"{folder}/" if folder else "") for path in paths):
        raise BadPath("A path is not in the folder that is packed", "Reload the page")
    return paths


def parts(artifacts: Artifacts, folder: str, path: str) -> Iterator[Part]:
    """A file, or all files below a folder, by their names below the folder that is packed."""
    name = path[len(folder) + 1 if folder else 0 :]
    if path and not artifacts.info(path).is_dir:
        yield name, _alone(artifacts, path)
    else:
        yield from ((join(name, below), opened) for below, opened in artifacts.complete(path))


@contextlib.contextmanager
def _alone(artifacts: Artifacts, path: str) -> Iterator[BinaryIO]:
    with artifacts.opened(path) as (_, file):
        yield file
