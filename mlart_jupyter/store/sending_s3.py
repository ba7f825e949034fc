"""Writing to S3 and what speaks like it under time-outs of our own, with MLflow's credentials and options.

One of the modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import mimetypes
import os
import posixpath
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable
from mlart_jupyter.models import Payload
from mlart_jupyter.paths import inside
from mlart_jupyter.store.adapters.s3 import S3
from mlart_jupyter.store.connection import BRISK, BRISK_RATE, CONNECT_SECONDS, CONNECTIONS, PATIENT, PROBE_SECONDS
from mlart_jupyter.store.replies import kind_of_trouble, rest
from mlart_jupyter.store.run import RunStore
from mlart_jupyter.store.view import View
from mlart_jupyter.uris import masked

SINGLE_PUT_BYTES = 64 * 2**20
REFUSED = {"NoSuchBucket", "EntityTooLarge", "KeyTooLongError", "InvalidBucketName", "InvalidArgument"}
BUSY = {"SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "503"}


class S3Sending(RunStore):
    """A bucket, written through clients of our own that have MLflow's credentials, endpoint and options."""

    def __init__(self, artifact_uri: str, tracking_uri: str, repository: Any) -> None:
        super().__init__(artifact_uri, tracking_uri)
        uri = urlsplit(artifact_uri)
        self._bucket, self._root = uri.netloc, uri.path.strip("/")
        self._clients = Clients(repository, self._bucket)
        self._s3 = repository
        self._adapter = TimedS3(repository, self._clients)

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        path = inside(path)
        place = {"Bucket": self._bucket, "Key": posixpath.join(self._root, path)}
        extra = dict(self._s3.get_s3_file_upload_extra_args() or {}) | getattr(self._s3, "_bucket_owner_params", {})
        extra.setdefault("ContentType", mimetypes.guess_type(path)[0] or "application/octet-stream")
        with self._as_ours():
            client, begun = self._clients.current(), time.monotonic()
            if len(data) <= SINGLE_PUT_BYTES:
                _put_whole(client, data, place, extra)
            else:
                _put_parts(client, data, place, extra)
            self._clients.answered(time.monotonic() - begun, len(data))

    def _in_words(self, error: Exception) -> MlartError:
        """See `RunStore`; botocore raises its own."""
        self._clients.failed(error)
        return told(error, self.uri)


class Clients:
    """A bucket's clients, each with the time that an answer may take: botocore sets it once for all requests.

    A store that was quick so far gets little time, and then its listing and its files are tried again soon;
    one that has answered late gets much, if it answers at all, which a small request asks first.
    """

    def __init__(self, repository: Any, bucket: str) -> None:
        self._repository = repository
        self._bucket = bucket
        self._is_slow = False
        self._by_seconds: dict[float, Any] = {}
        self._lock = threading.Lock()

    def current(self) -> Any:
        """The client for the next request."""
        if not self._is_slow:
            return self._of(BRISK)
        self._probe()
        return self._of(PATIENT)

    def answered(self, seconds: float, size: int) -> None:
        """A file of so many bytes has arrived."""
        self._is_slow = seconds > BRISK + size / BRISK_RATE

    def failed(self, error: Exception) -> None:
        """A request has failed."""
        self._is_slow = self._is_slow or kind_of_trouble(error) == "late"

    def _probe(self) -> None:
        """Tell a store that is slow from one that does not answer: any answer will do."""
        try:
            self._of(PROBE_SECONDS).head_bucket(Bucket=self._bucket)
        except Exception as error:  # botocore raises its own
            if getattr(error, "response", None) is None:
                raise

    def _of(self, seconds: float) -> Any:
        with self._lock:  # boto3 makes clients one at a time
            if seconds not in self._by_seconds:
                self._by_seconds[seconds] = _client(self._repository, seconds)
            return self._by_seconds[seconds]


class TimedS3(S3):
    """Lists and reads through clients of our own: MLflow's would hold a delivery for minutes."""

    def __init__(self, repository: Any, clients: Clients) -> None:
        super().__init__(repository)
        self._clients = clients

    @property
    def _client(self) -> Any:
        return self._clients.current()


def _client(repository: Any, seconds: float) -> Any:
    import boto3
    from botocore.client import Config

    theirs = repository._get_s3_client()  # noqa: SLF001  it knows endpoint, region, signature and addressing
    times = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=CONNECTIONS,
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


def _put_whole(client: Any, data: Payload, place: dict[str, str], extra: dict[str, Any]) -> None:
    """Send a file, and once more at once when a kept connection has gone stale."""
    try:
        client.put_object(Body=View(data), **place, **extra)
    except Exception as error:  # botocore raises its own
        if kind_of_trouble(error) != "broken":
            raise
        client.put_object(Body=View(data), **place, **extra)


def _put_parts(client: Any, data: Payload, place: dict[str, str], extra: dict[str, Any]) -> None:
    from boto3.s3.transfer import TransferConfig

    # Without threads: boto3's take nothing more once the interpreter exits.
    config = TransferConfig(use_threads=False)
    client.upload_fileobj(View(data), place["Bucket"], place["Key"], ExtraArgs=extra, Config=config)


def told(error: Exception, uri: str) -> MlartError:
    """Tell by an error of botocore whether a later try may succeed."""
    response: Any = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    words = masked(str(error).strip().partition("\n")[0])
    if code in REFUSED:
        return StoreRefused(f"The store {uri} refuses: {words}", "Check the run and its artifact location")
    if "Credential" in type(error).__name__ or code in ("AccessDenied", "InvalidAccessKeyId", "ExpiredToken", "403"):
        step = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE)"
        return StoreUnavailable(f"The store {uri} does not let us in: {words}", step)
    problem, step = f"The store {uri} does not answer: {words}", "It is tried again by itself"
    if code in BUSY or kind_of_trouble(error):
        return StoreUnavailable.of_host(problem, step, rest(headers.get("retry-after")))
    return StoreUnavailable(problem, step)
