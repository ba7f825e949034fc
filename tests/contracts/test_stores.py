"""What every store does alike: add one with a fixture that yields it empty, and its name in STORES."""

from __future__ import annotations

import filecmp
import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.errors import BadPath, MlartError, StoreRefused, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store import Page, Store, walk

REAL = ["s3", "gcs", "azure", "hdfs", "proxied", "proxied_s3", "web", "sftp", "ftp"]
"""Storages with a server, see ``tests/servers``."""
STORES = ["memory", "folder", "local", "local_with_odd_name", "plug_in"]
STORES += [pytest.param(name, marks=pytest.mark.slow) for name in REAL]

LEAVING = ["..", "../x", "a/../../x", "/etc/passwd", "/", "a/..", "C:/x", "a\\b", "a\0b"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    opened: Store = request.getfixturevalue(request.param)
    return opened


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A local folder ``tree`` with two files, one in a folder of its own."""
    folder = tmp_path / "tree"
    (folder / "sub").mkdir(parents=True)
    (folder / "top.txt").write_bytes(b"top")
    (folder / "sub" / "low.txt").write_bytes(b"low")
    return folder


def sized(store: Store, rows: list[ArtifactInfo]) -> list[ArtifactInfo]:
    """Rows with sizes, asked for one by one where a listing does not tell them, as a web server's index does not."""
    return [row if row.is_dir or row.size is not None else store.info(row.path) or row for row in rows]


def local_files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# -- listing --------------------------------------------------------------------------------------


def test_an_empty_run_lists_nothing(store: Store) -> None:
    assert store.list() == []


def test_an_unknown_folder_lists_nothing(store: Store) -> None:
    store.put("a.txt", b"")
    assert store.list("nowhere") == []


def test_a_file_lists_nothing(store: Store) -> None:
    store.put("a.txt", b"a")
    assert store.list("a.txt") == []


def test_folders_come_first_then_names(store: Store) -> None:
    for path in ("b.txt", "z/1", "a.txt", "c/1", "B.txt"):
        store.put(path, b"1")
    assert [row.path for row in store.list()] == ["c", "z", "B.txt", "a.txt", "b.txt"]


def test_rows_tell_files_from_folders_and_sizes(store: Store) -> None:
    store.put("f/a", b"123")
    store.put("b", b"12345")
    assert sized(store, store.list()) == [ArtifactInfo("f", is_dir=True), ArtifactInfo("b", is_dir=False, size=5)]


def test_nested_folders_list_one_level_with_full_paths(store: Store) -> None:
    store.put("a/b/c/d.txt", b"d")
    store.put("a/e.txt", b"e")
    assert [(row.path, row.is_dir) for row in store.list("a")] == [("a/b", True), ("a/e.txt", False)]
    assert [row.path for row in store.list("a/b/c")] == ["a/b/c/d.txt"]


def test_a_folder_is_not_its_neighbour_of_longer_name(store: Store) -> None:
    store.put("data/a", b"")
    store.put("data-secret/b", b"")
    assert [row.path for row in store.list("data")] == ["data/a"]


@pytest.mark.parametrize("path", ["f/", "./f", "f/.", "f//"])
def test_a_folder_has_one_plain_form(store: Store, path: str) -> None:
    store.put("f/a", b"1")
    assert [row.path for row in store.list(path)] == ["f/a"]


# -- info -----------------------------------------------------------------------------------------


def test_info_of_a_file_tells_its_size(store: Store) -> None:
    store.put("f/a.txt", b"123")
    assert store.info("f/a.txt") == ArtifactInfo("f/a.txt", is_dir=False, size=3)


def test_info_of_a_folder_tells_that_it_is_one(store: Store) -> None:
    store.put("f/g/a.txt", b"123")
    assert store.info("f/g") == ArtifactInfo("f/g", is_dir=True)


def test_info_of_nothing_is_none(store: Store) -> None:
    store.put("f/a.txt", b"123")
    assert [store.info(path) for path in ("f/b.txt", "g", "f/a", "f/a.txt/x")] == [None] * 4


# -- reading and writing --------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"text", bytes(range(256)) * 300])
def test_what_is_put_is_read(store: Store, data: bytes) -> None:
    store.put("f/a.bin", data)
    assert store.read("f/a.bin") == data


def test_a_view_of_memory_can_be_put(store: Store) -> None:
    store.put("a.bin", memoryview(b"--data--")[2:6])
    assert store.read("a.bin") == b"data"


def test_a_file_of_no_bytes_is_listed_with_its_size(store: Store) -> None:
    store.put("empty", b"")
    assert sized(store, store.list()) == [ArtifactInfo("empty", is_dir=False, size=0)]


def test_put_again_replaces_a_file(store: Store) -> None:
    store.put("a.txt", b"long before")
    store.put("a.txt", b"after")
    assert store.read("a.txt") == b"after"
    assert [row.size for row in sized(store, store.list())] == [5]


@pytest.mark.parametrize("path", ["with space/and more.txt", "größe/图 表.txt", "a+b&c=d.txt", "x.tar.gz", ".hidden"])
def test_names_are_kept_as_they_are(store: Store, path: str, request: pytest.FixtureRequest) -> None:
    store.put(path, b"1")
    assert store.read(path) == b"1"
    folder = path.rpartition("/")[0]
    assert [row.path for row in store.list(folder)] == [path]
    size = None if request.node.callspec.params["store"] == "hdfs" and path.endswith(".gz") else 1  # MLflow packs it
    assert store.info(path) == ArtifactInfo(path, is_dir=False, size=size)


@pytest.mark.parametrize("path", ["nothing.txt", "f/nothing.txt", "f/a.txt/deeper"])
def test_reading_what_is_not_there_is_an_unknown_artifact(store: Store, path: str) -> None:
    store.put("f/a.txt", b"a")
    with pytest.raises(UnknownArtifact):
        store.read(path)


def test_reading_from_an_empty_run_is_an_unknown_artifact(store: Store) -> None:
    with pytest.raises(UnknownArtifact):
        store.read("a.txt")


def test_reading_a_folder_is_an_unknown_artifact(store: Store) -> None:
    store.put("f/a.txt", b"a")
    with pytest.raises(UnknownArtifact):
        store.read("f")


# -- trees ----------------------------------------------------------------------------------------


def test_a_local_file_is_put_under_a_path(store: Store, tree: Path) -> None:
    store.put_tree("in/top.txt", tree / "top.txt")
    assert store.read("in/top.txt") == b"top"
    assert [row.path for row in store.list("in")] == ["in/top.txt"]


def test_a_local_folder_is_put_under_a_path(store: Store, tree: Path) -> None:
    store.put_tree("in/here", tree)
    assert (store.read("in/here/top.txt"), store.read("in/here/sub/low.txt")) == (b"top", b"low")


def test_a_local_folder_can_be_the_whole_run(store: Store, tree: Path) -> None:
    store.put_tree("", tree)
    assert [row.path for row in store.list()] == ["sub", "top.txt"]


def test_putting_a_tree_leaves_its_source(store: Store, tree: Path) -> None:
    store.put_tree("in", tree)
    assert local_files(tree) == {"top.txt": b"top", "sub/low.txt": b"low"}


def test_putting_a_tree_keeps_what_is_there(store: Store, tree: Path) -> None:
    store.put("in/old.txt", b"old")
    store.put_tree("in", tree)
    assert [row.path for row in store.list("in")] == ["in/sub", "in/old.txt", "in/top.txt"]


# -- downloads ------------------------------------------------------------------------------------


def test_a_file_is_downloaded_under_its_own_name(store: Store, tmp_path: Path) -> None:
    store.put("f/g/a b.txt", b"a")
    where = store.download("f/g/a b.txt", tmp_path / "to")
    assert where == tmp_path / "to" / "a b.txt"
    assert local_files(tmp_path / "to") == {"a b.txt": b"a"}


def test_a_file_of_no_bytes_is_downloaded(store: Store, tmp_path: Path) -> None:
    store.put("f/empty", b"")
    assert store.download("f/empty", tmp_path / "to").read_bytes() == b""


def test_a_folder_is_downloaded_under_its_own_name(store: Store, tmp_path: Path) -> None:
    store.put("f/g/a.txt", b"a")
    store.put("f/g/h/b.txt", b"b")
    store.put("f/other.txt", b"o")
    where = store.download("f/g", tmp_path / "to")
    assert where == tmp_path / "to" / "g"
    assert local_files(tmp_path / "to") == {"g/a.txt": b"a", "g/h/b.txt": b"b"}


def test_a_whole_run_is_downloaded_into_the_folder(store: Store, tmp_path: Path) -> None:
    store.put("f/a.txt", b"a")
    store.put("b.txt", b"b")
    assert store.download("", tmp_path / "to") == tmp_path / "to"
    assert local_files(tmp_path / "to") == {"f/a.txt": b"a", "b.txt": b"b"}


def test_a_download_replaces_an_older_one(store: Store, tmp_path: Path) -> None:
    store.put("f/a.txt", b"long before")
    store.download("f", tmp_path / "to")
    store.put("f/a.txt", b"after")
    store.download("f", tmp_path / "to")
    assert local_files(tmp_path / "to") == {"f/a.txt": b"after"}


def test_a_download_does_not_touch_the_run(store: Store, tmp_path: Path) -> None:
    store.put("f/a.txt", b"a")
    store.download("f/a.txt", tmp_path / "to").write_bytes(b"changed")
    assert store.read("f/a.txt") == b"a"


@pytest.mark.parametrize("path", ["nothing", "f/nothing.txt"])
def test_downloading_what_is_not_there_is_an_unknown_artifact(store: Store, tmp_path: Path, path: str) -> None:
    store.put("f/a.txt", b"a")
    with pytest.raises(UnknownArtifact):
        store.download(path, tmp_path / "to")


def test_an_empty_run_is_downloaded_as_an_empty_folder(store: Store, tmp_path: Path) -> None:
    where = store.download("", tmp_path / "to")
    assert where == tmp_path / "to"
    assert list(where.iterdir()) == []


# -- the guard ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LEAVING)
@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda store, path, tmp: store.list(path), id="list"),
        pytest.param(lambda store, path, tmp: store.info(path), id="info"),
        pytest.param(lambda store, path, tmp: store.read(path), id="read"),
        pytest.param(lambda store, path, tmp: store.put(path, b""), id="put"),
        pytest.param(lambda store, path, tmp: store.put_tree(path, tmp), id="put_tree"),
        pytest.param(lambda store, path, tmp: store.download(path, tmp / "to"), id="download"),
    ],
)
def test_a_path_that_leaves_the_run_is_bad(store: Store, tree: Path, path: str, call: Callable[..., Any]) -> None:
    with pytest.raises(BadPath):
        call(store, path, tree)


# -- pages ----------------------------------------------------------------------------------------

LONG = bool(os.environ.get("MLART_LONG"))
MANY = 5000 if LONG else 40
LARGE = (200 if LONG else 20) * 2**20


def with_many(store: Store, tmp_path: Path, count: int = MANY) -> list[str]:
    folder = tmp_path / "many"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "x").write_bytes(b"x")
    for i in range(count):
        (folder / f"{i:05d}.txt").write_bytes(b"1")
    store.put_tree("many", folder)
    return ["many/deep", *(f"many/{i:05d}.txt" for i in range(count))]


def all_pages(store: Store, path: str, limit: int, between: Callable[[], None] = lambda: None) -> list[str]:
    page = store.page(path, None, limit)
    found = [row.path for row in page.rows]
    while page.cursor is not None:
        assert len([row for row in page.rows if not row.is_dir]) <= limit  # fake-gcs-server does not count folders
        between()
        page = store.page(path, page.cursor, limit)
        found += [row.path for row in page.rows]
    return found


def test_pages_give_every_entry_once(store: Store, tmp_path: Path) -> None:
    expected = with_many(store, tmp_path)
    assert sorted(all_pages(store, "many", 1000 if LONG else 7)) == sorted(expected)


def test_pages_stay_right_while_others_write(store: Store, tmp_path: Path) -> None:
    expected = with_many(store, tmp_path, 20)
    names = iter(["00000-new.txt", "zz.txt", *(f"{i:05d}-new.txt" for i in range(50))])
    found = all_pages(store, "many", 7, lambda: store.put(f"many/{next(names)}", b"new"))
    assert sorted(path for path in found if path in expected) == sorted(expected)


@pytest.mark.parametrize("path", ["nowhere", "a.txt"])
def test_what_is_no_folder_has_an_empty_page(store: Store, path: str) -> None:
    store.put("a.txt", b"a")
    assert store.page(path) == Page(())


def test_one_page_has_folders_first(store: Store) -> None:
    for path in ("b.txt", "z/1", "a.txt"):
        store.put(path, b"1")
    assert [row.path for row in store.page().rows] == ["z", "a.txt", "b.txt"]


# -- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [(0, 3, b"012"), (4, 3, b"456"), (8, 100, b"89"), (10, 5, b""), (50, 5, b""), (7, None, b"789"), (3, 0, b"")],
)
def test_a_part_of_a_file_is_read(store: Store, start: int, length: int | None, expected: bytes) -> None:
    store.put("f/a.bin", b"0123456789")
    assert store.read("f/a.bin", start, length) == expected


def test_an_open_file_can_seek(store: Store) -> None:
    store.put("a.bin", bytes(range(256)) * 1000)
    with store.open("a.bin") as file:
        assert file.read(4) == bytes(range(4))
        file.seek(-2, 2)
        assert file.read() == b"\xfe\xff"
        file.seek(257)
        assert file.read(2) == b"\x01\x02"


def test_a_file_of_no_bytes_is_opened(store: Store) -> None:
    store.put("empty", b"")
    with store.open("empty") as file:
        assert file.read() == b""


def test_a_large_file_comes_back_whole(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(random.Random(1).randbytes(2**20) * (LARGE // 2**20) + b"end")
    store.put_tree("large.bin", file)
    assert store.read("large.bin", LARGE, 3) == b"end" if store.ranged else True
    where = store.download("large.bin", tmp_path / "to")
    assert filecmp.cmp(where, file, shallow=False)


# -- deletion -------------------------------------------------------------------------------------

KEEPS = {"ftp", "web"}
"""Where nothing is deleted: MLflow does not for FTP, and a plain web server is for reading."""


@pytest.fixture
def deletes(request: pytest.FixtureRequest) -> bool:
    return request.node.callspec.params["store"] not in KEEPS


def test_a_file_and_a_folder_are_deleted(store: Store, deletes: bool) -> None:
    for path in ("f/a.txt", "f/g/b.txt", "fa.txt", "c.txt"):
        store.put(path, b"1")
    if not deletes:
        with pytest.raises(StoreRefused):
            store.delete("f")
        return
    store.delete("f")
    store.delete("c.txt")
    assert [row.path for row in walk(store, "") if not row.is_dir] == ["fa.txt"]
    assert store.info("f/a.txt") is None


def test_deleting_what_is_not_there_is_no_error(store: Store) -> None:
    store.put("a.txt", b"1")
    store.delete("b.txt")
    store.delete("no/folder")
    assert store.read("a.txt") == b"1"


@pytest.mark.parametrize("path", ["", ".", "./", "..", "../x", "/", "a/../.."])
def test_only_what_is_in_the_run_is_deleted(store: Store, path: str) -> None:
    with pytest.raises(BadPath):
        store.delete(path)


def test_a_deletion_under_a_reader_gives_bytes_or_an_error_of_ours(store: Store, deletes: bool) -> None:
    if not deletes:
        return
    data = random.Random(2).randbytes(400_000)
    store.put("a.bin", data)
    with store.open("a.bin") as file:
        head = file.read(1000)
        store.delete("a.bin")
        try:
            rest = file.read()
        except MlartError:
            rest = data[1000:]
    assert head + rest == data


# -- names ----------------------------------------------------------------------------------------

ODD = ["a#b.txt", "what?.txt", "what?", "%41.txt", "100%.txt", "a;b.txt", "a&b=c+d.txt", "..a", "e\u0301.txt", "é.txt"]
ODD += ["[x]*.txt", "'quoted'.txt", "~home", "x" * 180 + ".txt", "/".join("abcdefgh") + "/deep.txt"]


@pytest.mark.parametrize("path", ODD)
def test_an_odd_name_is_kept_or_refused(store: Store, path: str) -> None:
    try:
        store.put(path, b"odd")
    except StoreRefused:
        assert store.list() == []  # and nothing was written under another name
        return
    assert store.read(path) == b"odd"
    assert store.info(path) == ArtifactInfo(path, is_dir=False, size=3)
    folder = path.rpartition("/")[0]
    assert [row.path for row in store.list(folder)] == [path]


def test_two_forms_of_a_letter_are_two_names(store: Store, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["store"] == "sftp":
        return  # rclone's SFTP server makes them one
    store.put("é.txt", b"one")
    store.put("e\u0301.txt", b"two")
    assert (store.read("é.txt"), store.read("e\u0301.txt")) == (b"one", b"two")


# -- at the same time -----------------------------------------------------------------------------


def test_writers_and_readers_at_once(store: Store) -> None:
    def write_and_read(i: int) -> bool:
        data = f"{i}".encode() * 1000
        store.put(f"f{i % 2}/{i}.txt", data)
        return store.read(f"f{i % 2}/{i}.txt") == data

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write_and_read, range(12)))
    assert len([*walk(store, "")]) == 14


# -- the guard, again -----------------------------------------------------------------------------


def test_a_path_that_leaves_the_run_in_disguise_is_bad(store: Store) -> None:
    store.put("a.txt", b"a")
    for path in ("%2e%2e/x", "%252e%252e%252fx", "．．/x", "a%00b", "x\ny", "a/%2e%2e%5c..", "%2Fetc/passwd"):
        for call in (store.list, store.page, store.info, store.read, store.delete):
            with pytest.raises(BadPath):
                call(path)
