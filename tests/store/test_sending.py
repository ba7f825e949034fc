"""Writing over HTTP under time-outs of our own: what an answer, or none, means for the next try."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from loopback import serving

from mlart_jupyter.errors import StoreRefused, StoreUnavailable
from mlart_jupyter.store import connection, sending
from mlart_jupyter.store.run import RunStore
from mlart_jupyter.store.sending import HttpSending, sending_store
from mlart_jupyter.store.view import View

BASE = "/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts"


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told, and notes what came."""

    protocol_version = "HTTP/1.1"
    server: Answering

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body, self.headers.get("Authorization", "")))
        self.server.kinds.append(self.headers.get("Content-Type", ""))
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
        self.kinds: list[str] = []
        self.connections = 0
        self.go = threading.Event()

    def verify_request(self, *args: Any) -> bool:
        """Count the connections."""
        self.connections += 1
        return True

    def handle_error(self, *args: Any) -> None:
        """Say nothing: connections break here on purpose."""


@pytest.fixture
def server() -> Iterator[Answering]:
    server = Answering()
    with serving(server):
        yield server
        server.go.set()


@pytest.fixture
def store(server: Answering, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setattr(sending, "BRISK", 2.0)
    return sending_store("mlflow-artifacts:/1/r/artifacts", f"http://127.0.0.1:{server.server_port}")


def test_a_file_is_put_whole_under_its_name(store: RunStore, server: Answering) -> None:
    store.put("figures/loss 1?.png", b"x" * 3_000_000)
    assert [(path, len(body)) for path, body, _ in server.got] == [(f"{BASE}/figures/loss%201%3F.png", 3_000_000)]


@pytest.mark.parametrize("path", ["figures/loss #1.png", "%41.txt", "what?"])
def test_a_name_that_the_server_would_keep_as_another_is_refused(store: RunStore, server: Answering, path: str) -> None:
    with pytest.raises(StoreRefused, match="cannot keep the name"):
        store.put(path, b"1")
    assert server.got == []


def test_a_plain_web_server_keeps_such_a_name(server: Answering) -> None:
    sending_store(f"http://127.0.0.1:{server.server_port}/dav", "").put("loss #1.png", b"1")
    assert [path for path, _, _ in server.got] == ["/dav/loss%20%231.png"]


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


@pytest.fixture
def asked_of_mlflow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that MLflow itself makes."""
    from mlflow.utils import rest_utils

    asked: list[str] = []
    theirs = rest_utils.http_request

    def noted(creds: Any, endpoint: str, method: str, **more: Any) -> Any:
        asked.append(endpoint)
        return theirs(creds, endpoint, method, **more)

    monkeypatch.setattr(rest_utils, "http_request", noted)
    return asked


def test_many_files_go_as_the_first_went_over_one_connection(
    store: RunStore, server: Answering, asked_of_mlflow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    sizes = [1, 100_000, 0, 5, 3]
    for number, size in enumerate(sizes):
        store.put(f"{number}.txt", b"x" * size)
    assert asked_of_mlflow == ["/0.txt"]
    assert [(path.rpartition("/")[2], len(body)) for path, body, _ in server.got] == [
        (f"{number}.txt", size) for number, size in enumerate(sizes)
    ]
    assert {who for _, _, who in server.got} == {"Basic YWRhOnNlY3JldA=="}
    assert server.kinds == ["text/plain"] * 5
    assert server.connections <= 2  # MLflow's and ours


def test_other_credentials_count_at_once(store: RunStore, server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    for token in ("one", "one", "two", "two"):
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
        store.put("a", b"1")
    assert [who for _, _, who in server.got] == ["Bearer one"] * 2 + ["Bearer two"] * 2


def test_who_is_no_longer_let_in_is_worked_out_anew(
    store: RunStore, server: Answering, asked_of_mlflow: list[str]
) -> None:
    store.put("a", b"1")
    server.answers = [(401, {}, {})]
    store.put("b", b"1")
    assert asked_of_mlflow == ["/a", "/b"]


def test_a_redirection_is_followed_as_mlflow_does(
    store: RunStore, server: Answering, asked_of_mlflow: list[str]
) -> None:
    store.put("a", b"1")
    server.answers = [(307, {"Location": f"{BASE}/c"}, {}), (307, {"Location": f"{BASE}/c"}, {})]
    store.put("b", b"1")
    assert asked_of_mlflow == ["/a", "/b"]
    assert server.got[-1][0] == f"{BASE}/c"


def test_who_one_is_is_worked_out_again_after_a_while(
    store: RunStore, server: Answering, asked_of_mlflow: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LIKE_SECONDS", 0.0)
    store.put("a", b"1")
    store.put("b", b"1")
    assert asked_of_mlflow == ["/a", "/b"]


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


def test_a_view_reads_as_a_file() -> None:
    view = View(b"0123456789")
    assert (view.read(3), view.tell(), len(view)) == (b"012", 3, 10)
    assert (view.seek(-2, os.SEEK_END), view.read(), view.read()) == (8, b"89", b"")
