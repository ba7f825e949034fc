"""What Google asks at its door, before an emulator that lets all in: a token for a signed letter, then that token.

Answers are worded as Google's are (https://cloud.google.com/storage/docs/json_api/v1/status-codes).
"""

from __future__ import annotations

import contextlib
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from loopback import serving
from storages import Storage


class Google:
    """Accounts, their keys and rights.

    Attributes
    ----------
    url
        Where it listens.
    expires
        Whether a token is worth nothing as soon as it is given.
    """

    def __init__(self, url: str, emulator: str) -> None:
        self.url, self.emulator = url, emulator
        self.expires = False
        self._tokens: dict[str, str] = {}
        self._keys: dict[str, bytes] = {}
        self._without_rights: set[str] = set()

    def give_key(self, file: Path, name: str, *, known: bool = True, rights: bool = True) -> None:
        """Write the key of an account, as its owner holds it; `known` tells whether Google has the other half."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form = serialization.PrivateFormat.TraditionalOpenSSL
        private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        if known:
            other_half = serialization.PublicFormat.SubjectPublicKeyInfo
            self._keys[name] = key.public_key().public_bytes(serialization.Encoding.PEM, other_half)
        if not rights:
            self._without_rights.add(name)
        facts = {"type": "service_account", "project_id": "test", "private_key_id": "1", "client_email": name}
        file.write_text(json.dumps({**facts, "private_key": private.decode(), "token_uri": f"{self.url}/token"}))

    def token(self, letter: str) -> tuple[int, dict[str, Any]]:
        """Give a token for a letter that is signed with a key of the account."""
        from google.auth import jwt

        name = str(jwt.decode(letter, verify=False)["iss"])
        try:
            jwt.decode(letter, certs=self._keys[name], clock_skew_in_seconds=60)
        except (KeyError, ValueError):
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        token = secrets.token_hex(8)
        if not self.expires:
            self._tokens[token] = name
        return 200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def refusal(self, authorization: str) -> tuple[int, str] | None:
        """Why a request is not let in."""
        if not authorization:
            return 401, "Anonymous caller does not have storage.objects.list access to the Google Cloud Storage bucket."
        name = self._tokens.get(authorization.removeprefix("Bearer "))
        if name is None:
            return 401, "Invalid Credentials"
        if name in self._without_rights:
            return 403, f"{name} does not have storage.objects.list access to the Google Cloud Storage bucket."
        return None


@contextlib.contextmanager
def door_before(storage: Storage) -> Iterator[Google]:
    """Stand before an emulator while the block lasts."""
    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    google = Google(f"http://127.0.0.1:{door.server_address[1]}", f"http://127.0.0.1:{storage.port}")
    door.google = google  # type: ignore[attr-defined]
    with serving(door):
        yield google


class Door(BaseHTTPRequestHandler):
    """One request: told a token, refused, or passed on."""

    def answer(self) -> None:
        google: Google = self.server.google  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token":
            status, words = google.token(parse_qs(body.decode())["assertion"][0])
            self._say(status, json.dumps(words).encode())
        elif refusal := google.refusal(self.headers.get("Authorization", "")):
            code, message = refusal
            self._say(code, json.dumps({"error": {"code": code, "message": message}}).encode())
        else:
            self._pass_on(google.emulator, body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  the names that http.server asks for

    def _pass_on(self, emulator: str, body: bytes) -> None:
        headers = {name: self.headers[name] for name in ("Content-Type", "Range") if name in self.headers}
        request = urllib.request.Request(f"{emulator}{self.path}", body or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                self._say(found.status, found.read(), found.headers.get("Content-Type", ""))
        except urllib.error.HTTPError as error:
            self._say(error.code, error.read())

    def _say(self, status: int, data: bytes, kind: str = "application/json; charset=UTF-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
