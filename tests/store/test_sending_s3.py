"""Writing to S3 under time-outs of our own: a store that says nothing, one that is late, one that is quick."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from loopback import serving

pytest.importorskip("boto3")

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.store import sending_s3, sending_store
from mlart_jupyter.store.run import RunStore
from mlart_jupyter.store.sending_s3 import S3Sending


class Handler(BaseHTTPRequestHandler):
    """Takes what is put, late or never when it is told so."""

    protocol_version = "HTTP/1.1"
    server: Bucket

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append("PUT")
        if not self.server.go.wait(self.server.wait.pop(0) if self.server.wait else 0):
            self._send(200)

    def do_HEAD(self) -> None:
        self.server.asked.append("HEAD")
        self._send(403)  # who may write need not be let see the bucket

    def _send(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Bucket(ThreadingHTTPServer):
    """A server with the seconds that it takes for each of the next files."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.wait: list[float] = []
        self.go = threading.Event()

    def handle_error(self, *args: Any) -> None:
        """Say nothing: connections end here on purpose."""


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    server = Bucket()
    with serving(server):
        yield server
        server.go.set()


@pytest.fixture
def store(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{bucket.server_port}")
    monkeypatch.setattr(sending_s3, "BRISK", 2.0)
    return sending_store("s3://bucket/1/r/artifacts", "sqlite:///nowhere.db")


def test_a_quick_store_is_asked_once_for_each_file(store: RunStore, bucket: Bucket) -> None:
    assert isinstance(store, S3Sending)
    store.put("a.txt", b"1")
    store.put("b.txt", b"2")
    assert bucket.asked == ["PUT", "PUT"]


def test_a_store_that_says_nothing_is_left_soon_and_then_gets_more_time(store: RunStore, bucket: Bucket) -> None:
    bucket.wait = [30, 3, 0]
    with pytest.raises(StoreUnavailable) as caught:
        store.put("a.txt", b"1")
    assert caught.value.whole_host
    store.put("a.txt", b"1")  # three seconds: more than a store gets that was quick so far
    assert bucket.asked == ["PUT", "HEAD", "PUT"]


def test_a_store_that_is_quick_again_is_no_longer_asked_first(store: RunStore, bucket: Bucket) -> None:
    bucket.wait = [30, 0, 0]
    with pytest.raises(StoreUnavailable):
        store.put("a.txt", b"1")
    store.put("a.txt", b"1")
    store.put("b.txt", b"1")
    assert bucket.asked == ["PUT", "HEAD", "PUT", "PUT"]


def test_a_store_that_does_not_answer_the_small_request_gets_no_file(
    store: RunStore, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending_s3, "PROBE_SECONDS", 0.5)
    monkeypatch.setattr(Handler, "do_HEAD", lambda self: self.server.go.wait(30))
    bucket.wait = [30]
    for _ in range(2):
        with pytest.raises(StoreUnavailable) as caught:
            store.put("a.txt", b"1")
        assert caught.value.whole_host
    assert bucket.asked == ["PUT"]
