"""Wrong and missing credentials: the message names the variable that mends it."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google_door import Google, door_before
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


@pytest.fixture
def google(gcs_server: Storage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    """Google's door before the emulator, which lets everybody in."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "test")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    with door_before(gcs_server) as google:
        monkeypatch.setenv("API_ENDPOINT_OVERRIDE", google.url)
        yield google


GOOGLE_KEY = "Set GOOGLE_APPLICATION_CREDENTIALS"
CALLS: list[Callable[[RunStore], object]] = [
    lambda store: store.list(),
    lambda store: store.info("a.txt"),
    lambda store: store.read("a.txt"),
    lambda store: store.put("a.txt", b"1"),
    lambda store: store.delete("a.txt"),
]


def refused(uri: str, *words: str) -> bool:
    """Whether each call, by one who may not, says all these words."""
    for call in CALLS:
        with pytest.raises(StoreUnavailable) as refusal:
            call(RunStore(uri, ""))
        assert all(word in str(refusal.value) for word in words), refusal.value
    return True


def refused_by_google(words: str) -> bool:
    """Whether each call names the variable, and gives Google's own words."""
    return refused("gs://mlf/guarded", "Google Cloud Storage does not let you in", words, GOOGLE_KEY)


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's variable says that the key is."""
    file = tmp_path / "key.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    return file


def test_the_right_key_of_google_is_let_in(google: Google, key: Path) -> None:
    google.give_key(key, "ada@test")
    store = RunStore("gs://mlf/let-in", "")
    store.put("a.txt", b"1")
    assert (store.read("a.txt"), len(store.list())) == (b"1", 1)


def test_a_key_that_google_does_not_know(google: Google, key: Path) -> None:
    google.give_key(key, "ada@test", known=False)
    assert refused_by_google("Invalid JWT Signature")


def test_an_expired_token_of_google(google: Google, key: Path) -> None:
    google.give_key(key, "ada@test")
    google.expires = True
    assert refused_by_google("Invalid Credentials")


def test_an_account_of_google_without_rights(google: Google, key: Path) -> None:
    google.give_key(key, "ada@test", rights=False)
    assert refused_by_google("ada@test does not have")


def test_a_key_of_google_that_is_not_there(google: Google, key: Path) -> None:
    assert refused_by_google("Anonymous")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A local folder with one file."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"1")
    return folder


@pytest.fixture
def closed(hdfs_server: Storage, tree: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run on HDFS that only its owner may enter; what follows comes from another user."""
    for name, value in hdfs_server.env.items():
        monkeypatch.setenv(name, value)
    uri = f"{hdfs_server.uri}-closed/{secrets.token_hex(8)}/artifacts"
    with monkeypatch.context() as owner:
        owner.setenv("MLFLOW_PYARROW_EXTRA_CONF", "fs.permissions.umask-mode=077")
        RunStore(uri, "").put_tree("", tree)
    return uri


def test_a_user_of_hdfs_without_rights(closed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_KERBEROS_USER", "nobody")
    assert refused(closed, "HDFS does not let you in", "Permission denied", "Set MLFLOW_KERBEROS_USER")


def test_the_owner_on_hdfs_is_let_in(closed: str) -> None:
    assert RunStore(closed, "").read("a.txt") == b"1"


def test_a_folder_of_hdfs_that_one_may_only_read(hdfs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    hdfs.put("f/a.txt", b"1")
    monkeypatch.setenv("MLFLOW_KERBEROS_USER", "nobody")
    stranger = RunStore(hdfs.uri, "")
    assert (stranger.read("f/a.txt"), stranger.info("f/b.txt"), len(stranger.list("f"))) == (b"1", None, 1)
    with pytest.raises(StoreUnavailable, match="HADOOP_USER_NAME"):
        stranger.put("f/b.txt", b"2")


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
