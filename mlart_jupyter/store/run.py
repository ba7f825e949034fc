"""A run's artifacts through MLflow's own repositories, so that credentials work exactly as MLflow's do.

One of the two modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import contextlib
import inspect
import shutil
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside, parent
from mlart_jupyter.store.tracking import warm_up

if TYPE_CHECKING:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

CONNECT_SECONDS = 2.0
"""How long a server may take to accept a connection before it counts as unreachable."""

REFUSED = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED", "INVALID_STATE"}
"""MLflow's error codes for which trying again is useless."""


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
        with _told(artifact_uri):
            self._repository = _repository(artifact_uri, tracking_uri)

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        folder = inside(path)
        with self._reached():
            found = self._repository.list_artifacts(folder or None)
        rows = [ArtifactInfo(row.path, bool(row.is_dir), row.file_size) for row in found]
        return sorted(rows, key=lambda row: (not row.is_dir, row.path))

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Store.info`."""
        path = inside(path)
        return next((row for row in self.list(parent(path)) if row.path == path), None)

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """See `Store.open`: through a copy, for not every storage reads parts."""
        path = self._known(path, is_dir=False).path
        with tempfile.TemporaryDirectory(prefix="mlart-") as folder, self._fetch(path, Path(folder)).open("rb") as file:
            yield file

    def read(self, path: str) -> bytes:
        """See `Store.read`."""
        with self.open(path) as file:
            return file.read()

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        path = inside(path)
        with tempfile.TemporaryDirectory(prefix="mlart-") as folder:
            file = Path(folder) / path.rpartition("/")[2]
            file.write_bytes(data)
            self.put_tree(path, file)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`; a file keeps its own name, so `path` must end in it."""
        path = inside(path)
        with self._reached():
            if source.is_dir():
                self._repository.log_artifacts(str(source), path or None)
            else:
                self._repository.log_artifact(str(source), parent(path) or None)

    def download(self, path: str, target: Path) -> Path:
        """See `Store.download`."""
        path = inside(path)
        if path and not self._known(path).is_dir:
            return self._fetch(path, target)
        wanted = target / path.rpartition("/")[2]
        if not path and not self.list():  # MLflow 2 fails on a run that has nothing yet
            wanted.mkdir(parents=True, exist_ok=True)
            return wanted
        with tempfile.TemporaryDirectory(prefix="mlart-") as folder, self._reached():
            # A folder of its own: MLflow rebuilds the whole path below it.
            shutil.copytree(self._repository.download_artifacts(path, folder), wanted, dirs_exist_ok=True)
        return wanted

    def _known(self, path: str, *, is_dir: bool | None = None) -> ArtifactInfo:
        row = self.info(path)
        if row is None:
            raise UnknownArtifact(f"The run has no artifact {path}", "List them with %mlart ls")
        if is_dir is not None and row.is_dir != is_dir:
            raise UnknownArtifact(f"{path} is a folder", "Name a file in it")
        return row

    def _fetch(self, path: str, target: Path) -> Path:
        """Copy one file into a local folder, without the progress bar of `download_artifacts`."""
        target.mkdir(parents=True, exist_ok=True)
        wanted = target / path.rpartition("/")[2]
        with self._reached():
            self._repository._download_file(path, str(wanted))  # noqa: SLF001  what each repository must implement
        return wanted

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Ask whether the server accepts connections first: MLflow's own retries hold a call for minutes."""
        with _told(self.uri):
            if self._server:
                socket.create_connection(self._server, timeout=CONNECT_SECONDS).close()
            yield


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


@contextlib.contextmanager
def _told(uri: str) -> Iterator[None]:
    """Raise what a store raises as one of our errors."""
    try:
        yield
    except MlartError:
        raise
    except Exception as error:  # the clients of seven storages raise errors of their own
        raise told(error, uri) from error


def told(error: Exception, uri: str) -> MlartError:
    """Tell by an error whether a later try may succeed."""
    code: Any = getattr(error, "error_code", None)
    words = str(error).strip().partition("\n")[0] or type(error).__name__
    if code in REFUSED or isinstance(error, ImportError):
        return StoreRefused(f"The store {_public(uri)} refuses: {words}", "Check the run and its artifact location")
    return StoreUnavailable(f"The store {_public(uri)} does not answer: {words}", "It is tried again by itself")


def _public(uri: str) -> str:
    """A URI without user name and password."""
    parts = urlsplit(uri)
    return uri.replace(f"{parts.username}:{parts.password}@", "***@") if parts.password else uri
