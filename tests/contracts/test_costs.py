"""What a look into a large file and a large folder cost: bytes and requests, counted exactly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from loopback import counted
from storages import Storage

from mlart_jupyter.store import LocalStore, RunStore

SIZE = (1024 if os.environ.get("MLART_LONG") else 16) * 2**20
HEAD = 64 * 1024


def through(storage: Storage, port: int, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The same storage by another port."""
    old, new = f":{storage.port}", f":{port}"
    for name, value in storage.env.items():
        monkeypatch.setenv(name, value.replace(old, new))
    folder = storage.folder
    return Storage(storage.uri.replace(old, new), {}, folder, storage.tracking_uri.replace(old, new), port)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s3", "gcs", "azure", "web", "proxied", "sftp", "ftp"])
def test_the_head_of_a_large_file_costs_little(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = request.getfixturevalue(name)
    file = tmp_path / "large.bin"
    with file.open("wb") as out:
        out.truncate(SIZE)
    store.put_tree("large.bin", file)
    server = request.getfixturevalue(f"{name}_server")
    if name == "ftp":  # its bytes come by ports of their own
        assert len(store.read("large.bin", 0, HEAD)) == HEAD
        return
    with counted(server.port) as counter:
        place = through(server, counter.port, monkeypatch)
        below = store.uri.removeprefix(server.uri)
        with RunStore(f"{place.uri}{below}", place.tracking_uri).open("large.bin") as remote:
            assert remote.read(HEAD) == bytes(HEAD)
        assert HEAD <= counter.bytes <= 4 * HEAD


@pytest.mark.slow
def test_requests_of_s3(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(30):
        s3.put(f"f/{i:03d}.txt", b"x" * 100)
    asked: list[str] = []
    client = s3._adapter._client
    note = lambda event_name, **_: asked.append(event_name.rpartition(".")[2])  # noqa: E731
    client.meta.events.register("before-call.s3", note)
    try:
        assert len(s3.page("f", None, 10).rows) == 10
        assert asked == ["ListObjectsV2"]
        asked.clear()
        assert s3.info("f/001.txt").size == 100
        assert asked == ["HeadObject"]
        asked.clear()
        assert s3.read("f/001.txt", 10, 5) == b"xxxxx"
        assert asked == ["GetObject"]
    finally:
        client.meta.events.unregister("before-call.s3", note)


def test_a_page_of_a_local_folder_looks_at_its_own_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(200):
        (tmp_path / f"{i:03d}.txt").touch()
    looked: list[str] = []
    store = LocalStore(tmp_path)
    whole = store._info

    def info(path: Path, is_link: bool) -> Any:
        looked.append(path.name)
        return whole(path, is_link)

    monkeypatch.setattr(store, "_info", info)
    assert [row.path for row in store.page("", "099.txt", 10).rows] == looked
    assert looked == [f"{i:03d}.txt" for i in range(100, 110)]
