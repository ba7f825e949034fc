"""One fixture for each storage: it yields an empty store. Their servers start at first use, once for all tests."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import storages
from storages import Missing, Storage

from mlart_jupyter.models import Payload
from mlart_jupyter.store import LocalStore, MemoryStore, RunStore, Store

Start = Callable[[Path], AbstractContextManager[Storage]]

HERE = Path(__file__).parent
LEFT_OPEN = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
"""The clients of the storages, MLflow's among them, leave their sockets to the garbage collector."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(LEFT_OPEN)


@pytest.fixture(autouse=True, scope="module")
def _collected() -> Iterator[None]:
    """Collect them here, not in the test of another module."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def server(start: Start, folder: Path) -> Iterator[Storage]:
    """Run a server, or say that it is missing: at home that skips its tests, in the project's check it fails them."""
    folder.mkdir(parents=True)
    try:
        with start(folder) as storage:
            yield storage
    except Missing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{missing} is not installed")


def server_fixture(start: Start) -> Any:
    def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
        yield from server(start, tmp_path_factory.mktemp(start.__name__) / "server")

    return pytest.fixture(scope="session", name=f"{start.__name__}_server")(storage)


s3_server = server_fixture(storages.s3)
gcs_server = server_fixture(storages.gcs)
azure_server = server_fixture(storages.azure)
hdfs_server = server_fixture(storages.hdfs)
sftp_server = server_fixture(storages.sftp)
ftp_server = server_fixture(storages.ftp)
web_server = server_fixture(storages.web)
proxied_server = server_fixture(storages.proxied)


@pytest.fixture(scope="session")
def proxied_s3_server(s3_server: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    folder = tmp_path_factory.mktemp("proxied_s3") / "server"
    yield from server(lambda at: storages.proxied(at, s3_server), folder)


def opened(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A run of its own on a storage."""
    for name, value in storage.env.items():
        monkeypatch.setenv(name, value)
    return RunStore(f"{storage.uri}/{secrets.token_hex(8)}/artifacts", storage.tracking_uri)


def store_fixture(name: str) -> Any:
    def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
        return opened(request.getfixturevalue(f"{name}_server"), monkeypatch)

    return pytest.fixture(name=name)(store)


s3 = store_fixture("s3")
gcs = store_fixture("gcs")
azure = store_fixture("azure")
hdfs = store_fixture("hdfs")
ftp = store_fixture("ftp")
proxied = store_fixture("proxied")
proxied_s3 = store_fixture("proxied_s3")


@pytest.fixture
def sftp(sftp_server: Storage, monkeypatch: pytest.MonkeyPatch) -> Store:
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

    # MLflow opens so many connections for each repository, and each test has one
    monkeypatch.setattr(ArtifactRepository, "max_workers", 1)
    return opened(sftp_server, monkeypatch)


class Served(RunStore):
    """A plain web server is for reading only: what is put goes straight into its folder."""

    def __init__(self, uri: str, folder: Path) -> None:
        super().__init__(uri, "")
        self._folder = LocalStore(folder)

    def put(self, path: str, data: Payload) -> None:
        self._folder.put(path, data)

    def put_tree(self, path: str, source: Path) -> None:
        self._folder.put_tree(path, source)


@pytest.fixture
def web(web_server: Storage) -> Store:
    assert web_server.folder
    name = secrets.token_hex(8)
    return Served(f"{web_server.uri}/{name}", web_server.folder / name)


@pytest.fixture
def memory() -> Store:
    return MemoryStore()


@pytest.fixture
def folder(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "mein lauf %41" / "artifacts")


@pytest.fixture
def local(tmp_path: Path) -> Store:
    return RunStore((tmp_path / "run").as_uri(), "")


@pytest.fixture
def local_with_odd_name(tmp_path: Path) -> Store:
    return RunStore((tmp_path / "mein lauf %41 größe" / "artifacts").as_uri(), "")


@pytest.fixture
def plug_in(tmp_path: Path) -> Store:
    """An MLflow plug-in of which this project knows nothing."""
    from mlflow.store.artifact.artifact_repo import ArtifactRepository
    from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry as registry
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    inner = LocalArtifactRepository((tmp_path / "plug-in").as_uri())

    class PlugIn(ArtifactRepository):
        log_artifact = staticmethod(inner.log_artifact)
        log_artifacts = staticmethod(inner.log_artifacts)
        list_artifacts = staticmethod(inner.list_artifacts)

        def _download_file(self, remote_file_path: str, local_path: str) -> None:
            shutil.copyfile(tmp_path / "plug-in" / remote_file_path, local_path)

        delete_artifacts = staticmethod(inner.delete_artifacts)

    registry.register("oddstore", PlugIn)
    return RunStore(f"oddstore://{secrets.token_hex(4)}/run", "")
