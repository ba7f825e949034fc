"""Compares an executed notebook with its run: each figure by its bytes, each frame by its table."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError

FRAME_HTML = 'class="dataframe"'


def verify(notebook: Any, artifacts: Artifacts, folder: Path) -> list[str]:
    """Say what is missing or different; an empty list means that all is there.

    Parameters
    ----------
    notebook
        An executed notebook, as nbformat reads it. Its metadata ``mlart.files`` maps artifacts to the
        local files, relative to `folder`, that its cells logged.
    """
    return [
        problem
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for problem in _output(output, cell.execution_count, artifacts)
    ] + list(_files(notebook, artifacts, folder))


def _output(output: Any, count: int, artifacts: Artifacts) -> Iterator[str]:
    data = output.get("data", {})
    picture, table = data.get("image/png"), data.get("text/html", "")
    if not picture and FRAME_HTML not in table:
        return
    mark = output.get("metadata", {}).get("mlart")
    if not mark:
        yield f"cell [{count}] showed something that was not kept"
        return
    try:
        same = _same_picture(picture, mark, artifacts) if picture else _same_table(table, mark, artifacts)
    except MlartError as error:
        yield f"cell [{count}]: {error}"
        return
    if not same:
        yield f"cell [{count}]: {mark['key']} is not what the cell showed"


def _same_picture(picture: str, mark: Any, artifacts: Artifacts) -> bool:
    return artifacts.read(mark["path"]) == base64.b64decode(picture)


def _same_table(table: str, mark: Any, artifacts: Artifacts) -> bool:
    frame: Any = artifacts.frame(mark["path"])
    html: str = frame._repr_html_()
    return html == table


def _files(notebook: Any, artifacts: Artifacts, folder: Path) -> Iterator[str]:
    for path, local in notebook.metadata.get("mlart", {}).get("files", {}).items():
        try:
            if artifacts.read(path) != (folder / local).read_bytes():
                yield f"{path} differs from {local}"
        except (MlartError, OSError) as error:
            yield str(error)
