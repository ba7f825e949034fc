"""The bytes of an artifact as values: JSON, frames, pictures, arrays. Never by unpickling."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from mlart_jupyter.errors import WrongContent
from mlart_jupyter.models import Entry
from mlart_jupyter.renderers.reading import read

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import PIL.Image

Value = TypeVar("Value")
SEPARATORS = {".csv": ",", ".tsv": "\t"}


def json_value(data: bytes, path: str) -> Any:
    """Read JSON."""
    return _read(lambda: json.loads(data), path, "JSON")


def frame(data: bytes, path: str) -> pd.DataFrame | pd.Series[Any] | Any:
    """Read a frame: Parquet, or text with separators where the name says so."""
    separator = SEPARATORS.get(PurePosixPath(path).suffix.lower())
    if separator is None:
        return _read(lambda: read(data), path, "a Parquet frame")
    import pandas as pd

    return _read(lambda: pd.read_csv(io.BytesIO(data), sep=separator), path, "a table of text")


def image(data: bytes, path: str) -> PIL.Image.Image:
    """Read a picture, decoded."""
    import PIL.Image

    def opened() -> PIL.Image.Image:
        picture = PIL.Image.open(io.BytesIO(data))
        picture.load()
        return picture

    return _read(opened, path, "a picture")


def array(data: bytes, path: str) -> np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]:
    """Read an array, or several by their names."""
    import numpy as np

    def opened() -> Any:
        found = np.load(io.BytesIO(data), allow_pickle=False)
        return found if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}

    found: np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]
    found = _read(opened, path, "an array without Python objects")
    return found


def _read(read: Callable[[], Value], path: str, form: str) -> Value:
    try:
        return read()
    except Exception as error:  # each form's library raises errors of its own
        words = str(error).partition("\n")[0][:200]
        raise WrongContent(f"{path} cannot be read as {form} ({words})", "Read its bytes with .read()") from error


def check(entry: Entry, file: Path) -> None:
    """Compare a local copy with what the catalogue tells of it.

    Raises
    ------
    WrongContent
        They differ.
    """
    if not entry.sha256 or not file.is_file():
        return
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != entry.sha256:
        raise WrongContent(
            f"{entry.path} is not what was logged: its SHA-256 is not the catalogue's",
            "Something else has written it, or it is damaged; verify=False takes it as it is",
        )
