"""Names inside a run: slugs, versions, and the guard that keeps a path in its run."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from mlart_jupyter.errors import BadPath

SLUG_LENGTH = 60
"""Longest slug, in characters: with folder, version and suffix a name stays far below 255 bytes."""

CATALOGUE = "mlart"
"""The folder of a run that holds the catalogue; the browser hides it."""

COMPOUND = (".plotly.json", ".vl.json", ".vg.json", ".bokeh.json", ".stats.json")
"""Suffixes whose first part tells a viewer, or a reader, more than the last one alone."""


def slug(text: str) -> str:
    """Turn any text into a generated name, ``[a-z0-9_-]`` only, or ``""``.

    MLflow can log and list names with ``#``, ``?`` or ``%41`` but its client cannot download them.

    >>> slug("Loss per épocha: 3/4")
    'loss-per-epocha-3-4'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_").lower()
    return words[:SLUG_LENGTH].strip("-_")


def versioned(path: str, version: int) -> str:
    """Name of a version: the first one keeps the plain name.

    >>> versioned("figures/loss.png", 2)
    'figures/loss_v2.png'
    """
    return path if version == 1 else _marked(path, f"_v{version}")


def edition(path: str, version: int) -> str:
    """Name of an earlier state of a file whose newest keeps the plain name.

    >>> edition("notebooks/train.ipynb", 1)
    'notebooks/train_v1.ipynb'
    """
    return _marked(path, f"_v{version}")


def told_apart(path: str, sha256: str) -> str:
    """Name of a content whose plain name another session holds.

    >>> told_apart("figures/loss.png", "3fa2c1d8e0")
    'figures/loss-3fa2c1d8.png'
    """
    return _marked(path, f"-{sha256[:8]}")


def suffix_of(path: str) -> str:
    """The suffix of a path's name.

    >>> suffix_of("charts/loss.plotly.json")
    '.plotly.json'
    """
    own = next((suffix for suffix in COMPOUND if path.endswith(suffix)), "")
    return own if own and not path.endswith(f"/{own}") and path != own else PurePosixPath(path).suffix


def _marked(path: str, mark: str) -> str:
    suffix = suffix_of(path)
    return path.removesuffix(suffix) + mark + suffix


def inside(path: str) -> str:
    """Return a run-relative path in its plain form.

    Raises
    ------
    BadPath
        The path is absolute, climbs with ``..``, or hides one of these behind a backslash,
        a drive letter or a NUL.
    """
    text = str(path).strip("/") if not str(path).startswith("/") else str(path)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    plain = "/".join(parts)
    if text.startswith("/") or ".." in parts or re.search(r"[\\\0]|^[A-Za-z]:", plain):
        raise BadPath(f"{path!r} is not a path inside the run", "Give it relative to the run, like figures/loss.png")
    return plain


def join(*parts: str) -> str:
    """Join parts of a path in a run, leaving out the empty ones."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def parent(path: str) -> str:
    """The folder of a path in a run; ``""`` is the run itself."""
    return path.rpartition("/")[0]
