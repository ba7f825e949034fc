"""Paths against everything that leads out of a run: disguises, links, and names that a hostile store gives."""

from __future__ import annotations

import string
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlart_jupyter.errors import BadPath, MlartError, UnknownArtifact
from mlart_jupyter.paths import inside
from mlart_jupyter.store import LocalStore, RunStore, Store

PIECES = [
    "..",
    ".",
    "/",
    "\\",
    "a",
    "b.txt",
    "%2e%2e",
    "%2f",
    "%5c",
    "%00",
    "\0",
    "C:",
    "．．",
    "／",
    "‥",
    " ",
    "~",
    "é",
]
hostile = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
encoded = st.builds(lambda text, times: _quoted(text, times), hostile, st.integers(0, 2))


def _quoted(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text, safe="")
    return text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run beside a secret, with links that lead to it and one that stays."""
    top = tmp_path_factory.mktemp("place")
    run, outside = top / "run", top / "outside"
    (run / "a").mkdir(parents=True)
    outside.mkdir()
    (run / "a" / "b.txt").write_bytes(b"own")
    (outside / "b.txt").write_bytes(b"secret")
    (run / "out").symlink_to(outside)
    (run / "out.txt").symlink_to(outside / "b.txt")
    (run / "up").symlink_to("..")
    (run / "stays").symlink_to("a")
    return top


@pytest.fixture(params=["folder", "uri"])
def store(request: pytest.FixtureRequest, place: Path) -> Store:
    return LocalStore(place / "run") if request.param == "folder" else RunStore((place / "run").as_uri(), "")


@settings(deadline=None, max_examples=300)
@given(encoded)
@example("%252e%252e/outside/b.txt")
@example("a/../../outside/b.txt")
def test_no_path_reads_outside_the_run(place: Path, path: str) -> None:
    run = LocalStore(place / "run")
    for call in (run.read, run.list, run.page, run.info):
        try:
            found = call(path)
        except MlartError:
            continue
        assert b"secret" not in (found if isinstance(found, bytes) else b"")
        assert "outside" not in str(found)


@settings(deadline=None, max_examples=300)
@given(encoded)
def test_what_the_guard_lets_through_stays_in_the_run_however_it_is_read(path: str) -> None:
    try:
        plain = inside(path)
    except BadPath:
        return
    assert inside(plain) == plain
    assert not plain.startswith("/")
    assert ".." not in plain.split("/")
    assert not set(plain) & {"\\", "\0", "\n"}


@given(st.text(string.ascii_letters + string.digits + " ._-%é#?:&", min_size=1, max_size=30))
def test_honest_names_pass(name: str) -> None:
    name = name.replace("%", "% ").replace("..", "._").lstrip(".:% ") or "x"
    if len(name) > 1 and name[1] == ":":
        name = "_" + name
    assert inside(f"figures/{name}") == f"figures/{name}"


@pytest.mark.parametrize("path", ["out/b.txt", "out.txt", "up/outside/b.txt"])
def test_a_link_out_of_the_run_is_no_artifact(store: Store, path: str) -> None:
    assert store.info(path) is None
    with pytest.raises(UnknownArtifact):
        store.read(path)


@pytest.mark.parametrize("path", ["out", "up", "up/outside"])
def test_a_linked_folder_outside_lists_nothing(store: Store, path: str) -> None:
    assert store.list(path) == []
    assert store.page(path).rows == ()


def test_links_out_of_the_run_are_not_listed_and_not_copied(store: Store, tmp_path: Path) -> None:
    assert [row.path for row in store.list()] == ["a", "stays"]
    assert [row.path for row in store.page().rows] == ["a", "stays"]
    store.download("", tmp_path / "to")
    assert b"secret" not in {p.read_bytes() for p in (tmp_path / "to").rglob("*") if p.is_file()}


def test_nothing_is_written_through_a_link_out_of_the_run(store: Store, place: Path, tmp_path: Path) -> None:
    with pytest.raises(BadPath):
        store.put("out/new.txt", b"new")
    with pytest.raises(BadPath):
        store.put_tree("out/tree", tmp_path) if any(tmp_path.iterdir()) else store.put("out/tree/x", b"")
    assert [p.name for p in (place / "outside").iterdir()] == ["b.txt"]


def test_deleting_a_link_leaves_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.txt").write_bytes(b"secret")
    (tmp_path / "run" / "out").symlink_to(tmp_path / "outside")
    store = LocalStore(tmp_path / "run")
    with pytest.raises(BadPath):
        store.delete("out/b.txt")
    store.delete("out")
    assert (tmp_path / "outside" / "b.txt").read_bytes() == b"secret"
    assert not (tmp_path / "run" / "out").is_symlink()


def test_names_that_a_hostile_store_gives_are_left_out(tmp_path: Path) -> None:
    from mlflow.entities import FileInfo
    from mlflow.store.artifact.artifact_repo import ArtifactRepository
    from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry as registry

    class Hostile(ArtifactRepository):
        log_artifact = log_artifacts = _download_file = None  # type: ignore[assignment]

        def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
            names = ["../x", "/etc/passwd", "a\\b", "%2e%2e/x", "a\0b", "fine.txt", "C:/x"]
            return [FileInfo(name, False, 1) for name in names]

    registry.register("hostile", Hostile)
    assert [row.path for row in RunStore("hostile://x/y", "").list()] == ["fine.txt"]
