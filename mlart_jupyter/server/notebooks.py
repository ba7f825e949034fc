"""The routes of a run's notebooks: back beside the current one, and what changed since.

A notebook comes back through the server's contents manager, so its rules of what may be written hold, and
untrusted: what a run holds may come from anybody.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from tornado import web

from mlart_jupyter.changes import parsed
from mlart_jupyter.errors import BadPath
from mlart_jupyter.history import changes_to, copy_names, copy_stem, kept_notebook
from mlart_jupyter.paths import join, parent
from mlart_jupyter.server.routes import MlartHandler

Json = dict[str, Any]


class Asked(MlartHandler):
    """What the routes share that are asked by a JSON body; such a request needs the XSRF token, or the server's."""

    def asked(self, *names: str) -> list[str]:
        """The texts of the body.

        Raises
        ------
        BadPath
            One is missing, or no text.
        """
        body = self.body()
        if wrong := [name for name in names if not isinstance(body.get(name), str)]:
            raise BadPath(f"The request lacks {', '.join(wrong)}", "Reload the page")
        return [body[name] for name in names]

    def body(self) -> Json:
        """The request's body; empty where it is none."""
        body = self.get_json_body()
        return body if isinstance(body, dict) else {}


class Checkout(Asked):
    """``POST /mlart/checkout``: a run's notebook under a name that nothing has, beside the one of the path `beside`."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Write it, and answer with its path on the server."""
        store, run, path, beside = self.asked("store", "run", "path", "beside")
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "write", "contents")):
            raise web.HTTPError(403, "you may not write files on this server")
        stem, book = await self.in_lane(partial(self._read, store, run, path))
        where = await self._write_new(parent(beside.strip("/")), stem, book)
        self.finish(json.dumps({"path": where}))

    def _read(self, store: str, run: str, path: str) -> tuple[str, Any]:
        artifacts = self.answers.opened(store, run)
        row = kept_notebook(artifacts, path)
        return copy_stem(artifacts, row), untrusted(parsed(artifacts.read(row.path), row.path))

    async def _write_new(self, folder: str, stem: str, book: Any) -> str:
        manager: Any = self.contents_manager
        if not await self._may_have_files(manager, folder):
            raise BadPath(f"Nothing can be written into {folder or 'the top folder'}", "Open a notebook elsewhere")
        for name in copy_names(stem):
            path = join(folder, name)
            if not await ensure_async(manager.file_exists(path)):
                await ensure_async(manager.save({"type": "notebook", "format": "json", "content": book}, path))
                return path
        raise AssertionError("there is always another name")

    async def _may_have_files(self, manager: Any, folder: str) -> bool:
        """As the server's own route of files has it: a folder that is there, and not hidden."""
        if not await ensure_async(manager.dir_exists(folder)):
            return False
        return manager.allow_hidden or not await ensure_async(manager.is_hidden(folder))


class Changes(Asked):
    """``POST /mlart/changes``: what changed from a run's notebook to the cells of the body, saved or not."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Compare."""
        store, run, path = self.asked("store", "run", "path")
        cells = self.body().get("cells")
        if not isinstance(cells, list) or not all(map(_is_cell, cells)):
            raise BadPath("The request lacks the cells of the notebook", "Reload the page")
        changes = await self.in_lane(partial(self._compare, store, run, path, cells))
        self.finish(json.dumps({"changes": changes}))

    def _compare(self, store: str, run: str, path: str, cells: list[Json]) -> list[Json]:
        return [asdict(change) for change in changes_to(self.answers.opened(store, run), path, cells)]


def untrusted(book: Any) -> Any:
    """The notebook without the word of its cells that they are trusted: the server would sign it."""
    for cell in book.cells:
        cell.metadata.pop("trusted", None)
    return book


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and all(isinstance(cell.get(name), str) for name in ("cell_type", "source"))


ROUTES: list[tuple[str, type[MlartHandler]]] = [(r"/mlart/checkout", Checkout), (r"/mlart/changes", Changes)]
