"""Notebook on save: hears that the server has saved one, and spools it for the kernel that ran it.

The listener only makes a task; the file is read in the pool, after the save has been answered.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from mlart_jupyter.services import Services
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.spool import Session, read_sessions

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
"""The id of the schema of contents events; nothing is fetched from it."""

log = logging.getLogger("mlart_jupyter")


class SaveListener:
    """Takes a snapshot of each notebook that is saved while a kernel with a run is behind it."""

    def __init__(self, app: Any, services: Services, pool: ThreadPoolExecutor) -> None:
        self._app = app
        self._services = services
        self._pool = pool
        self._snapshots = Snapshots(services.spool, services.version)
        self._tasks: set[asyncio.Task[None]] = set()

    def install(self) -> None:
        """Begin to listen."""
        self._app.event_logger.add_listener(schema_id=CONTENTS, listener=self._on_contents)

    async def _on_contents(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data["action"] == "save" and str(data["path"]).endswith(".ipynb"):
            task = asyncio.get_running_loop().create_task(self._take(str(data["path"])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, path: str) -> None:
        """Spool one saved notebook; a save never fails because of us."""
        try:
            kernel = await self._kernel_of(path)
            if kernel is not None:
                file = Path(self._app.contents_manager.root_dir) / path
                await asyncio.get_running_loop().run_in_executor(self._pool, self._snapshot, file, path, kernel)
        except Exception:  # see above
            log.warning("the saved notebook %s was not kept", path, exc_info=True)

    async def _kernel_of(self, path: str) -> str | None:
        """The kernel behind a notebook; after it has died its session is told by the path."""
        sessions = await ensure_async(self._app.session_manager.list_sessions())
        found = [s for s in sessions if s["type"] == "notebook" and s["path"] == path]
        return str(found[0]["kernel"]["id"]) if found and found[0]["kernel"] else ""

    def _snapshot(self, file: Path, path: str, kernel: str) -> None:
        session = self._session(kernel, file)
        if session is not None:
            self._snapshots.take(file.read_bytes(), path, session)

    def _session(self, kernel: str, file: Path) -> Session | None:
        folder = self._services.config.spool / "sessions"
        sessions = list(read_sessions(folder, 50))
        lives = self._services.spool.lives  # a restarted kernel keeps its id, but not its run
        by_kernel = (s for s in sessions if kernel and s.kernel == kernel and lives(s.owner))
        by_path = (s for s in sessions if s.notebook and Path(s.notebook) == file and not kernel)
        return next(by_kernel, None) or next(by_path, None)
