"""The notebooks of a run, back again: brought beside the current one, and compared."""

from __future__ import annotations

import importlib.util
import io
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from mlart_jupyter.errors import MlartError, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import slug
from mlart_jupyter.snapshots import FOLDER

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts


def newest(artifacts: Artifacts) -> ArtifactInfo:
    """The newest state of a run's notebook.

    Raises
    ------
    UnknownArtifact
        The run has no notebook, or several.
    """
    rows = artifacts.list(FOLDER) if any(row.path == FOLDER for row in artifacts.list()) else []
    books = sorted((row for row in rows if row.path.endswith(".ipynb")), key=_time)
    if not books:
        raise UnknownArtifact("The run has no notebook", "A notebook is kept when it is saved after the run has begun")
    if len({row.entry.notebook for row in books if row.entry}) > 1:
        names = ", ".join(row.path for row in books)
        raise UnknownArtifact("The run has several notebooks", f"Name one of them: {names}")
    return books[-1]


def _time(row: ArtifactInfo) -> float:
    return row.entry.time if row.entry else row.time or 0.0


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
    row = artifacts.info(path) if path else newest(artifacts)
    data = artifacts.read(row.path)
    came_from = Path(row.entry.notebook).parent if row.entry and row.entry.notebook else Path()
    target = folder or (came_from if came_from.is_absolute() and came_from.is_dir() else Path.cwd())
    stem = f"{Path(row.path).stem}-{slug(artifacts.run.name or '') or artifacts.run.run_id[:8]}"
    try:
        return _write_new(target, stem, data)
    except OSError as error:
        raise MlartError(f"{target} cannot be written ({error.strerror})", "Give another folder with --to") from error


def _write_new(folder: Path, stem: str, data: bytes) -> Path:
    """Write under a name that nothing has."""
    for number in count(1):
        path = folder / (f"{stem}.ipynb" if number == 1 else f"{stem}-{number}.ipynb")
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return path
    raise AssertionError("there is always another number")


def difference(before: bytes, after: bytes, names: tuple[str, str]) -> str:
    """What changed from one notebook to another, cell by cell, by the sources only; ``""`` when nothing did.

    Raises
    ------
    MlartError
        nbdime is not installed, or one of them is no notebook.
    """
    if importlib.util.find_spec("nbdime") is None:
        raise MlartError("nbdime is not installed", "Install it with `pip install 'mlart-jupyter[diff]'`")
    import nbformat
    from nbdime.diffing.notebooks import diff_notebooks, set_notebook_diff_targets
    from nbdime.prettyprint import PrettyPrintConfig, pretty_print_notebook_diff

    try:
        books = [nbformat.reads(data.decode(), as_version=4) for data in (before, after)]
    except (ValueError, AttributeError, KeyError) as error:
        raise MlartError(f"One of them is no notebook ({error})", "Name a notebook of the run") from error
    set_notebook_diff_targets(
        sources=True, outputs=False, attachments=False, metadata=False, identifier=False, details=False
    )
    try:
        changes = diff_notebooks(*books)
    finally:
        set_notebook_diff_targets()
    out = io.StringIO()
    if changes:
        config = PrettyPrintConfig(out=out, use_color=False, use_git=False, use_diff=False)
        pretty_print_notebook_diff(*names, books[0], changes, config)
    return out.getvalue()


def changes_between(before: Artifacts, after: Artifacts | Path) -> str:
    """What changed from a run's notebook to another run's, or to a file."""
    row = newest(before)
    if isinstance(after, Path):
        data, name = after.read_bytes(), after.name
    else:
        other = newest(after)
        data, name = after.read(other.path), f"{after.run.name or after.run.run_id[:8]}/{other.path}"
    own = f"{before.run.name or before.run.run_id[:8]}/{row.path}"
    return difference(before.read(row.path), data, (own, name)) or f"{own} and {name} have the same sources\n"
