"""The notebooks of a run, back again: brought beside the current one, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlart_jupyter.changes import Change, changed_cells, difference
from mlart_jupyter.errors import MlartError, UnknownArtifact, UnknownFile
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import slug
from mlart_jupyter.snapshots import FOLDER

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts

SUFFIX = ".ipynb"


def newest(artifacts: Artifacts, like: str = "") -> ArtifactInfo:
    """The newest state of a run's notebook.

    Parameters
    ----------
    like
        Of several notebooks the one of this file name.

    Raises
    ------
    UnknownArtifact
        The run has no notebook, or several.
    """
    rows = artifacts.list(FOLDER) if any(row.path == FOLDER for row in artifacts.list()) else []
    books = sorted((row for row in rows if row.path.endswith(SUFFIX)), key=_time)
    if not books:
        raise UnknownArtifact("The run has no notebook", "A notebook is kept when it is saved after the run has begun")
    books = [row for row in books if like and row.entry and Path(row.entry.notebook or "").name == like] or books
    if len({row.entry.notebook for row in books if row.entry}) > 1:
        names = ", ".join(artifacts.uri(row.path) for row in books)
        raise UnknownArtifact("The run has several notebooks", f"Name one of them: {names}")
    return books[-1]


def _time(row: ArtifactInfo) -> float:
    return row.entry.time if row.entry else row.time or 0.0


def kept_notebook(artifacts: Artifacts, path: str | None = None, like: str = "") -> ArtifactInfo:
    """The notebook that a user names: by its path in the run, in a URI, or not at all (see `newest`).

    Raises
    ------
    UnknownArtifact
        There is none, or what is named is no notebook.
    """
    wanted = path or artifacts.at
    if not wanted:
        return newest(artifacts, like)
    row = artifacts.info(wanted)
    if row.is_dir or not row.path.endswith(SUFFIX):
        raise UnknownArtifact(f"{row.path} is no notebook", f"Name one of those that `ls {FOLDER}` lists")
    return row


def checkout(artifacts: Artifacts, path: str | None = None, folder: Path | None = None) -> Path:
    """Bring a run's notebook back beside the current one; return the new file.

    Parameters
    ----------
    path
        In the run; by default the newest state of its only notebook.
    folder
        Where it goes; by default where it was saved, if that is here, else the current folder.

    Raises
    ------
    UnknownArtifact, StoreUnavailable, MlartError
    """
    row = kept_notebook(artifacts, path)
    data = artifacts.read(row.path)
    came_from = Path(row.entry.notebook).parent if row.entry and row.entry.notebook else Path()
    target = folder or (came_from if came_from.is_absolute() and came_from.is_dir() else Path.cwd())
    try:
        return _write_new(target, copy_stem(artifacts, row), data)
    except OSError as error:
        raise MlartError(f"{target} cannot be written ({error.strerror})", "Give another folder with --to") from error


def copy_stem(artifacts: Artifacts, row: ArtifactInfo) -> str:
    """What a notebook that is brought back is called, without its suffix: it tells the run."""
    return f"{Path(row.path).stem}-{slug(artifacts.run.name or '') or artifacts.run.run_id[:8]}"


def copy_names(stem: str) -> Iterator[str]:
    """The names that a copy may have, without end: ``a.ipynb``, ``a-2.ipynb`` and so on."""
    yield f"{stem}{SUFFIX}"
    yield from (f"{stem}-{number}{SUFFIX}" for number in count(2))


def _write_new(folder: Path, stem: str, data: bytes) -> Path:
    """Write under a name that nothing has."""
    for name in copy_names(stem):
        path = folder / name
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return path
    raise AssertionError("there is always another name")


@dataclass(frozen=True, slots=True)
class Book:
    """A notebook that is compared: how it is called, the name of the file that it was saved as, and its bytes."""

    title: str
    name: str
    data: bytes


def book_of(thing: Artifacts | Path, like: str = "") -> Book:
    """Read a notebook: a file, or a run's (see `kept_notebook`).

    Raises
    ------
    UnknownArtifact, UnknownFile
    """
    if isinstance(thing, Path):
        try:
            return Book(thing.name, thing.name, thing.read_bytes())
        except OSError as error:
            raise UnknownFile(f"{thing} cannot be read ({error.strerror})", "Name a notebook on disk") from error
    row = kept_notebook(thing, like=like)
    name = Path((row.entry and row.entry.notebook) or row.path).name
    return Book(f"{thing.run.name or thing.run.run_id[:8]}/{row.path}", name, thing.read(row.path))


def changes_to(artifacts: Artifacts, path: str, cells: Sequence[dict[str, Any]]) -> list[Change]:
    """What changed from a run's notebook to these cells (``cell_type`` and ``source``).

    Raises
    ------
    UnknownArtifact, MlartError
        See `kept_notebook` and `changed_cells`.
    """
    row = kept_notebook(artifacts, path)
    return changed_cells(artifacts.read(row.path), cells, row.path)


def changes_between(before: Artifacts, after: Artifacts | Path) -> str:
    """What changed from a run's notebook to another run's, or to a file; of several the one of the same name.

    Raises
    ------
    MlartError
        See `difference` and `book_of`.
    """
    new = book_of(after)
    old = book_of(before, new.name)
    titles = old.title, new.title
    return difference(old.data, new.data, titles) or f"{old.title} and {new.title} have the same sources\n"
