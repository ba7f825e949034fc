"""What the browser asks, answered: the same for the sidebar's routes and the panel's comm.

Each operation takes plain values and returns what JSON holds. The browser names a store by its alias,
a run by its id and an artifact by its path; a tracking URI never leaves this module.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import os
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError, StoreUnavailable, UnknownRun
from mlart_jupyter.models import ArtifactInfo, RunRef
from mlart_jupyter.parcels import Packed, unpack
from mlart_jupyter.preview import Unknown, look
from mlart_jupyter.services import Services
from mlart_jupyter.spool import Session, read_sessions
from mlart_jupyter.state import state_of
from mlart_jupyter.store import tracking
from mlart_jupyter.uris import without_credentials

log = logging.getLogger("mlart_jupyter")

Json = dict[str, Any]

SESSIONS = 50
"""How many of the newest sessions are looked at."""
LARGEST_PAGE = 1000
WAITING_LOOKED_AT = 200
FRESH_SECONDS = 5.0
"""How long what the tracking store said of a running run is repeated."""
SILENT_SECONDS = 30.0
"""How long a store that does not answer is left alone, and how long a finished run's state is repeated."""
CHUNK = 2**20
LARGEST_COPY = 64 * 2**20
"""Bytes of a remote file that are fetched for a preview."""


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
        }

    def stores(self) -> Json:
        """The tracking stores that can be asked, each under its alias."""
        return {"stores": [{"alias": alias, "label": _label(uri)} for alias, uri in self._uris().items()]}

    def session(self, path: str = "", kernel: str | None = None) -> Json:
        """The session of a kernel, else the newest one of a notebook."""
        sessions = self._sessions()
        own = (s for s in sessions if kernel and s.kernel == kernel)
        found = next(own, None) or next((s for s in sessions if _is_at(s, path)), None)
        if found is None:
            return {"session": None}
        runs = [self._run(ref) for ref in reversed(found.runs)]
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

    def runs(self, store: str, search: str = "", cursor: str | None = None) -> Json:
        """A page of a store's runs, newest first."""
        found, after = tracking.page(self._uri(store), search, cursor)
        now = time.monotonic()
        self._summaries |= {summary.ref.run_id: (now, summary) for summary in found}
        return {"runs": [_run_json(summary.ref, summary) for summary in found], "cursor": after}

    # -- one run --------------------------------------------------------------------------------

    def artifacts(self, store: str, run: str, path: str = "", cursor: str | None = None, limit: int = 200) -> Json:
        """A page of a folder: folders first, then names; what is on its way among them."""
        artifacts = self._artifacts(store, run)
        rows = {row.path: _entry(row) for row in artifacts.page(path)}
        for entry in self._uploading(run, path):
            rows.setdefault(entry["path"], entry)
        ordered = sorted(rows.values(), key=lambda row: (not row["is_dir"], row["path"]))
        start, count = int(cursor or 0), max(1, min(int(limit), LARGEST_PAGE))
        end = start + count
        return {"entries": ordered[start:end], "cursor": str(end) if end < len(ordered) else None}

    def preview(self, store: str, run: str, path: str) -> Json:
        """A bounded look into a file."""
        artifacts = self._artifacts(store, run)
        row = artifacts.info(path)
        if not artifacts.is_near and (row.size or 0) > LARGEST_COPY:
            note = "This file is too large to be fetched for a look; download it."
            return dataclasses.asdict(Unknown(note, row.size or 0))
        with artifacts.open(path) as file:
            return dataclasses.asdict(look(file, row.size or 0, row.name))

    @contextlib.contextmanager
    def content(self, store: str, run: str, path: str) -> Iterator[tuple[ArtifactInfo, BinaryIO]]:
        """Open a file for reading, a chart's page with its script inside."""
        with self._artifacts(store, run).opened(path) as (row, file):
            yield row, file

    def zip(self, store: str, run: str, path: str = "") -> tuple[str, Iterator[bytes]]:
        """A folder as one zip: its file name, and its bytes as they come into being."""
        artifacts = self._artifacts(store, run)
        artifacts.list(path)  # an unknown folder is an error before the zip begins
        name = path.rpartition("/")[2] or artifacts.run.name or run
        return f"{name}.zip", _zipped(artifacts, path)

    # -- inside ---------------------------------------------------------------------------------

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

    def _artifacts(self, store: str, run: str) -> Artifacts:
        key = f"{store}/{run}"
        if key not in self._opened:
            self._opened[key] = self._services.artifacts(self._ref(store, run))
        return self._opened[key]

    def _uploading(self, run: str, path: str) -> Iterator[Json]:
        """What waits in the spool for a folder of this run."""
        spool = self._services.spool
        for name in spool.waiting()[:WAITING_LOOKED_AT]:
            with contextlib.suppress(MlartError, OSError, ValueError, TypeError, KeyError):
                parcel = unpack(spool.peek(spool.find(name), name)[0])
                for file in parcel.files if parcel.run.run_id == run else ():
                    if row := _below(path.strip("/"), file):
                        yield _entry(row) | {"state": "uploading"}

    def _run(self, ref: RunRef) -> Json:
        return _run_json(ref, self._summary(ref))

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


def _below(folder: str, file: Packed) -> ArtifactInfo | None:
    """The row that a folder's listing has for a file at any depth below it."""
    prefix = f"{folder}/" if folder else ""
    if not file.entry.path.startswith(prefix):
        return None
    name, deeper, _ = file.entry.path[len(prefix) :].partition("/")
    if deeper:
        return ArtifactInfo(prefix + name, is_dir=True)
    return ArtifactInfo(file.entry.path, is_dir=False, size=file.length, entry=file.entry)


def alias_of(uri: str) -> str:
    """The name under which the browser knows a tracking store."""
    return hashlib.sha256(without_credentials(uri).encode()).hexdigest()[:12]


def _label(uri: str) -> str:
    """A store in words that tell no path and no credentials."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return parts.hostname or parts.scheme
    return f"{parts.scheme} store {parts.path.rpartition('/')[2]}".strip()


def _is_at(session: Session, path: str) -> bool:
    """Whether a session's notebook is the one of this path, which is relative to the server's root."""
    return bool(path and session.notebook and f"/{session.notebook}".endswith(f"/{path.lstrip('/')}"))


def _run_json(ref: RunRef, summary: tracking.RunSummary | None) -> Json:
    return {
        "store": alias_of(ref.tracking_uri),
        "run_id": ref.run_id,
        "name": ref.name or ref.run_id,
        "experiment": summary.experiment if summary else "",
        "status": summary.status if summary else "",
        "started": int(summary.started * 1000) if summary and summary.started else None,
    }


def _entry(row: ArtifactInfo) -> Json:
    entry = row.entry
    return {
        "name": row.name,
        "path": row.path,
        "is_dir": row.is_dir,
        "size": row.size,
        "kind": entry.kind if entry else None,
        "cell": entry.execution_count if entry else None,
        "cell_id": entry.cell_id if entry else None,
        "version": entry.version if entry else None,
        "time": entry.time if entry else row.time,
        "state": "stored",
    }


class _Outlet:
    """Takes what the zip writer writes, to be passed on."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data, self._chunks = b"".join(self._chunks), []
        return data


def _zipped(artifacts: Artifacts, path: str) -> Iterator[bytes]:
    """Zip a folder into a stream: stored, for pictures and Parquet are compressed already."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, opened in artifacts.complete(path):
            with opened as source, archive.open(name, "w", force_zip64=True) as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield outlet.take()
    yield outlet.take()
