"""The route that logs a file of the server into a notebook's run.

The contents manager decides what may be read, as for the file browser: nothing outside its root, nothing hidden.
"""

from __future__ import annotations

import base64
import json
import mmap
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from tornado import web

from mlart_jupyter import intake
from mlart_jupyter.answers import Answers
from mlart_jupyter.errors import BadPath, NoRun, UnknownFile
from mlart_jupyter.lanes import Lanes
from mlart_jupyter.models import Payload
from mlart_jupyter.paths import parent
from mlart_jupyter.server.notebooks import Asked
from mlart_jupyter.services import Services
from mlart_jupyter.shapes import alias_of
from mlart_jupyter.spool import Session

LARGEST_IN_MEMORY = 256 * 2**20
"""Bytes of a file that a contents manager without files of its own hands out whole."""


class Intake(Asked):
    """``POST /mlart/intake``: the file `path` of the server goes into the run of the notebook `notebook`.

    With `folder`, one that the file is in, it keeps its place from there on.
    """

    def initialize(self, answers: Answers, lanes: Lanes, services: Services) -> None:  # type: ignore[override]
        """Take what the extension hands to each request."""
        super().initialize(answers, lanes)
        self.services = services

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Spool it, and answer with its place."""
        path, notebook, kernel = self.asked("path", "notebook", "kernel")
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "read", "contents")):
            raise web.HTTPError(403, "you may not read files on this server")
        plain = path.strip("/")
        name = _name(plain, str(self.body().get("folder") or "").strip("/"))
        await self._check(plain)
        session = await self.in_lane(partial(self._session, notebook, kernel))
        data = await self._contents(plain, alone="/" not in name)
        services = self.services
        run, at = await self.in_lane(partial(intake.take, services.spool, data, name, session, services.version))
        self.finish(json.dumps({"store": alias_of(run.tracking_uri), "run": run.run_id, "path": at}))

    def _session(self, notebook: str, kernel: str) -> Session:
        found = self.answers.session_of(notebook, kernel)
        if found is None:
            raise NoRun(
                "Nothing is captured in this notebook yet", "Run %load_ext mlart_jupyter and %mlart start in it"
            )
        return found

    async def _check(self, path: str) -> None:
        """Refuse what the server's own route of files does, in one sentence: what is hidden is not told of."""
        manager: Any = self.contents_manager
        there = await ensure_async(manager.file_exists(path))
        if not there or (not manager.allow_hidden and await ensure_async(manager.is_hidden(path))):
            raise UnknownFile(f"There is no file {path} on the server", "Refresh the list of files")

    async def _contents(self, path: str, *, alone: bool) -> Payload:
        """The bytes: mapped where the contents manager keeps files, else as it hands them out."""
        manager: Any = self.contents_manager
        if any(cls.__name__ == "FileManagerMixin" for cls in type(manager).__mro__):
            root = Path(manager.root_dir)
            return await self.in_lane(partial(_mapped, root / path, None if alone else root))
        model = await ensure_async(manager.get(path, content=False, type="file"))
        if (model.get("size") or 0) > LARGEST_IN_MEMORY:
            raise UnknownFile(f"{path} is too large to be read through the server", "Log it with %log_artifact")
        model = await ensure_async(manager.get(path, content=True, type="file", format="base64"))
        return base64.b64decode(model["content"])


def _name(path: str, folder: str) -> str:
    """The name under which a file goes into the run: from the folder on that was asked for.

    Raises
    ------
    BadPath
        The file is not in the folder.
    """
    if not folder:
        return path.rpartition("/")[2]
    if not path.startswith(f"{folder}/"):
        raise BadPath(f"{path} is not in {folder}", "Reload the page")
    return path[len(parent(folder)) :].lstrip("/")


def _mapped(path: Path, root: Path | None) -> Payload:
    """A file's bytes; one of a folder must be in `root`, wherever links lead: nobody has asked for it by its name."""
    try:
        if root is not None and not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise UnknownFile(
                f"{path.name} is a link out of the server's files", "Log it by its own name if it is meant"
            )
        with path.open("rb") as file:
            size = path.stat().st_size
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    except OSError as error:
        raise UnknownFile(f"{path.name} cannot be read ({error.strerror})", "Check its rights") from error
