"""Everything that reads a run: the magics, the shell and the Python interface see it through this."""

from __future__ import annotations

import builtins
import dataclasses
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlart_jupyter import reading
from mlart_jupyter.errors import UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Entry, RunRef
from mlart_jupyter.paths import CATALOGUE, deletable, inside, join, parent
from mlart_jupyter.progress import PATIENCE
from mlart_jupyter.renderers import page as pages
from mlart_jupyter.sizes import readable_size
from mlart_jupyter.store import Catalogue, Page, Store, gone, read_catalogue
from mlart_jupyter.store.base import PAGE
from mlart_jupyter.waiting import check

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import PIL.Image

LARGEST_PAGE = 64 * 2**20
"""A larger page is no chart of ours that could do with its script; bytes."""


class Artifacts:
    """The artifacts of one run.

    Iterating gives every file's path. ``repr`` in a notebook is the tree.

    Attributes
    ----------
    at
        The path that a URI named behind its run; what reads a file or downloads takes it where no path is given.
    """

    def __init__(self, run: RunRef, store: Store, at: str = "") -> None:
        self.run = run
        self.at = at
        self._store = store

    @cached_property
    def catalogue(self) -> Catalogue:
        """What the run's catalogue tells, read once; `refresh` adds what came since."""
        return read_catalogue(self._store)

    def refresh(self) -> Artifacts:
        """Read the segments of the catalogue that have come since; those read never change."""
        read_catalogue(self._store, self.catalogue)
        return self

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """List one folder: folders first, then by name.

        Raises
        ------
        UnknownArtifact
            There is no such folder.
        BadPath
            The path leaves the run.
        """
        folder = inside(path)
        rows = [self._told(row) for row in self._store.list(folder) if row.path != CATALOGUE]
        if not rows and folder and not self._is_folder(folder):
            raise _unknown(path)
        return rows

    def _is_folder(self, path: str) -> bool:
        row = self._store.info(path)
        return row is not None and row.is_dir

    def _told(self, row: ArtifactInfo) -> ArtifactInfo:
        return dataclasses.replace(row, entry=self.catalogue.entries.get(row.path))

    def info(self, path: str) -> ArtifactInfo:
        """Tell of one file or folder.

        Raises
        ------
        UnknownArtifact
            There is none.
        """
        row = self._store.info(inside(path))
        if row is None:
            raise _unknown(path)
        return self._told(row)

    def walk(self, path: str = "") -> Iterator[ArtifactInfo]:
        """All files below a folder, in the order of a tree."""
        for row in self.list(path):
            check()
            yield row
            if row.is_dir:
                yield from self.walk(row.path)

    def __iter__(self) -> Iterator[str]:
        return (row.path for row in self.walk() if not row.is_dir)

    @property
    def is_near(self) -> bool:
        """Whether a look into a file costs no more than what is looked at: not all of it is fetched."""
        return self._store.ranged

    def page(self, path: str = "") -> builtins.list[ArtifactInfo]:
        """List one folder with what the catalogue tells by now; an unknown folder is empty."""
        self.refresh()
        rows = [row for row in self._store.list(inside(path)) if row.path != CATALOGUE]
        for at, row in enumerate(rows):  # in their places: twice as many would stop the garbage collector for longer
            rows[at] = self._told(row)
        return rows

    def part(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """A part of a folder, read from the store without the rest where the storage can; the cursor asks for the next.

        Parts come in the storage's order of names; in each, folders stand first.
        """
        if cursor is None:
            self.refresh()
        page = self._store.page(inside(path), cursor, limit)
        return Page(tuple(self._told(row) for row in page.rows if row.path != CATALOGUE), page.cursor)

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file for reading."""
        return self._store.open(inside(path))

    def read(self, path: str | None = None) -> bytes:
        """Read a file whole."""
        return self._store.read(self._named(path))

    def text(self, path: str | None = None) -> str:
        """Read a file as UTF-8 text."""
        return self.read(path).decode()

    def json(self, path: str | None = None) -> Any:
        """Read a JSON file.

        Raises
        ------
        WrongContent
            It is none.
        """
        return reading.json_value(self.read(path), self._named(path))

    def frame(self, path: str | None = None) -> pd.DataFrame | pd.Series[Any] | Any:
        """Read a stored frame or series back as what it was: pandas, polars, Arrow, geopandas; CSV as pandas has it."""
        return reading.frame(self.read(path), self._named(path))

    def image(self, path: str | None = None) -> PIL.Image.Image:
        """Read a picture, as Pillow has it; errors as for `json`."""
        return reading.image(self.read(path), self._named(path))

    def array(self, path: str | None = None) -> np.ndarray[Any, Any] | dict[str, np.ndarray[Any, Any]]:
        """Read a ``.npy`` file, or the arrays of an ``.npz`` by name; never by unpickling. Errors as for `json`."""
        return reading.array(self.read(path), self._named(path))

    def _named(self, path: str | None) -> str:
        return self.at if path is None else inside(path)

    def download(self, path: str | None = None, to: str | Path = ".", *, verify: bool = True) -> Path:
        """Copy a file, a folder or (``""``) the whole run into a local folder; return where it is.

        A progress bar appears when it takes more than a second. A large file that was broken off goes on
        where it stopped. The page of a chart that comes without its script gets it: a page on its own
        inlined, pages in a folder beside them.

        Parameters
        ----------
        verify
            Compare what has come with the catalogue's SHA-256, for what this extension has logged.

        Raises
        ------
        WrongContent
            A file is not what the catalogue tells.
        """
        from tqdm.auto import tqdm

        wanted, target = self._named(path), Path(to).expanduser()
        with tqdm(unit="B", unit_scale=True, delay=PATIENCE, desc=wanted or "run", leave=False) as bar:
            where = self._store.download(wanted, target, bar.update)
        if verify:
            for entry in self._below(wanted):
                reading.check(entry, where / entry.path[len(wanted) :].strip("/") if where.is_dir() else where)
        self._with_scripts(wanted, where)
        return where

    def delete(self, path: str, session: str, now: float) -> set[str]:
        """Delete a file, or a folder with all it holds; the catalogue tells of it no longer.

        Parameters
        ----------
        session, now
            Under which session, and when, the catalogue is told.

        Returns
        -------
        set
            The items that were there, as their kernels know them.

        Raises
        ------
        BadPath
            The path is the run itself, its catalogue, or leaves the run.
        UnknownArtifact, StoreRefused, StoreUnavailable
        """
        plain = deletable(path)
        told = list(self._below(plain))
        if self._store.info(plain) is None and not told:
            raise _unknown(path)
        self._store.delete(plain)
        if told:
            self._store.put(*gone(told, session, now))
            self.refresh()
        return {entry.item for entry in told}

    def _with_scripts(self, path: str, local: Path) -> None:
        if local.is_file() and local.suffix == ".html":
            data = local.read_bytes()
            if pages.script_of(data):
                local.write_bytes(self._alone(data))
        elif path and local.is_dir():
            self._complete(local)

    def _below(self, path: str) -> Iterator[Entry]:
        """What the catalogue tells of a file, or of the files below a folder."""
        entries = self.refresh().catalogue.entries
        return (e for e in entries.values() if not path or e.path == path or e.path.startswith(f"{path}/"))

    @contextmanager
    def opened(self, path: str) -> Iterator[tuple[ArtifactInfo, BinaryIO]]:
        """Open a file as a download gives it: the page of a chart has its script inside."""
        row = self.info(path)
        if row.name.endswith(".html") and (row.size or 0) <= LARGEST_PAGE:
            data = self._alone(self.read(path))
            yield dataclasses.replace(row, size=len(data)), io.BytesIO(data)
            return
        with self.open(path) as file:
            yield row, file

    def complete(self, path: str) -> Iterator[tuple[str, AbstractContextManager[BinaryIO]]]:
        """The files below a folder, by their names there, with the scripts that its pages read from elsewhere."""
        above = len(inside(path)) + 1 if inside(path) else 0
        beside: set[str] = set()
        for row in [row for row in self.walk(path) if not row.is_dir]:
            name = row.path[above:]
            is_page = above and name.endswith(".html") and (row.size or 0) <= LARGEST_PAGE
            data = self.read(row.path) if is_page else b""
            script = pages.script_of(data)
            if script is None or not self._store.info(script):
                yield name, self.open(row.path)
                continue
            yield name, nullcontext(io.BytesIO(pages.refer(data, script)))
            there = join(parent(name), script)
            if there not in beside:
                beside.add(there)
                yield there, self.open(script)

    def _alone(self, page: bytes) -> bytes:
        """A page with its script inside; as it is where the run has lost the script."""
        try:
            return pages.inline(page, self.read)
        except UnknownArtifact:
            return page

    def _complete(self, folder: Path) -> None:
        """Put the scripts beside the pages of a downloaded folder."""
        for file in folder.rglob("*.html"):
            data = file.read_bytes()
            script = pages.script_of(data)
            if script and self._store.info(script):
                beside = file.parent / script
                if not beside.exists():
                    beside.parent.mkdir(exist_ok=True)
                    beside.write_bytes(self.read(script))
                file.write_bytes(pages.refer(data, script))

    def uri(self, path: str = "") -> str:
        """The artifact's ``runs:/`` URI."""
        return f"runs:/{self.run.run_id}/{inside(path)}".rstrip("/")

    def tree(self, path: str = "") -> str:
        """The run as text: names, sizes and the cell each came from."""
        return "\n".join(_tree(self, path, "")) or "(no artifacts yet)"

    def __repr__(self) -> str:
        return f"Artifacts of run {self.run.name or self.run.run_id}\n{self.tree()}"


def _unknown(path: str) -> UnknownArtifact:
    return UnknownArtifact(f"The run has no artifact {path}", "List what it has with %mlart ls")


def _tree(artifacts: Artifacts, path: str, indent: str) -> Iterator[str]:
    rows = artifacts.list(path)
    for i, row in enumerate(rows):
        last = i == len(rows) - 1
        yield f"{indent}{'└── ' if last else '├── '}{_line(row)}"
        if row.is_dir:
            yield from _tree(artifacts, row.path, indent + ("    " if last else "│   "))


def _line(row: ArtifactInfo) -> str:
    if row.is_dir:
        return f"{row.name}/"
    count = row.entry.execution_count if row.entry else None
    cell = "" if count is None else f"  cell [{count}]"
    return f"{row.name}  {readable_size(row.size)}{cell}"
