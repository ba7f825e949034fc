"""Writing to a remote store under time-outs of our own.

MLflow's defaults hold a call for minutes. They are variables of the user's process and rule the user's
own calls too, so they are left alone: here each request is told its times. One of the modules that
import MLflow, inside functions only.
"""

from __future__ import annotations

import mimetypes
import os
import posixpath
import time
from typing import Any
from urllib.parse import quote, urlsplit

from mlart_jupyter.errors import MlartError, StoreUnavailable
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside
from mlart_jupyter.store.adapters.proxy import check_name
from mlart_jupyter.store.connection import BRISK, BRISK_RATE, PATIENT, PATIENT_RATE, PROBE_SECONDS, Connection
from mlart_jupyter.store.replies import kind_of_trouble, told_answer
from mlart_jupyter.store.run import RunStore, _repository
from mlart_jupyter.store.sending_s3 import S3Sending
from mlart_jupyter.uris import masked

ARTIFACTS = "/mlflow-artifacts/artifacts"
"""The route by which an MLflow server hands artifacts through."""
MULTIPART = "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"
MULTIPART_BYTES = 500 * 2**20


def sending_store(artifact_uri: str, tracking_uri: str) -> RunStore:
    """The store of a run for a delivery; storages that need nothing of their own get a `RunStore`."""
    repository = _repository(artifact_uri, tracking_uri)
    names = {kind.__name__ for kind in type(repository).__mro__}
    if "HttpArtifactRepository" in names:
        return HttpSending(artifact_uri, tracking_uri, repository)
    if type(repository).__name__ in ("S3ArtifactRepository", "OptimizedS3ArtifactRepository"):
        return S3Sending(artifact_uri, tracking_uri, repository)
    return RunStore(artifact_uri, tracking_uri)


class HttpSending(RunStore):
    """A store behind an MLflow server, or a plain web server that takes ``PUT``."""

    def __init__(self, artifact_uri: str, tracking_uri: str, repository: Any) -> None:
        super().__init__(artifact_uri, tracking_uri)
        self._http = repository
        self._is_slow = False
        self._connection = Connection()

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        base, marker, tail = self._http.artifact_uri.partition(ARTIFACTS)
        if not marker:
            return super().list(path)
        from mlflow.utils.credentials import get_default_host_creds

        folder = inside(path)
        params = {"path": posixpath.join(tail.lstrip("/"), folder)}
        answer = self._timed(get_default_host_creds(base), marker, "GET", 0, params=params)
        found = [self._row(folder, row) for row in answer.json().get("files", [])]
        return sorted(found, key=lambda row: (not row.is_dir, row.path))

    def _row(self, folder: str, row: dict[str, Any]) -> ArtifactInfo:
        size = int(row["file_size"]) if "file_size" in row else None
        return ArtifactInfo(posixpath.join(folder, row["path"]), bool(row["is_dir"]), size)

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`: streamed, and sent again at once when a kept connection has gone stale."""
        path = inside(path)
        if ARTIFACTS in self._http.artifact_uri:
            check_name(path)
        if len(data) >= MULTIPART_BYTES and os.environ.get(MULTIPART, "").lower() in ("true", "1"):
            super().put(path, data)
            return
        headers = {"Content-Type": mimetypes.guess_type(path)[0] or "application/octet-stream"}
        self._timed(self._creds, f"/{quote(path)}", "PUT", len(data), body=data, extra_headers=headers)

    def _timed(self, creds: Any, endpoint: str, method: str, size: int, **more: Any) -> Any:
        """Make a request with the patience that the server deserves by what it took so far."""
        if self._is_slow:
            self._probe()
        base, rate = (PATIENT, PATIENT_RATE) if self._is_slow else (BRISK, BRISK_RATE)
        begun = time.monotonic()
        answer = self._request(creds, endpoint, method, base + size / rate, **more)
        self._is_slow = time.monotonic() - begun > BRISK + size / BRISK_RATE
        return answer

    @property
    def _creds(self) -> Any:
        return self._http._host_creds  # noqa: SLF001  what each of the repository's requests uses

    def _probe(self) -> None:
        """Tell a server that is slow from one that does not answer: any answer will do."""
        from mlflow.utils.credentials import get_default_host_creds

        uri = urlsplit(self._http.artifact_uri)
        creds = get_default_host_creds(f"{uri.scheme}://{uri.netloc}")
        self._answer(creds, "/health", "GET", PROBE_SECONDS)

    def _request(self, creds: Any, endpoint: str, method: str, seconds: float, **more: Any) -> Any:
        answer = self._answer(creds, endpoint, method, seconds, **more)
        if answer.status_code >= 300:
            raise told_answer(answer, self.uri)
        return answer

    def _answer(self, creds: Any, endpoint: str, method: str, seconds: float, **more: Any) -> Any:
        """The server's answer, whatever it is; a connection that breaks is tried once more at once."""
        try:
            return self._connection.request(creds, endpoint, method, seconds, **more)
        except Exception as error:  # MLflow, requests and urllib3 raise their own
            trouble = kind_of_trouble(error)
            if trouble != "broken":
                self._is_slow = self._is_slow or trouble == "late"
                raise self._told(error, trouble) from error
        try:
            return self._connection.request(creds, endpoint, method, seconds, **more)
        except Exception as error:  # as above
            raise self._told(error, kind_of_trouble(error)) from error

    def _told(self, error: Exception, trouble: str) -> MlartError:
        words = masked(str(error).strip().partition("\n")[0])
        problem, step = f"The store {masked(self.uri)} does not answer: {words}", "It is tried again by itself"
        return StoreUnavailable.of_host(problem, step) if trouble else StoreUnavailable(problem, step)
