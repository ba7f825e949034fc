"""Names inside a run: slugs, versions, and the guard that keeps a path in its run."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote

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


def file_name(name: str) -> str:
    """A file's own name, without what MLflow's client cannot download again.

    >>> file_name("Übung #3 (50%).ipynb")
    'Übung -3 (50-).ipynb'
    """
    return re.sub(r"[#?%\\:*<>|\"\x00-\x1f]", "-", unicodedata.normalize("NFC", name))


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

    Whatever a server, a file system or a browser may make of it, it stays in the run: a path is also
    refused when one of its decoded or folded forms leaves the run.

    Raises
    ------
    BadPath
        The path is absolute, climbs with ``..``, or hides one of these behind a backslash, a drive
        letter, a control character, percent signs (also twice) or characters that fold to dots.
    """
    return _inside(str(path))


@lru_cache(maxsize=2**12)
def _inside(path: str) -> str:
    """Remembered: a delivery asks again and again."""
    text = path.strip("/") if not path.startswith("/") else path
    plain = "/".join(part for part in text.split("/") if part not in ("", "."))
    if text.startswith("/") or "\\" in plain or any(map(_leaves, _readings(plain))):
        raise BadPath(f"{path!r} is not a path inside the run", "Give it relative to the run, like figures/loss.png")
    return plain


def deletable(path: str) -> str:
    """Return the plain form of a path that may be deleted.

    Raises
    ------
    BadPath
        It leaves the run, or is the run itself or its catalogue, in any of the forms that a server or a
        file system may read it as.
    """
    plain = inside(path)
    for form in _readings(plain):
        parts = [part for part in map(str.strip, re.split(r"[/\\]", form)) if part not in ("", ".")]
        if not parts or parts[0].casefold() == CATALOGUE:
            raise BadPath(f"{plain or 'The run itself'} is not deleted here", "Name a file or folder of the run")
    return plain


def _readings(text: str) -> set[str]:
    """All that a path may be read as: decoded again and again, and folded as file systems do."""
    found = {text}
    while (decoded := unquote(text)) != text:
        found.add(text := decoded)
    return found | {unicodedata.normalize("NFKC", form) for form in found}


def _leaves(text: str) -> bool:
    parts = re.split(r"[/\\]", text.strip())
    return ".." in (part.strip() for part in parts) or bool(re.search(r"[\x00-\x1f\x7f]|^[A-Za-z]:|^[/\\]", text))


def join(*parts: str) -> str:
    """Join parts of a path in a run, leaving out the empty ones."""
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def parent(path: str) -> str:
    """The folder of a path in a run; ``""`` is the run itself."""
    return path.rpartition("/")[0]


def above(path: str) -> list[str]:
    """The folders that a path lies in, the outermost first.

    >>> above("a/b/c.txt")
    ['a', 'a/b']
    """
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
