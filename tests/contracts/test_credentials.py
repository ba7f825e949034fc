"""Wrong and missing credentials: the message names the variable that mends it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest
from storages import Storage

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.store import RunStore
from mlart_jupyter.store.schemes import told

pytestmark = pytest.mark.slow

LOOK = """
import sys
from mlart_jupyter.errors import MlartError
from mlart_jupyter.store import RunStore
for call in ("list", "read", "put"):
    try:
        store = RunStore(sys.argv[1], "")
        store.list() if call == "list" else store.read("a.txt") if call == "read" else store.put("a.txt", b"1")
    except MlartError as error:
        print(type(error).__name__, error)
"""


def looked(storage: Storage, **changes: str) -> list[str]:
    """What three calls say in a process of its own: clients keep the credentials that they began with."""
    env = {**os.environ, **storage.env, **changes}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK, f"{storage.uri}/wrong"],
        env=env,
        capture_output=True,
        text=True,
        timeout=170,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_wrong_key_of_s3(s3_server: Storage) -> None:
    lines = looked(s3_server, AWS_ACCESS_KEY_ID="nobody", AWS_SECRET_ACCESS_KEY="wrong")
    assert len(lines) == 3
    assert all(line.startswith("StoreUnavailable") and "AWS_ACCESS_KEY_ID" in line for line in lines), lines


def test_a_wrong_key_of_azure(azure_server: Storage) -> None:
    right = azure_server.env["AZURE_STORAGE_CONNECTION_STRING"]
    words = dict(part.split("=", 1) for part in right.strip(";").split(";"))
    words["AccountKey"] = base64.b64encode(b"wrong").decode()
    wrong = "".join(f"{name}={value};" for name, value in words.items())
    lines = looked(azure_server, AZURE_STORAGE_CONNECTION_STRING=wrong)
    assert len(lines) == 3
    assert all(line.startswith("StoreUnavailable") and "AZURE_STORAGE_CONNECTION_STRING" in line for line in lines), (
        lines
    )


def test_a_wrong_password_of_ftp(ftp_server: Storage) -> None:
    with pytest.raises(StoreUnavailable, match="ftp://user:password@host") as refusal:
        RunStore(ftp_server.uri.replace("secret", "hidden"), "").list()
    assert "hidden" not in str(refusal.value)


def test_a_wrong_password_of_sftp(sftp_server: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", sftp_server.env["HOME"])
    with pytest.raises(StoreUnavailable, match="ssh/config") as refusal:
        RunStore(sftp_server.uri.replace("secret", "hidden"), "").list()
    assert "hidden" not in str(refusal.value)


def test_a_password_in_a_clients_words_is_hidden() -> None:
    error = ValueError("GET https://ada:lovelace@host/x?X-Amz-Signature=abc&sig=def failed")
    words = str(told(error, "s3://bucket/x"))
    assert not {"lovelace", "abc", "def"} & set(words.replace("&", " ").replace("=", " ").replace("@", " ").split())
