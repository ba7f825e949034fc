"""What the browser asks, answered: the same for the sidebar's routes and the panel's comm.

Each operation takes plain values and returns what JSON holds. The browser names a store by its alias,
a run by its id and an artifact by its path; a tracking URI never leaves this module (the address of a
run's page, made from it, does).
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from mlart_jupyter import drawing, looking, packing
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable, UnknownRun
from mlart_jupyter.finding import files_of, found, ordered
from mlart_jupyter.listings import Listings, Wholes
from mlart_jupyter.models import ArtifactInfo, RunRef
from mlart_jupyter.parcels import Packed, unpack
from mlart_jupyter.paths import inside
from mlart_jupyter.services import Services
from mlart_jupyter.shapes import Json, alias_of, bounds, cursor_of, entry_json, in_order, label, number, run_json
from mlart_jupyter.spool import Session, read_sessions, tell_deleted
from mlart_jupyter.state import state_of
from mlart_jupyter.store import Page, tracking
from mlart_jupyter.store.wanted import Wanted
from mlart_jupyter.zips import zipped

log = logging.getLogger("mlart_jupyter")

SESSIONS = 50
"""How many of the newest sessions are looked at."""
WAITING_LOOKED_AT = 200
FRESH_SECONDS = 5.0
"""How long what the tracking store said of a running run is repeated."""
SILENT_SECONDS = 30.0
"""How long a store that does not answer is left alone, and how long a finished run's state is repeated."""
QUESTIONS = (
    "status",
    "stores",
    "session",
    "experiments",
    "runs",
    "artifacts",
    "find",
    "origin",
    "preview",
    "picture",
    "drawing",
)
"""The methods of `Answers` that a browser may ask for by name; their answers are JSON."""


class Answers:
    """All operations over one process's services; safe to call from several threads.

    Parameters
    ----------
    besides
        Runs that are looked at without being in a session: nothing is logged to them.
    """

    def __init__(self, services: Services, *besides: RunRef) -> None:
        self._services = services
        self._besides = besides
        self._silent: dict[str, float] = {}
        self._summaries: dict[str, tuple[float, tracking.RunSummary]] = {}
        self._opened: dict[str, Artifacts] = {}
        self._listings = Listings()
        self._wholes = Wholes()
        self._importing = False

    # -- what there is --------------------------------------------------------------------------

    def status(self) -> Json:
        """The spool's state."""
        state = state_of(self._services)
        return {
            "version": self._services.version,
            "waiting": state.waiting,
            "in_flight": state.in_flight,
            "kept": state.kept,
            "dead": state.dead,
            "oldest_seconds": state.oldest_seconds,
            "bytes": state.size,
            "last_error": {"error": state.last_error, "next": ""} if state.last_error else None,
            "notes": list(state.notes),
            "may_delete": self._services.config.deletion,
        }

    def stores(self) -> Json:
        """The tracking stores that can be asked, each under its alias."""
        return {"stores": [{"alias": alias, "label": label(uri)} for alias, uri in self._uris().items()]}

    def session(self, path: str = "", kernel: str | None = None) -> Json:
        """The session of a kernel, else the newest one of a notebook."""
        found = self.session_of(path, kernel)
        if found is None:
            return {"session": None}
        runs = [self._run(ref, self._summary(ref)) for ref in reversed(found.runs)]
        store = alias_of(found.runs[-1].tracking_uri) if found.runs else ""
        return {
            "session": {
                "id": found.session,
                "store": store,
                "runs": runs,
                "notebook": found.notebook,
                "alive": self._lives(found),
            }
        }

    def experiments(self, store: str) -> Json:
        """A store's experiments, the one changed last first."""
        uri = self._uri(store)
        found = tracking.experiments(uri) if _is_made(uri) else []
        return {"experiments": [{"id": key, "name": name} for key, name in found]}

    def runs(
        self, store: str, search: str = "", cursor: str | None = None, experiment: str = "", status: str = ""
    ) -> Json:
        """A page of a store's runs, newest first."""
        uri = self._uri(store)
        if not _is_made(uri):
            return {"runs": [], "cursor": None}
        summaries, after = tracking.page(uri, Wanted(search.strip(), experiment, status), cursor)
        now = time.monotonic()
        self._summaries |= {summary.ref.run_id: (now, summary) for summary in summaries}
        return {"runs": [self._run(summary.ref, summary) for summary in summaries], "cursor": after}

    # -- one run --------------------------------------------------------------------------------

    def artifacts(
        self,
        store: str,
        run: str,
        path: str = "",
        cursor: str | None = None,
        limit: int = 200,
        sort: str = "name",
    ) -> Json:
        """A page of a folder: folders first, then by name, size or time; what is on its way among them."""
        artifacts = self.opened(store, run)

        def read(after: str | None, rows: int) -> Page:
            if sort == "name":  # the order of the storages: a large folder need not be read whole
                return artifacts.part(path, after, rows)
            return Page(tuple(ordered(self._wholes.rows(f"{store}/{run}/{path}", lambda: artifacts.page(path)), sort)))

        part = self._listings.part(f"{store}/{run}/{path}\n{sort}", *bounds(cursor, limit), read)
        waiting = {} if cursor else {row.path: row for row in self._uploading(run, path)}
        if waiting:  # they will soon be there, and not in what was read before
            self._wholes.forget()
        for row in part.known if waiting else ():
            waiting.pop(row.path, None)
        entries = [entry_json(row) for row in part.rows] + [entry_json(row, "uploading") for row in waiting.values()]
        return {"entries": in_order(entries) if waiting else entries, "cursor": cursor_of(part.end)}

    def find(
        self,
        store: str,
        run: str,
        text: str = "",
        kind: str = "",
        sort: str = "name",
        cursor: str | None = None,
        limit: int = 200,
    ) -> Json:
        """A page of the run's files, in whatever folder, whose paths have all words, of a kind."""
        artifacts = self.opened(store, run)

        def look_through(after: str | None, rows: int) -> Page:
            files = self._wholes.rows(f"{store}/{run}", lambda: files_of(artifacts.refresh().walk()))
            return Page(tuple(ordered(found(files, text, kind), sort)))

        key = f"{store}/{run}\n{text}\n{kind}\n{sort}"
        part = self._listings.part(key, *bounds(cursor, limit), look_through)
        entries = [entry_json(row) for row in part.rows]
        return {"entries": entries, "cursor": cursor_of(part.end), "total": len(part.known)}

    def origin(self, store: str, run: str, path: str) -> Json:
        """Where an artifact comes from: its cell, and the other versions of what that cell showed."""
        artifacts = self.opened(store, run).refresh()
        entry = artifacts.info(path).entry
        if entry is None:
            return {"origin": None}
        entries = artifacts.catalogue.entries.values()
        same = [each for each in entries if (each.key, each.media_type) == (entry.key, entry.media_type)]
        versions = sorted(same, key=lambda each: (each.version, each.time))
        return {
            "origin": {
                "source": artifacts.catalogue.sources.get(entry.source_hash or ""),
                "notebook": entry.notebook,
                "cell": entry.execution_count,
                "cell_id": entry.cell_id,
                "time": entry.time,
                "shape": entry.shape,
                "sha256": entry.sha256,
                "note": entry.note,
                "versions": [{"path": e.path, "version": e.version, "time": e.time} for e in versions],
            }
        }

    def preview(self, store: str, run: str, path: str, at: str | int = 0) -> Json:
        """A bounded look into a file; `at` is the ``more`` of the page before."""
        return looking.preview(self.opened(store, run), path, number(at))

    def picture(self, store: str, run: str, path: str) -> Json:
        """A picture that the browser does not draw, as PNG in base64."""
        return looking.picture(self.opened(store, run), path)

    def drawing(self, store: str, run: str, path: str) -> Json:
        """A chart as a page with its script inside: to be run in the browser's sandbox, when the user asks for it."""
        return {"html": drawing.drawn(self.opened(store, run), path)}

    @contextlib.contextmanager
    def content(self, store: str, run: str, path: str) -> Iterator[tuple[ArtifactInfo, BinaryIO]]:
        """Open a file for reading, a chart's page with its script inside."""
        with self.opened(store, run).opened(path) as (row, file):
            yield row, file

    def zip(self, store: str, run: str, path: str = "", only: str = "") -> tuple[str, Iterator[bytes]]:
        """A folder as one zip, or of it the files and folders that `only` names as a JSON list of paths."""
        artifacts = self.opened(store, run)
        folder = path.strip("/")
        wanted = packing.wanted(folder, only)
        for each in wanted:  # an unknown path is an error before the zip begins
            artifacts.info(each) if each else artifacts.list(each)
        name = folder.rpartition("/")[2] or artifacts.run.name or run
        return f"{name}.zip", zipped(part for each in wanted for part in packing.parts(artifacts, folder, each))

    def delete(self, store: str, run: str, path: str) -> Json:
        """Delete a file or a folder, if the settings allow it, and tell the kernels, which keep it when shown again.

        Raises
        ------
        StoreRefused
            The settings, or the storage, do not allow it.
        """
        if not self._services.config.deletion:
            raise StoreRefused("The settings do not allow to delete artifacts here", "Set Mlart.deletion to allow it")
        items = self.opened(store, run).delete(path, self._services.session, time.time())
        self._wholes.forget()
        tell_deleted(self._services.config.spool, run, items)
        return {"deleted": inside(path)}

    # -- inside ---------------------------------------------------------------------------------

    def session_of(self, path: str, kernel: str | None) -> Session | None:
        """The session of a kernel, else the newest one of a notebook, as it is in the spool."""
        sessions = self._sessions()
        own = (s for s in sessions if kernel and s.kernel == kernel)
        return next(own, None) or next((s for s in sessions if _is_at(s, path)), None)

    def _sessions(self) -> list[Session]:
        return list(read_sessions(self._services.config.spool / "sessions", SESSIONS))

    def _known(self) -> list[RunRef]:
        return [*self._besides, *(ref for session in self._sessions() for ref in session.runs)]

    def _lives(self, session: Session) -> bool:
        return self._services.spool.lives(session.owner)

    def _uris(self) -> dict[str, str]:
        """Alias → tracking URI of every store that the configuration or a session names."""
        uris = [os.environ.get("MLFLOW_TRACKING_URI"), self._services.config.embedded_uri]
        uris += [ref.tracking_uri for ref in self._known()]
        return {alias_of(uri): uri for uri in uris if uri}

    def _uri(self, alias: str) -> str:
        uri = self._uris().get(alias)
        if uri is None:
            raise UnknownRun(f"There is no store {alias}", "Reload the page")
        return uri

    def _ref(self, store: str, run: str) -> RunRef:
        for ref in self._known():
            if ref.run_id == run and alias_of(ref.tracking_uri) == store:
                return ref
        cached = self._summaries.get(run)
        if cached and alias_of(cached[1].ref.tracking_uri) == store:
            return cached[1].ref
        return tracking.find(run, self._uri(store)).ref

    def opened(self, store: str, run: str) -> Artifacts:
        """A run's artifacts, kept open.

        Raises
        ------
        UnknownRun, StoreUnavailable
        """
        key = f"{store}/{run}"
        if key not in self._opened:
            self._opened[key] = self._services.artifacts(self._ref(store, run))
        return self._opened[key]

    def _uploading(self, run: str, path: str) -> Iterator[ArtifactInfo]:
        """What waits in the spool for a folder of this run."""
        spool = self._services.spool
        for name in spool.waiting()[:WAITING_LOOKED_AT]:
            with contextlib.suppress(MlartError, OSError, ValueError, TypeError, KeyError):
                parcel = unpack(spool.peek(spool.find(name), name)[0])
                for file in parcel.files if parcel.run.run_id == run else ():
                    if row := _below(path.strip("/"), file):
                        yield row

    def _run(self, ref: RunRef, summary: tracking.RunSummary | None) -> Json:
        return run_json(ref, summary, self._services.config.mlflow_page)

    def _summary(self, ref: RunRef) -> tracking.RunSummary | None:
        """What the tracking store says of a run: never waited for while MLflow is being imported."""
        cached = self._summaries.get(ref.run_id)
        fresh = FRESH_SECONDS if cached and cached[1].status == "RUNNING" else SILENT_SECONDS
        if cached and time.monotonic() - cached[0] < fresh:
            return cached[1]
        if "mlflow.tracking.client" not in sys.modules or self._importing:
            self._import_mlflow()
        elif time.monotonic() > self._silent.get(ref.tracking_uri, 0.0):
            self._ask(ref)
        cached = self._summaries.get(ref.run_id)
        return cached[1] if cached else None

    def _ask(self, ref: RunRef) -> None:
        """Ask the tracking store of a run; one that does not answer is left alone for a while."""
        try:
            summary = tracking.find(ref.run_id, ref.tracking_uri)
            self._summaries[ref.run_id] = (time.monotonic(), summary)
        except StoreUnavailable:
            self._silent[ref.tracking_uri] = time.monotonic() + SILENT_SECONDS
        except MlartError:
            log.debug("a run of a session is gone", exc_info=True)

    def _import_mlflow(self) -> None:
        """Import MLflow, which takes seconds, while the browser shows what is known without it."""
        if not self._importing:
            self._importing = True
            threading.Thread(target=self._do_import, name="mlart-import", daemon=True).start()

    def _do_import(self) -> None:
        try:
            tracking.warm_up()
        except Exception:  # an MLflow that cannot be imported: the browser goes on without run states
            log.warning("MLflow cannot be imported", exc_info=True)
        finally:
            self._importing = False


def _is_made(uri: str) -> bool:
    """Whether a store can be asked without being made by that.

    MLflow makes the tables of an SQLite store in whichever process asks first; when a kernel begins its first
    run in the same second, one of the two fails.
    """
    parts = urlsplit(uri)
    if parts.scheme != "sqlite":
        return True
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(parts.path[1:])}?mode=ro", uri=True, timeout=1)) as made:
            return made.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    except sqlite3.Error:
        return False


def _below(folder: str, file: Packed) -> ArtifactInfo | None:
    """The row that a folder's listing has for a file at any depth below it."""
    prefix = f"{folder}/" if folder else ""
    if not file.entry.path.startswith(prefix):
        return None
    name, deeper, _ = file.entry.path[len(prefix) :].partition("/")
    if deeper:
        return ArtifactInfo(prefix + name, is_dir=True)
    return ArtifactInfo(file.entry.path, is_dir=False, size=file.length, entry=file.entry)


def _is_at(session: Session, path: str) -> bool:
    """Whether a session's notebook is the one of this path, which is relative to the server's root."""
    return bool(path and session.notebook and f"/{session.notebook}".endswith(f"/{path.lstrip('/')}"))
