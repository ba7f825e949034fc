"""A run's artifacts through MLflow's own repositories, so that credentials work exactly as MLflow's do.

One of the modules that import MLflow, inside functions only. What MLflow's repositories lack, pages,
facts and parts of files, comes from `adapters`.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import socket
import tempfile
import threading
import urllib.request
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from mlart_jupyter.errors import BadPath, MlartError, StoreUnavailable, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside
from mlart_jupyter.store.adapters import adapter_for
from mlart_jupyter.store.adapters.base import missing
from mlart_jupyter.store.adapters.http import Http
from mlart_jupyter.store.base import PAGE, Page, in_order
from mlart_jupyter.store.copying import Tell, copy
from mlart_jupyter.store.ranged import ranged
from mlart_jupyter.store.schemes import told
from mlart_jupyter.store.tracking import warm_up
from mlart_jupyter.waiting import check

if TYPE_CHECKING:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

    from mlart_jupyter.store.adapters.base import Adapter

CONNECT_SECONDS = 2.0
"""How long a server may take to accept a connection before it counts as unreachable."""
LISTING = 1000
"""Rows that are asked for at once where a whole folder is wanted."""
CACHED = 64
CREDENTIALS = ("AWS_", "AZURE_", "GOOGLE_", "MLFLOW_", "STORAGE_EMULATOR_HOST", "JAVA_HOME", "CLASSPATH")


class RunStore:
    """The artifacts under one artifact URI.

    Parameters
    ----------
    artifact_uri
        Where the run keeps its artifacts.
    tracking_uri
        Resolves ``mlflow-artifacts:`` URIs.
    """

    def __init__(self, artifact_uri: str, tracking_uri: str) -> None:
        self.uri = artifact_uri
        self._server = _server_of(artifact_uri, tracking_uri)
        with self._as_ours():
            self._adapter = _adapter(artifact_uri, tracking_uri)

    @property
    def ranged(self) -> bool:
        """See `Store.ranged`."""
        return self._adapter.ranged

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        page = self.page(path, limit=LISTING)
        rows = [*page.rows]
        while page.cursor is not None:
            check()
            page = self.page(path, page.cursor, LISTING)
            rows += page.rows
        return in_order(rows)

    def page(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """See `Store.page`; names that no path of ours can have are left out."""
        folder = inside(path)
        with self._reached():
            page = self._adapter.page(folder, cursor, max(1, limit))
        return Page(tuple(row for row in page.rows if _is_plain(row.path)), page.cursor)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Store.info`."""
        path = inside(path)
        with self._reached():
            return self._adapter.info(path) if path else ArtifactInfo("", is_dir=True)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """See `Store.open`: by parts where the storage has them, else through a copy."""
        row = self._file(path)
        if row.size and isinstance(self._adapter, Http):
            with self._reached():
                self._adapter.learn(row.path)
        if self.ranged and row.size is not None:
            with ranged(lambda start, length: self.read(row.path, start, length), row.size) as file:
                yield file
            return
        with (
            tempfile.TemporaryDirectory(prefix="mlart-") as folder,
            self._fetch(row.path, Path(folder)).open("rb") as file,
        ):
            yield file

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """See `Store.read`."""
        path = inside(path)
        if not path:
            raise missing(path)
        try:
            with self._reached():
                return self._adapter.read(path, start, length)
        except UnknownArtifact:
            raise
        except MlartError:
            row = self.info(path)  # a folder, or nothing: the clients have many words for it
            if row is None or row.is_dir:
                raise missing(path) from None
            raise

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        path = _file_path(path)
        with tempfile.TemporaryDirectory(prefix="mlart-") as folder:
            file = Path(folder) / path.rpartition("/")[2]
            file.write_bytes(data)
            self.put_tree(path, file)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`; a file keeps its own name, so `path` must end in it."""
        path = inside(path)
        with self._reached():
            if source.is_dir():
                self._adapter.put_tree(path, source)
            else:
                self._adapter.put(path, source)

    def download(self, path: str, target: Path, tell: Tell | None = None) -> Path:
        """See `Store.download`."""
        return copy(self, path, target, fetch=None if self.ranged else self._fetch, tell=tell)

    def delete(self, path: str) -> None:
        """See `Store.delete`."""
        path = _file_path(path)
        if self.info(path) is not None:
            with self._reached():
                self._adapter.delete(path)

    def _file(self, path: str) -> ArtifactInfo:
        row = self.info(path)
        if row is None:
            raise missing(path)
        if row.is_dir:
            raise UnknownArtifact(f"{path} is a folder", "Name a file in it")
        return row

    def _fetch(self, path: str, target: Path) -> Path:
        """Copy one file into a local folder, without the progress bar of `download_artifacts`."""
        target.mkdir(parents=True, exist_ok=True)
        wanted = target / path.rpartition("/")[2]
        with self._reached():
            self._adapter.fetch(path, wanted)
        return wanted

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Ask whether the server accepts connections first: MLflow's own retries hold a call for minutes."""
        try:
            if self._server:
                socket.create_connection(self._server, timeout=CONNECT_SECONDS).close()
        except OSError as error:  # nobody listens: no other run of this host can be served either
            raise StoreUnavailable.of_host(told(error, self.uri).problem, "It is tried again by itself") from error
        with self._as_ours():
            yield

    @contextlib.contextmanager
    def _as_ours(self) -> Iterator[None]:
        """Raise what a storage's client raises as one of our errors."""
        try:
            yield
        except MlartError:
            raise
        except Exception as error:  # the clients of seven storages raise errors of their own
            raise self._in_words(error) from error

    def _in_words(self, error: Exception) -> MlartError:
        """What a client's error is in our words."""
        return told(error, self.uri)


def _file_path(path: str) -> str:
    plain = inside(path)
    if not plain:
        raise BadPath("This is the run itself", "Name a file or folder in it")
    return plain


def _is_plain(path: str) -> bool:
    try:
        return inside(path) == path
    except BadPath:
        return False


# -- repositories, kept ---------------------------------------------------------------------------

_adapters: OrderedDict[tuple[str, str, int], Adapter] = OrderedDict()
_lock = threading.Lock()


def _adapter(artifact_uri: str, tracking_uri: str) -> Adapter:
    """The adapter of a run, made once: some repositories take seconds to make.

    Another value of a variable that holds credentials makes another one.
    """
    who = hash(tuple(sorted(row for row in os.environ.items() if row[0].startswith(CREDENTIALS))))
    key = artifact_uri, tracking_uri, who
    with _lock:
        known = _adapters.get(key)
    adapter = known or adapter_for(_repository(artifact_uri, tracking_uri))
    with _lock:
        _adapters[key] = adapter
        _adapters.move_to_end(key)
        while len(_adapters) > CACHED:
            _adapters.popitem(last=False)
    return adapter


def _repository(artifact_uri: str, tracking_uri: str) -> ArtifactRepository:
    warm_up()
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.store.artifact.mlflow_artifacts_repo import MlflowArtifactsRepository

    if "tracking_uri" in inspect.signature(get_artifact_repository).parameters:
        return get_artifact_repository(artifact_uri, tracking_uri=tracking_uri)
    if artifact_uri.startswith("mlflow-artifacts:"):  # before MLflow 3 resolved by the current tracking URI
        artifact_uri = MlflowArtifactsRepository.resolve_uri(artifact_uri, tracking_uri)
    return get_artifact_repository(artifact_uri)


def _server_of(artifact_uri: str, tracking_uri: str) -> tuple[str, int] | None:
    uri = urlsplit(tracking_uri if artifact_uri.startswith("mlflow-artifacts:") else artifact_uri)
    if uri.scheme not in ("http", "https") or not uri.hostname or _behind_proxy(uri.scheme, uri.hostname):
        return None
    return uri.hostname, uri.port or (443 if uri.scheme == "https" else 80)


def _behind_proxy(scheme: str, host: str) -> bool:
    """Whether requests to a host go through a proxy, so that a connection of our own would say nothing."""
    return scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)
