"""Keeps the notebook where no Jupyter server tells of saves, and beside it what it ran with.

One thread looks at the file once a second; nothing of it runs in a cell.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlart_jupyter import context
from mlart_jupyter.environment import describe_elsewhere
from mlart_jupyter.errors import UnknownFile
from mlart_jupyter.kernel.origin import UNSAVED, Origin, origin
from mlart_jupyter.kernel.transcript import BUDGET, Transcript
from mlart_jupyter.models import Cell, Entry, RunRef
from mlart_jupyter.services import Services
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.store import tracking
from mlart_jupyter.trouble import trouble

LOOK_SECONDS, ASK_SECONDS = 1.0, 5.0
"""Who writes the file, and who hears of it, is asked less often: it rarely changes."""
LAST_SHARE, PATIENT_SECONDS = 0.6, 20.0
"""How long the end of a kernel waits for the description of its environment: a share of `flush_seconds`, for
some hosts kill a kernel after five seconds; `mlart run` gives it more time."""


class Watch:
    """Follows one kernel's notebook; `install` and `uninstall` are inverses."""

    def __init__(self, shell: Any, services: Services, current: Callable[[], RunRef | None]) -> None:
        self._shell = shell
        self._services = services
        self._current = current
        self._snapshots = Snapshots(services.spool, services.version)
        self.transcript = Transcript(shell)
        self._found = Origin(UNSAVED)
        self._asked = float("-inf")
        self._mark: tuple[str, int, int] | None = None
        self._followed = ""
        self._changes = 0
        self._remembers = True
        self._wanted: tuple[RunRef, str] | None = None
        self._tagged: set[tuple[str, str]] = set()
        self._wake = threading.Event()
        self._stop = False
        self._thread = threading.Thread(target=self._work, name="mlart-watch", daemon=True)

    def install(self) -> None:
        """Begin to watch."""
        if self._services.given:
            tracking.warm_up()  # before a cell imports it: the uploader may need it at any time
        if self._services.notebook:
            context.tell(context.Place(self._services.notebook, self._services.session))
        self._remembers = self._is_lost(self._origin())
        self._services.on_close.append(self._finish)
        self._services.on_kept.append(self._tag)
        self._services.on_notebook.append(self._delivered)
        self._thread.start()

    def uninstall(self) -> None:
        """Stop watching; the last look is taken when the services close."""
        context.tell(None)
        self.transcript.end(Cell())
        self._stop = True
        self._wake.set()

    def begin(self, cell: Cell) -> None:
        """A cell begins: what it shows is remembered, a whole session's where no file will hold it."""
        self.transcript.budget = BUDGET if self._remembers else self._services.config.restore_bytes
        self.transcript.begin(cell)

    def saw(
        self, bundle: Mapping[str, Any], *, is_result: bool, display_id: str | None, mark: Mapping[str, Any] | None
    ) -> None:
        """Remember what a cell shows; never raises."""
        if not self.transcript.budget:
            return
        try:
            metadata = {**getattr(bundle, "metadata", {}), **({"mlart": dict(mark)} if mark else {})}
            self.transcript.saw(
                self._services.cell, bundle, is_result=is_result, display_id=display_id, metadata=metadata
            )
        except Exception:  # this is a guest in the user's cell
            trouble("a shown thing will not be remembered")

    def end(self, result: Any) -> None:
        """A cell is done: know its run also when nothing was shown in it, a saved notebook may come. Never raises."""
        try:
            self.transcript.end(self._services.cell, result.error_before_exec or result.error_in_exec)
            if run := self._current():
                self._services.remember(run)
        except Exception:  # IPython would print it into the cell
            trouble("the run of a cell is not known")

    @staticmethod
    def _is_lost(found: Origin) -> bool:
        """Whether nobody else writes the outputs down."""
        return not (found.is_heard or (found.is_written and found.is_sure))

    def _origin(self) -> Origin:
        return origin(self._shell.user_ns, self._services.config.spool, self._services.notebook)

    def point_to(self, path: Path) -> None:
        """Follow this file: the user says that it is the notebook's.

        Raises
        ------
        UnknownFile
            It is not there, or no notebook.
        """
        if not path.is_file() or path.suffix != ".ipynb":
            problem = f"{path} is no notebook" if path.exists() else f"There is no file {path}"
            raise UnknownFile(problem, "Give the path of this notebook's file, an .ipynb")
        os.environ["MLART_NOTEBOOK"] = self._services.notebook = str(path)
        context.tell(context.Place(str(path), self._services.session))
        self._wake.set()

    def file(self) -> Path:
        """This notebook's file.

        Raises
        ------
        UnknownFile
            It is not known.
        """
        path = Path(self._origin().path)
        if not path.is_file():
            raise UnknownFile("The file of this notebook is not known", "Tell it with %mlart notebook PATH")
        return path

    # -- the thread -----------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stop:
            if self._wake.wait(LOOK_SECONDS):
                self._asked = float("-inf")
            self._wake.clear()
            try:
                self._look()
                self._describe()
            except Exception:  # the thread must outlive a full disk; the next look tries again
                trouble("the notebook could not be looked at")

    def _look(self) -> None:
        """Keep the file that the host writes, if it has changed."""
        if self._services.last_run is None or self._stop:
            return
        if time.monotonic() - self._asked > ASK_SECONDS:
            self._asked, self._found = time.monotonic(), self._origin()
            self._remembers = self._is_lost(self._found)
        if self._found.is_written and not self._found.is_heard:
            self._follow(Path(self._found.path))

    def _follow(self, path: Path) -> None:
        """Keep the file if it has changed, or a run has begun that has not got it."""
        run = self._services.last_run
        try:
            state = path.stat()
            mark = str(path), state.st_mtime_ns, state.st_size
            is_new = mark != self._mark
            data = path.read_bytes() if run and (is_new or run.run_id != self._followed) else b""
        except OSError:  # not there yet, or being replaced
            return
        if run and data.rstrip().endswith(b"}"):  # else half written: the next look has the rest
            self._take(data, str(path))
            self._mark, self._followed = mark, run.run_id
            self._changes += is_new

    def _take(self, data: bytes, path: str, **rules: Any) -> None:
        if self._services.config.wants_notebook(path):
            from mlart_jupyter.outgoing import notebook_encoding

            self._snapshots.take(data, path, self._services.words, encoding=notebook_encoding(**rules))
            self._services.uploader.wake()

    # -- beside it ------------------------------------------------------------------------------

    def _delivered(self, run: RunRef, entry: Entry) -> None:
        """In the uploader's thread: a notebook is about to arrive in its run, maybe under a new name."""
        if entry.session == self._services.session and entry.notebook:
            self._renamed(entry.notebook)
            self._wanted = run, entry.notebook
            self._wake.set()

    def _renamed(self, path: str) -> None:
        if path in (self._services.notebook, UNSAVED):
            return
        self._services.notebook = path
        if os.environ.get("JPY_SESSION_NAME"):
            os.environ["JPY_SESSION_NAME"] = path  # what others read of it is true again
        context.tell(context.Place(path, self._services.session))

    def _describe(self, seconds: float = 60.0) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None or not self._services.config.environment:
            return
        run, path = wanted
        folder = Path(path).parent if Path(path).is_absolute() else Path.cwd()
        try:
            text, diff = describe_elsewhere(folder, seconds)
        except (OSError, ValueError, subprocess.SubprocessError):
            trouble("the environment could not be described")
            return
        texts = {".requirements.txt": text} | ({".git.diff": diff} if diff else {})
        self._snapshots.lay_beside(texts, path, self._services.words, run)
        self._services.uploader.wake()

    def _tag(self, entries: list[Entry]) -> None:
        """In the uploader's thread, after a delivery: the store answers, so tell the runs their notebook."""
        found = context.place()
        if found is None or not tracking.is_loaded():  # two threads that import MLflow break each other
            return
        for run in self._services.words.runs:
            key = run.run_id, found.path
            if key not in self._tagged:
                self._tagged.add(key)
                try:
                    tracking.tag(run, lambda tags: context.corrections(tags, found.tags()))
                except Exception:  # a tag is not worth a second try
                    trouble("the run %s was not told its notebook", run.run_id)

    # -- the end --------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Take the last look, at the kernel's end."""
        self._stop = True
        found, run = self._origin(), self._services.last_run
        if run is None or (found.is_heard and not self._services.given):
            return
        file = Path(found.path)
        try:
            if found.is_written:
                self._follow(file)
            if self._is_lost(found) and self._changes < 2:
                self._take(self.transcript.notebook(file.read_bytes() if file.is_file() else None), found.path)
            self._wanted = run, found.path
            own = LAST_SHARE * self._services.config.flush_seconds
            self._describe(PATIENT_SECONDS if self._services.given else own)
        except Exception:  # the kernel ends whatever happens here
            trouble("the last state of the notebook was not kept")
