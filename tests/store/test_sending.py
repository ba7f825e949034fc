"""Writing over HTTP under time-outs of our own: what an answer, or none, means for the next try."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mlart_jupyter.errors import StoreRefused, StoreUnavailable
from mlart_jupyter.store import sending
from mlart_jupyter.store.run import RunStore
from mlart_jupyter.store.sending import HttpSending, View, rest, sending_store

BASE = "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts"


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told, and notes what came."""

    protocol_version = "HTTP/1.1"
    server: Answering

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body, self.headers.get("Authorization", "")))
        status, headers, answer = self.server.answers.pop(0) if self.server.answers else (200, {}, {})
        if status == 0:  # breaks the connection
            self.close_connection = True
            return
        if status == -1:  # says nothing
            self.server.go.wait(30)
            return
        self._send(status, headers, answer)

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self._send(
            200, {}, {"files": [{"path": "a.txt", "is_dir": False, "file_size": 3}, {"path": "d", "is_dir": True}]}
        )

    def _send(self, status: int, headers: dict[str, str], answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class Answering(ThreadingHTTPServer):
    """A server with a list of answers to give; then it takes everything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], Any]] = []
        self.got: list[tuple[str, bytes, str]] = []
        self.asked: list[str] = []
        self.go = threading.Event()

    def handle_error(self, *args: Any) -> None:
        """Say nothing: connections break here on purpose."""


@pytest.fixture
def server() -> Iterator[Answering]:
    server = Answering()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(server: Answering, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setattr(sending, "BRISK", 0.5)
    return sending_store("mlflow-artifacts:/1/r/artifacts", f"http://127.0.0.1:{server.server_port}")


def test_a_file_is_put_whole_under_its_name(store: RunStore, server: Answering) -> None:
    store.put("figures/loss #1?.png", b"x" * 3_000_000)
    assert [(path, len(body)) for path, body, _ in server.got] == [(f"{BASE}/figures/loss%20%231%3F.png", 3_000_000)]


def test_an_empty_file_is_put(store: RunStore, server: Answering) -> None:
    store.put("empty", b"")
    assert server.got[0][1] == b""


def test_a_view_of_a_payload_is_put(store: RunStore, server: Answering) -> None:
    store.put("a", memoryview(b"0123456789")[2:5])
    assert server.got[0][1] == b"234"


def test_mlflows_credentials_go_along(store: RunStore, server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    store.put("a", b"1")
    assert server.got[0][2] == "Bearer abc"


def test_a_folder_is_listed(store: RunStore, server: Answering) -> None:
    assert [(row.path, row.is_dir, row.size) for row in store.list("texts")] == [
        ("texts/d", True, None),
        ("texts/a.txt", False, 3),
    ]
    assert server.asked == ["/api/2.0/mlflow-artifacts/artifacts?path=1%2Fr%2Fartifacts%2Ftexts"]


@pytest.mark.parametrize(
    ("status", "headers", "answer", "whole_host", "retry_after"),
    [
        (500, {}, {}, False, None),
        (404, {}, {}, False, None),
        (503, {}, {}, True, None),
        (503, {"Retry-After": "7"}, {}, True, 7.0),
        (429, {"Retry-After": "2"}, {}, True, 2.0),
        (401, {}, {}, False, None),
        (403, {}, {"error_code": "PERMISSION_DENIED"}, False, None),
    ],
)
def test_a_later_try_may_succeed(
    store: RunStore,
    server: Answering,
    status: int,
    headers: dict[str, str],
    answer: Any,
    whole_host: bool,
    retry_after: float | None,
) -> None:
    server.answers = [(status, headers, answer)]
    with pytest.raises(StoreUnavailable) as caught:
        store.put("a", b"1")
    assert (caught.value.whole_host, caught.value.retry_after) == (whole_host, retry_after)
    assert len(server.got) == 1  # MLflow would have asked for minutes
    store.put("a", b"1")


@pytest.mark.parametrize(
    ("status", "answer"), [(413, {}), (400, {}), (404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "gone"})]
)
def test_trying_again_is_useless(store: RunStore, server: Answering, status: int, answer: Any) -> None:
    server.answers = [(status, {}, answer)]
    with pytest.raises(StoreRefused, match=f"HTTP {status}"):
        store.put("a", b"1")


def test_who_may_not_is_told_which_variables_say_who_one_is(store: RunStore, server: Answering) -> None:
    server.answers = [(401, {}, {})]
    with pytest.raises(StoreUnavailable, match="MLFLOW_TRACKING_TOKEN"):
        store.put("a", b"1")


def test_a_connection_that_has_gone_stale_is_no_failure(store: RunStore, server: Answering) -> None:
    server.answers = [(0, {}, {})]
    store.put("a", b"123")
    assert [body for _, body, _ in server.got] == [b"123", b"123"]


def test_a_server_that_says_nothing_is_left_soon(store: RunStore, server: Answering) -> None:
    server.answers = [(-1, {}, {})]
    with pytest.raises(StoreUnavailable) as caught:
        store.put("a", b"1")
    assert caught.value.whole_host
    assert len(server.got) == 1
    store.put("a", b"1")
    assert server.asked == ["/health"]  # it is slow, not dead: from now on it gets more time


def test_a_server_that_is_not_there_is_told(server: Answering) -> None:
    store = sending_store("mlflow-artifacts:/1/r/artifacts", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable) as caught:
        store.put("a", b"1")
    assert caught.value.whole_host


def test_the_users_own_calls_keep_their_times(store: RunStore, server: Answering) -> None:
    before = dict(os.environ)
    store.put("a", b"1")
    assert dict(os.environ) == before


def test_an_http_store_is_written_under_our_own_times(store: RunStore) -> None:
    assert isinstance(store, HttpSending)


def test_other_storages_are_written_as_mlflow_does(tmp_path: Any) -> None:
    assert type(sending_store(tmp_path.as_uri(), "")) is RunStore


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("-3", 0.0), (None, None), ("", None), ("soon", None)])
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert rest(header) == seconds


def test_retry_after_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    assert rest("Tue, 14 Nov 2023 22:13:30 GMT") == 10.0


def test_a_view_reads_as_a_file() -> None:
    view = View(b"0123456789")
    assert (view.read(3), view.tell(), len(view)) == (b"012", 3, 10)
    assert (view.seek(-2, os.SEEK_END), view.read(), view.read()) == (8, b"89", b"")
