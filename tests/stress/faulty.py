"""A TCP proxy that fails on demand, and a small artifact server with MLflow's routes to stand behind it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REFUSAL = b"HTTP/1.1 %s No\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BASE = "/api/2.0/mlflow-artifacts/artifacts"


class Proxy:
    """Passes connections on, or fails.

    Attributes
    ----------
    mode
        ``pass``; ``down``: nothing listens for it; ``hang``: takes the request and never answers;
        ``cut``: passes on a part of the request, then closes; a number: answers with that HTTP status.
    """

    def __init__(self, port: int) -> None:
        self.mode = "pass"
        self.requests = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if self.mode == "down":
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
                back.start()
                self._forward(client, server)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(65536):
            self.requests += 1
            mode = self.mode
            if mode == "down":
                return
            if mode == "hang":
                while client.recv(65536):
                    continue
                return
            if mode == "cut":
                server.sendall(data[: len(data) // 2])
                time.sleep(0.02)
                return
            if mode.isdigit():
                client.sendall(REFUSAL % mode.encode())
                time.sleep(0.05)
                return
            server.sendall(data)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop."""
        self._listener.close()


class ArtifactServer(ThreadingHTTPServer):
    """Takes, lists and gives files as an MLflow server that proxies artifacts does; runs are all alive."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.port = self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *args: Any) -> None:
        """Say nothing: connections break here on purpose."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: ArtifactServer

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) == length:  # as MLflow's server: a body that was cut is thrown away
            self.server.files[unquote(self.path.removeprefix(BASE + "/"))] = body
            self._answer({})

    def do_GET(self) -> None:
        url, files = urlsplit(self.path), self.server.files
        if url.path.endswith("/runs/get"):
            self._answer({"run": {"info": {"lifecycle_stage": "active"}}})
        elif url.path == BASE:
            self._answer({"files": _rows(files, parse_qs(url.query).get("path", [""])[0])})
        elif url.path.startswith(BASE):
            self._send(files[unquote(url.path.removeprefix(BASE + "/"))])
        else:
            self._answer({})

    def _answer(self, values: Any) -> None:
        self._send(json.dumps(values).encode())

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _rows(files: dict[str, bytes], folder: str) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    rows: dict[str, dict[str, Any]] = {}
    for path, data in list(files.items()):
        if path.startswith(prefix):
            name, _, below = path[len(prefix) :].partition("/")
            rows[name] = {"path": name, "is_dir": bool(below)} | ({} if below else {"file_size": len(data)})
    return list(rows.values())
