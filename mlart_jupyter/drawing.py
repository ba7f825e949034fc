"""A chart's page with its script inside: from a specification, or from the page that was kept of it.

The script comes from the Python package that is installed here, else from the run; never from a network.
"""

from __future__ import annotations

import dataclasses
import gzip
from functools import partial
from subprocess import SubprocessError
from typing import BinaryIO, cast

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError, UnknownArtifact, WrongContent
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.preview import Chart, Page, Preview, look
from mlart_jupyter.renderers import page as pages
from mlart_jupyter.renderers.libraries import FOLDER, LIBRARIES, Library
from mlart_jupyter.sizes import readable_size

LARGEST = 8 * 2**20
"""Bytes of a specification, or of a page without its script."""
LARGEST_SCRIPT = 16 * 2**20
"""Bytes of a script that a run has kept."""


def marked(shown: Preview) -> Preview:
    """A preview; if it is the page of a chart it tells that its script is not in it."""
    if isinstance(shown, Page) and pages.script_of(shown.html[: pages.HEAD_BYTES].encode()):
        return dataclasses.replace(shown, drawn=True)
    return shown


def drawn(artifacts: Artifacts, path: str) -> str:
    """The page that draws a chart; everything that it needs is in it.

    Raises
    ------
    WrongContent
        It is no chart, or too large a one.
    MlartError
        What draws it is neither installed nor in the run.
    """
    row = artifacts.info(path)
    _need_small(row.size or 0)
    with artifacts.open(path) as file:
        shown = marked(look(file, row.size or 0, row.name))
        file.seek(0)
        data = _unpacked(file).read(LARGEST + 1)
    _need_small(len(data))
    return _page(artifacts, row, shown, data).decode(errors="replace")


def _need_small(size: int, most: int = LARGEST) -> None:
    if size > most:
        raise WrongContent(f"What is larger than {readable_size(most)} is not drawn here", "Download it")


def _unpacked(file: BinaryIO) -> BinaryIO:
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file


def _page(artifacts: Artifacts, row: ArtifactInfo, shown: Preview, data: bytes) -> bytes:
    if isinstance(shown, Chart):
        code = _script(artifacts, LIBRARIES[shown.library], shown.version)
        return pages.alone(shown.library, data.removeprefix(b"\xef\xbb\xbf"), code)
    if isinstance(shown, Page) and shown.drawn:
        return pages.inline(data, partial(_read, artifacts))
    raise WrongContent(f"{row.name} is no chart", "Reload the page")


def _script(artifacts: Artifacts, library: Library, version: str) -> bytes:
    """The library's script: the installed one, else what the run has for its own charts."""
    try:
        return library.find(version)[1]()
    except (OSError, ImportError, SubprocessError):
        return _of_run(artifacts, library)


def _of_run(artifacts: Artifacts, library: Library) -> bytes:
    try:
        rows = artifacts.list(FOLDER)
    except UnknownArtifact:
        rows = []
    for row in rows:
        if row.name.startswith(library.script):
            return _read(artifacts, row.path)
    raise MlartError(
        f"What draws this chart, {library.package}, is not installed here",
        f"Install it with `pip install {library.package}` where Jupyter runs (for a panel: where its kernel runs) "
        "and start that again",
    )


def _read(artifacts: Artifacts, script: str) -> bytes:
    _need_small(artifacts.info(script).size or 0, LARGEST_SCRIPT)
    return artifacts.read(script)
