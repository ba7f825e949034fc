"""Writing to a remote store under time-outs of our own.

MLflow's defaults hold a call for minutes. They are variables of the user's process and rule the user's
own calls too, so they are left alone: here each request is told its times. One of the modules that
import MLflow, inside functions only.
"""

from __future__ import annotations

import email.utils
import mimetypes
import os
import posixpath
import time
from typing import Any
from urllib.parse import quote, urlsplit

from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside
from mlart_jupyter.store.adapters.proxy import check_name
from mlart_jupyter.store.adapters.s3 import S3
from mlart_jupyter.store.connection import CONNECT_SECONDS, Connection
from mlart_jupyter.store.run import RunStore, _repository
from mlart_jupyter.store.view import View
from mlart_jupyter.uris import masked

BRISK, BRISK_RATE = 8.0, 1_000_000
"""What a store that was quick so far may take for an answer: seconds, and bytes per second beyond them."""
PATIENT, PATIENT_RATE = 60.0, 100_000
"""The same for one that answers, but slowly."""
PROBE_SECONDS = 3.0

REFUSALS = {400, 405, 411, 413, 414, 415, 422}
"""HTTP status with which trying again is useless, besides MLflow's own error codes."""
REFUSED = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE"}
OVERLOADED = {429, 502, 503, 504}
"""HTTP status that speaks for the whole host."""

ARTIFACTS = "/mlflow-artifacts/artifacts"
"""The route by which an MLflow server hands artifacts through."""
MULTIPART = "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"
MULTIPART_BYTES = 500 * 2**20
SINGLE_PUT_BYTES = 64 * 2**20


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


class S3Sending(RunStore):
    """A bucket, written through a client of our own that has MLflow's credentials, endpoint and options."""

    def __init__(self, artifact_uri: str, tracking_uri: str, repository: Any) -> None:
        super().__init__(artifact_uri, tracking_uri)
        self._s3 = repository
        uri = urlsplit(artifact_uri)
        self._bucket, self._root = uri.netloc, uri.path.strip("/")
        self._client = _s3_client(repository)
        self._adapter = TimedS3(repository, self._client)

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        path = inside(path)
        place = {"Bucket": self._bucket, "Key": posixpath.join(self._root, path)}
        extra = dict(self._s3.get_s3_file_upload_extra_args() or {}) | getattr(self._s3, "_bucket_owner_params", {})
        extra.setdefault("ContentType", mimetypes.guess_type(path)[0] or "application/octet-stream")
        with self._as_ours():
            if len(data) <= SINGLE_PUT_BYTES:
                self._put_whole(data, place, extra)
            else:
                self._put_parts(data, place, extra)

    def _in_words(self, error: Exception) -> MlartError:
        """See `RunStore`; botocore raises its own."""
        return told_s3(error, self.uri)

    def _put_whole(self, data: Payload, place: dict[str, str], extra: dict[str, Any]) -> None:
        """Send a file, and once more at once when a kept connection has gone stale."""
        try:
            self._client.put_object(Body=View(data), **place, **extra)
        except Exception as error:  # botocore raises its own
            if kind_of_trouble(error) != "broken":
                raise
            self._client.put_object(Body=View(data), **place, **extra)

    def _put_parts(self, data: Payload, place: dict[str, str], extra: dict[str, Any]) -> None:
        from boto3.s3.transfer import TransferConfig

        # Without threads: boto3's take nothing more once the interpreter exits.
        config = TransferConfig(use_threads=False)
        self._client.upload_fileobj(View(data), place["Bucket"], place["Key"], ExtraArgs=extra, Config=config)


class TimedS3(S3):
    """Lists and reads through a client of our own: MLflow's would hold a delivery for minutes."""

    def __init__(self, repository: Any, client: Any) -> None:
        super().__init__(repository)
        self._own = client

    @property
    def _client(self) -> Any:
        return self._own


def _s3_client(repository: Any) -> Any:
    import boto3
    from botocore.client import Config

    theirs = repository._get_s3_client()  # noqa: SLF001  it knows endpoint, region, signature and addressing
    times = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=BRISK,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=16,
    )
    return boto3.client(
        "s3",
        config=theirs.meta.config.merge(times),
        endpoint_url=theirs.meta.endpoint_url,
        region_name=theirs.meta.region_name,
        verify=False if os.environ.get("MLFLOW_S3_IGNORE_TLS", "").lower() in ("true", "1") else None,
        aws_access_key_id=getattr(repository, "_access_key_id", None),
        aws_secret_access_key=getattr(repository, "_secret_access_key", None),
        aws_session_token=getattr(repository, "_session_token", None),
    )


# -- what an error says ---------------------------------------------------------------------------

NO_ANSWER = ("ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError", "TimeoutError", "Timeout")
NO_CONNECTION = (
    "ConnectionError",
    "NewConnectionError",
    "EndpointConnectionError",
    "ConnectionClosedError",
    "ProtocolError",
    "gaierror",
)


def kind_of_trouble(error: BaseException) -> str:
    """Where an error comes from, by it and its causes: ``late``, ``broken`` (no connection), or ``""``."""
    names: set[str] = set()
    seen: BaseException | None = error
    while seen is not None and len(names) < 100:
        names |= {kind.__name__ for kind in type(seen).__mro__}
        seen = seen.__cause__ or seen.__context__
    if names.intersection(NO_ANSWER):
        return "late"
    return "broken" if names.intersection(NO_CONNECTION) else ""


def told_answer(answer: Any, uri: str) -> MlartError:
    """Tell by an HTTP answer whether a later try may succeed."""
    code, words = _words(answer)
    status = int(answer.status_code)
    place = masked(uri)
    if status in OVERLOADED:
        problem = f"The store {place} is overloaded or down: HTTP {status}{words}"
        return StoreUnavailable.of_host(problem, "It is tried again by itself", rest(answer.headers.get("Retry-After")))
    if status in (401, 403, 407) or code in ("PERMISSION_DENIED", "UNAUTHENTICATED"):
        step = "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        return StoreUnavailable(f"The store {place} does not let us in: HTTP {status}{words}", step)
    if status in REFUSALS or code in REFUSED:
        return StoreRefused(
            f"The store {place} refuses: HTTP {status}{words}", "Check the run and its artifact location"
        )
    return StoreUnavailable(f"The store {place} fails: HTTP {status}{words}", "It is tried again by itself")


def _words(answer: Any) -> tuple[str, str]:
    """MLflow's error code and message, where the answer has them."""
    try:
        values = answer.json()
        return str(values.get("error_code", "")), f" {masked(str(values.get('message', '')))[:200]}".rstrip()
    except (ValueError, AttributeError):
        return "", ""


def rest(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


S3_REFUSED = {"NoSuchBucket", "EntityTooLarge", "KeyTooLongError", "InvalidBucketName", "InvalidArgument"}
S3_BUSY = {"SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "503"}


def told_s3(error: Exception, uri: str) -> MlartError:
    """Tell by an error of botocore whether a later try may succeed."""
    response: Any = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    words = masked(str(error).strip().partition("\n")[0])
    if code in S3_REFUSED:
        return StoreRefused(f"The store {uri} refuses: {words}", "Check the run and its artifact location")
    if "Credential" in type(error).__name__ or code in ("AccessDenied", "InvalidAccessKeyId", "ExpiredToken", "403"):
        step = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE)"
        return StoreUnavailable(f"The store {uri} does not let us in: {words}", step)
    problem, step = f"The store {uri} does not answer: {words}", "It is tried again by itself"
    if code in S3_BUSY or kind_of_trouble(error):
        return StoreUnavailable.of_host(problem, step, rest(headers.get("retry-after")))
    return StoreUnavailable(problem, step)
