"""A run together with the models that it has logged: they appear as ``models/<name>``, to be read only."""

from __future__ import annotations

import builtins
import dataclasses
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

from mlart_jupyter.errors import MlartError, StoreRefused
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside, join
from mlart_jupyter.store.base import PAGE, Page, Store, in_order
from mlart_jupyter.store.copying import Tell

MODELS = "models"
FRESH_SECONDS = 10.0
"""How long the models that were found count as all there are."""

Find = Callable[[], Mapping[str, Store]]


class WithModels:
    """A run's own artifacts, and its models below ``models``.

    Parameters
    ----------
    run
        The run's own artifacts.
    find
        Asks for the models, each with the store of its files. When it fails, the run is shown without.
    """

    def __init__(self, run: Store, find: Find) -> None:
        self.run = run
        self._find = find
        self._found: Mapping[str, Store] = {}
        self._asked: float | None = None

    @property
    def ranged(self) -> bool:
        """See `Store.ranged`."""
        return self.run.ranged

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        store, rest, above = self._place(path)
        rows = _raised(store.list(rest), above)
        return in_order(_merged(rows, self._own(inside(path))))

    def page(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """See `Store.page`: the models stand on the first page."""
        store, rest, above = self._place(path)
        page = store.page(rest, cursor, limit)
        own = self._own(inside(path))
        hidden = {row.path for row in own}
        rows = [row for row in _raised([*page.rows], above) if row.path not in hidden]
        return Page(tuple(in_order(rows + own if cursor is None else rows)), page.cursor)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Store.info`."""
        store, rest, above = self._place(path)
        if above and not rest:
            return ArtifactInfo(above, is_dir=True)
        row = store.info(rest)
        if row is None and inside(path) == MODELS and self._models():
            return ArtifactInfo(MODELS, is_dir=True)
        return _raised([row], above)[0] if row else None

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """See `Store.open`."""
        store, rest, _ = self._place(path)
        return store.open(rest)

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """See `Store.read`."""
        store, rest, _ = self._place(path)
        return store.read(rest, start, length)

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        self._writable(path).put(path, data)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`."""
        self._writable(path).put_tree(path, source)

    def delete(self, path: str) -> None:
        """See `Store.delete`."""
        self._writable(path).delete(path)

    def download(self, path: str, target: Path, tell: Tell | None = None) -> Path:
        """See `Store.download`."""
        store, rest, above = self._place(path)
        if above and not rest:
            return store.download("", target / above.rpartition("/")[2], tell)
        plain = inside(path)
        models = self._models() if plain in ("", MODELS) else {}
        if plain == MODELS and models and store.info(plain) is None:
            (target / MODELS).mkdir(parents=True, exist_ok=True)
            wanted = target / MODELS
        else:
            wanted = store.download(rest, target, tell)
        for name, model in models.items():
            model.download("", (wanted if plain else wanted / MODELS) / name, tell)
        return wanted

    def _place(self, path: str) -> tuple[Store, str, str]:
        """The store that holds a path, the path there, and what stands above it."""
        plain = inside(path)
        parts = plain.split("/", 2)
        if parts[0] == MODELS and len(parts) > 1:
            model = self._models().get(parts[1])
            if model is not None:
                return model, parts[2] if len(parts) > 2 else "", join(MODELS, parts[1])
        return self.run, plain, ""

    def _writable(self, path: str) -> Store:
        store, _, above = self._place(path)
        if above:
            raise StoreRefused(f"{above} is a model, which MLflow alone writes", "Use mlflow.<flavor>.log_model")
        return store

    def _own(self, folder: str) -> builtins.list[ArtifactInfo]:
        """The rows that a folder has for the models' sake."""
        if folder == "":
            return [ArtifactInfo(MODELS, is_dir=True)] if self._models() else []
        return [ArtifactInfo(join(MODELS, name), is_dir=True) for name in self._models()] if folder == MODELS else []

    def _models(self) -> Mapping[str, Store]:
        now = time.monotonic()
        if self._asked is None or now - self._asked > FRESH_SECONDS:
            self._asked = now
            try:
                self._found = self._find()
            except MlartError:  # the artifacts are there without it
                self._found = {}
        return self._found


def _raised(rows: list[ArtifactInfo], above: str) -> list[ArtifactInfo]:
    return [dataclasses.replace(row, path=join(above, row.path)) for row in rows] if above else rows


def _merged(rows: list[ArtifactInfo], more: list[ArtifactInfo]) -> list[ArtifactInfo]:
    known = {row.path for row in rows}
    return rows + [row for row in more if row.path not in known]
