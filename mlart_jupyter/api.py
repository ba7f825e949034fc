"""What a user calls from Python: `log` and `artifacts`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from mlart_jupyter import environment
from mlart_jupyter.errors import NoRun, NotRenderable, UnknownFile
from mlart_jupyter.models import Receipt, RunRef
from mlart_jupyter.paths import join, slug, suffix_of
from mlart_jupyter.progress import Bar, progress, watched
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import Limits, file, pickled, renderer_for
from mlart_jupyter.renderers.base import Renderer
from mlart_jupyter.services import current
from mlart_jupyter.store import logged, tracking

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts

ALL = Limits(inline=sys.maxsize, budget=sys.maxsize, columns=sys.maxsize, slow_cells=sys.maxsize)
"""What is given by hand is kept whole, and before the call returns."""


def log(obj: Any, path: str | None = None, *, run: str | None = None) -> tuple[str, ...]:
    """Keep an object, a file or a folder in a run.

    It is on disk when this returns and is delivered in the background.

    Parameters
    ----------
    obj
        A figure, chart, frame or series; a dictionary, list, set or dataclass (JSON, or YAML where
        `path` ends so); text, bytes, an array; a model (a LoggedModel where MLflow has a flavour for
        it), or the `pathlib.Path` of a file or folder; any other object is pickled by joblib. A string
        that names an existing file, without `path`, is that file; any other string is text.
    path
        Where in the run. Default: a folder by kind and a name of its own.
    run
        Id or name of a run. Default: the active one.

    Returns
    -------
    tuple of str
        The artifacts' paths in the run. Another session that holds the same name with other content
        makes the delivery add eight digits of the content's hash to it.

    Raises
    ------
    NoRun, UnknownRun, UnknownFile, NotRenderable, SpoolUnavailable
    """
    target = current().find(run) if run else active_run()
    if isinstance(obj, str) and path is None and _is_path(obj):
        obj = Path(obj)
    is_path = isinstance(obj, Path)
    receipts = log_path(obj, target, path) if is_path else [log_object(obj, target, path=path)]
    return tuple(name for receipt in receipts for name in receipt.paths)


def artifacts(run: str | None = None) -> Artifacts:
    """Open a run's artifacts, to list, read and download.

    Parameters
    ----------
    run
        Id, name or ``runs:/`` URI. Default: the active run, else the last one.

    Raises
    ------
    NoRun, UnknownRun, StoreUnavailable
    """
    return current().artifacts(run)


def active_run() -> RunRef:
    """The run that things given by hand go to.

    Raises
    ------
    NoRun
        None is active in this thread or the main one.
    """
    ref = tracking.active() or tracking.main_active() or current().given
    if ref is None:
        raise NoRun
    return current().remember(ref)


def log_object(obj: Any, run: RunRef, *, path: str | None = None, folder: str | None = None, hint: str = "") -> Receipt:
    """Keep one object in a run; parameters as in `recorder.Shown`.

    A model that MLflow has a flavour for becomes a LoggedModel, before this returns. What no renderer
    knows is pickled by joblib.
    """
    services = current()
    if logged.flavour_of(obj) and not (path and PurePosixPath(path).suffix):
        return _log_model(obj, run, PurePosixPath(path).name if path else hint)
    shown = Shown(obj, services.remember(run), services.cell, {}, hint, folder, path)
    return services.recorder.record(shown, _renderer(obj, suffix_of(path or "")), ALL)


def _renderer(obj: Any, suffix: str) -> Renderer:
    try:
        return renderer_for(obj, suffix)
    except NotRenderable:
        return pickled.render


def _log_model(obj: Any, run: RunRef, name: str) -> Receipt:
    model = logged.log_model(obj, run, slug(name) or slug(type(obj).__name__))
    return Receipt(kept=True, reason=f"MLflow model {model.uri}", paths=(model.path,))


def log_path(source: Path, run: RunRef, to: str | None = None, *, into: str | None = None) -> Iterator[Receipt]:
    """Keep a local file, or each file of a folder, in a run.

    Parameters
    ----------
    to
        The path of the file or folder in the run. Default: its own name under `into`.
    into
        A folder of the run; ``None`` is ``files``.

    Raises
    ------
    UnknownFile
        There is nothing under that name.
    """
    root = to if to is not None else join("files" if into is None else into, source.absolute().name)
    if source.is_dir():
        paths = sorted(p for p in source.rglob("*") if p.is_file())
        for path in progress(paths, source.name):
            yield _log_file(path, run, join(root, path.relative_to(source).as_posix()))
    elif source.is_file():
        yield _log_file(source, run, root)
    else:
        raise UnknownFile(f"There is no file {source}", "Check the name; %pwd tells the current folder")


def log_environment(run: RunRef, folder: Path | None = None) -> Iterator[Receipt]:
    """Keep what the kernel has imported, its interpreter, and the state of the repository around a folder."""
    found = environment.describe(folder)
    yield log_object(found.text, run, path="environment/requirements.txt")
    if found.repository and found.repository.diff:
        yield log_object(found.repository.diff, run, path="environment/git.diff")


def _log_file(path: Path, run: RunRef, to: str) -> Receipt:
    services = current()
    shown = Shown(path, services.remember(run), services.cell, {}, path=to)
    with Bar(path.stat().st_size if path.exists() else 0, path.name) as bar, watched(bar.to):
        return services.recorder.record(shown, file.render, ALL)


def _is_path(text: str) -> bool:
    try:
        return 0 < len(text) < 4096 and "\n" not in text and Path(text).exists()
    except (OSError, ValueError):
        return False
