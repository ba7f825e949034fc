"""Notebook on save: hears that the server has saved one, and spools it for the kernel that ran it.

The listener only makes a task; the file is read in the pool, after the save has been answered.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async

from mlart_jupyter.outgoing import notebook_encoding
from mlart_jupyter.services import Services
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.spool import Session, read_sessions, tell_listening

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
"""The id of the schema of contents events; nothing is fetched from it."""
COLLABORATION = "jupyter_server_ydoc"
"""The extension that saves by itself, about a second after every change."""
COLLABORATION_SECONDS = 60.0
"""With it a notebook is kept once a minute, unless a cell has run."""
SETTLE_SECONDS = (0.1, 1.0, 3.0)
"""The save is answered first; and "save as" tells the new path to its kernel's session only after the save."""
BUSY_SECONDS, REST_SECONDS = 0.0005, 0.002
"""How long a notebook's JSON is made at a time, and the rest after it: half a million values take some ten seconds."""
AFTER_THE_END = "Saved after its kernel had ended"

log = logging.getLogger("mlart_jupyter")


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernel behind a notebook: its id, and when it was last busy; both empty where there is none."""

    id: str = ""
    activity: str = ""


class SaveListener:
    """Takes a snapshot of each notebook that is saved while a kernel with a run is behind it."""

    def __init__(self, app: Any, services: Services, pool: ThreadPoolExecutor) -> None:
        self._app = app
        self._services = services
        self._pool = pool
        self._snapshots = Snapshots(services.spool, services.version)
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: dict[str, tuple[float, str]] = {}
        self._late: dict[str, asyncio.TimerHandle] = {}
        self._renamed: dict[str, str] = {}
        self._wrapped: Callable[..., Any] | None = None

    # -- install and uninstall ------------------------------------------------------------------

    def install(self) -> None:
        """Begin to listen, and tell the kernels so; a contents manager that tells of no save is wrapped."""
        tell_listening(self._services.config.spool)
        self._app.event_logger.add_listener(schema_id=CONTENTS, listener=self._on_contents)
        if not _tells_saves(self._app.contents_manager):
            self._wrap(self._app.contents_manager)

    def uninstall(self) -> None:
        """Leave the server as it was."""
        tell_listening(self._services.config.spool, stopped=True)
        self._app.event_logger.remove_listener(listener=self._on_contents)
        for timer in self._late.values():
            timer.cancel()
        manager = self._app.contents_manager
        if self._wrapped is not None and vars(manager).get("save") is self._wrapped:
            del vars(manager)["save"]

    def _wrap(self, manager: Any) -> None:
        original = manager.save

        async def save(model: Any, path: str = "") -> Any:
            saved = await ensure_async(original(model, path))
            self._heard(path.strip("/"), model.get("content") if model.get("type") == "notebook" else None)
            return saved

        vars(manager)["save"] = self._wrapped = save

    # -- hearing --------------------------------------------------------------------------------

    async def _on_contents(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        path = str(data["path"])
        if data["action"] == "save":
            self._heard(path)
        elif data["action"] == "rename" and data.get("source_path"):
            source = str(data["source_path"])
            self._renamed[path] = self._renamed.pop(source, source)

    def _heard(self, path: str, content: Any = None) -> None:
        """A notebook was saved; a save never fails because of us."""
        if not path.endswith(".ipynb") or not self._services.config.wants_notebook(str(self._file(path))):
            return
        task = asyncio.get_running_loop().create_task(self._take(path, content))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, path: str, content: Any) -> None:
        try:
            for seconds in SETTLE_SECONDS:
                await asyncio.sleep(seconds)
                kernel = await self._kernel_of(path)
                if self._wait_for_it(path, kernel, content):
                    return
                loop = asyncio.get_running_loop()
                if await loop.run_in_executor(self._pool, self._snapshot, path, kernel, content):
                    return
        except Exception:  # see `_heard`
            log.warning("the saved notebook %s was not kept", path, exc_info=True)

    def _wait_for_it(self, path: str, kernel: Kernel, content: Any) -> bool:
        """Whether a save of a live collaboration is one of many: the last of a minute will do."""
        if not self._collaborates():
            return False
        before, activity = self._taken.get(path, (0.0, ""))
        left = before + COLLABORATION_SECONDS - time.monotonic()
        if before and left > 0 and kernel.activity == activity:
            if path not in self._late:
                self._late[path] = asyncio.get_running_loop().call_later(left, self._heard_late, path, content)
            return True
        self._taken[path] = time.monotonic(), kernel.activity
        return False

    def _heard_late(self, path: str, content: Any) -> None:
        self._late.pop(path, None)
        self._heard(path, content)

    def _collaborates(self) -> bool:
        return COLLABORATION in self._app.extension_manager.extensions

    async def _kernel_of(self, path: str) -> Kernel:
        """The kernel behind a notebook; after it has died its session is told by the path."""
        sessions = await ensure_async(self._app.session_manager.list_sessions())
        found = [s["kernel"] for s in sessions if s["type"] == "notebook" and s["path"] == path and s["kernel"]]
        return Kernel(str(found[0]["id"]), str(found[0].get("last_activity", ""))) if found else Kernel()

    # -- in the pool ----------------------------------------------------------------------------

    def _snapshot(self, path: str, kernel: Kernel, content: Any) -> bool:
        """Spool one saved notebook; tell whether it has a session, with a run or without."""
        file = self._file(path)
        session, ended = self._session(kernel, path)
        if session is None:
            return bool(kernel.id)
        if session.runs and not (ended and self._was_said(session)):
            data = file.read_bytes() if content is None else _written(content)
            note = AFTER_THE_END if ended else None
            self._snapshots.take(data, str(file), session, encoding=self._encoding(), note=note)
            if ended:
                self._say(session, path)
        return True

    def _encoding(self) -> str:
        config = self._services.config
        return notebook_encoding(
            outputs=config.notebook_outputs, output_bytes=config.notebook_output_bytes, html=config.notebook_html
        )

    def _file(self, path: str) -> Path:
        return Path(getattr(self._app.contents_manager, "root_dir", "") or "") / path

    def _session(self, kernel: Kernel, path: str) -> tuple[Session | None, bool]:
        """The session of a notebook, and whether it has ended."""
        sessions = list(read_sessions(self._folder, 50))
        lives = self._services.spool.lives  # a restarted kernel keeps its id, but not its run
        files = {str(self._file(path)), str(self._file(self._renamed.get(path, path)))}
        own = [s for s in sessions if (kernel.id and s.kernel == kernel.id) or (s.notebook in files and not kernel.id)]
        alive = next((s for s in own if lives(s.owner)), None)
        if alive is not None and alive.runs:
            return alive, False
        ended = next((s for s in sessions if s.runs and (s in own or s.notebook in files) and not lives(s.owner)), None)
        return (ended, True) if ended is not None else (alive, False)

    @property
    def _folder(self) -> Path:
        return self._services.config.spool / "sessions"

    def _was_said(self, session: Session) -> bool:
        """One save after the end reaches the run; what is edited later is no longer what the run was."""
        return (self._folder / f"{session.session}.saved").exists()

    def _say(self, session: Session, path: str) -> None:
        (self._folder / f"{session.session}.saved").touch()
        log.info("%s was saved after its kernel had ended: run %s has it", path, session.runs[-1].run_id)


def _written(content: Any) -> bytes:
    """A notebook's JSON, made piece by piece, and with rests.

    `json.dumps` would hold up the server until it has made all of it, and a thread that never rests
    gives the interpreter away only every 5 ms: so much later would come each part of a next save.
    """
    out = io.BytesIO()
    rested = time.perf_counter()
    for part in json.JSONEncoder().iterencode(content):
        out.write(part.encode())
        if time.perf_counter() - rested > BUSY_SECONDS:
            time.sleep(REST_SECONDS)
            rested = time.perf_counter()
    return out.getvalue()


def _tells_saves(manager: Any) -> bool:
    """Whether a contents manager emits the event of a save: the file system's do, and no others."""
    return any(cls.__name__ == "FileManagerMixin" for cls in type(manager).__mro__)
