"""A bounded look into an artifact, as JSON: its preview, and the picture that a browser does not draw by itself."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from dataclasses import asdict

from mlart_jupyter import drawing
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError, WrongContent
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.preview import SIBLINGS, Unknown, as_png, look
from mlart_jupyter.shapes import Json

SIBLING_BYTES = 64 * 1024
LARGEST_COPY = 64 * 2**20
"""Bytes of a remote file that are fetched for a look, where the storage has no parts."""


def preview(artifacts: Artifacts, path: str, at: int = 0) -> Json:
    """What a file seems to hold, from its head or from `at`, the ``more`` of the page before."""
    row = artifacts.info(path)
    if _is_too_far(artifacts, row):
        return asdict(Unknown("This file is too large to be fetched for a look; download it.", row.size or 0))
    with artifacts.open(path) as file:
        siblings = _siblings(artifacts, path) if row.name == "MLmodel" else {}
        return asdict(drawing.marked(look(file, row.size or 0, row.name, at, siblings)))


def picture(artifacts: Artifacts, path: str) -> Json:
    """A picture as PNG in base64.

    Raises
    ------
    WrongContent
        It is broken, or too large.
    """
    if _is_too_far(artifacts, artifacts.info(path)):
        raise WrongContent("This picture is too large to be fetched for a look", "Download it")
    with artifacts.open(path) as file:
        made = as_png(file)
    return {"png": b64encode(made.png).decode(), "facts": [asdict(fact) for fact in made.facts]}


def _is_too_far(artifacts: Artifacts, row: ArtifactInfo) -> bool:
    return not artifacts.is_near and (row.size or 0) > LARGEST_COPY


def _siblings(artifacts: Artifacts, path: str) -> dict[str, bytes]:
    """The small files that a model's preview also tells of."""
    found = {}
    for name in SIBLINGS:
        with contextlib.suppress(MlartError), artifacts.open(f"{path.rpartition('/')[0]}/{name}".lstrip("/")) as file:
            found[name] = file.read(SIBLING_BYTES)
    return found
