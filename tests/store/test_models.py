"""Logged models beside the run's own artifacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlart_jupyter.errors import StoreRefused, StoreUnavailable, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store import MemoryStore, Page, WithModels, walk


@pytest.fixture
def run() -> MemoryStore:
    store = MemoryStore()
    store.put("figures/loss.png", b"picture")
    store.put("zoo.txt", b"z")
    return store


@pytest.fixture
def model() -> MemoryStore:
    store = MemoryStore()
    store.put("MLmodel", b"flavors")
    store.put("data/weights.bin", b"weights")
    return store


@pytest.fixture
def store(run: MemoryStore, model: MemoryStore) -> WithModels:
    return WithModels(run, lambda: {"forest": model})


def test_models_are_a_folder_of_the_run(store: WithModels) -> None:
    assert [row.path for row in store.list()] == ["figures", "models", "zoo.txt"]
    assert [row.path for row in store.list("models")] == ["models/forest"]
    assert [row.path for row in store.list("models/forest")] == ["models/forest/data", "models/forest/MLmodel"]
    assert store.info("models") == ArtifactInfo("models", is_dir=True)
    assert store.info("models/forest") == ArtifactInfo("models/forest", is_dir=True)


def test_a_models_files_are_read_like_any_other(store: WithModels) -> None:
    assert store.read("models/forest/data/weights.bin", 1, 3) == b"eig"
    assert store.info("models/forest/MLmodel") == ArtifactInfo("models/forest/MLmodel", is_dir=False, size=7)
    with store.open("models/forest/MLmodel") as file:
        assert file.read() == b"flavors"
    with pytest.raises(UnknownArtifact):
        store.read("models/other/MLmodel")


def test_pages_have_the_models_once(store: WithModels, run: MemoryStore) -> None:
    run.put("models/own.txt", b"own")
    first = store.page("", None, 1)
    rows = [*first.rows]
    while first.cursor:
        first = store.page("", first.cursor, 1)
        rows += first.rows
    assert sorted(row.path for row in rows) == ["figures", "models", "zoo.txt"]
    assert [row.path for row in store.page("models").rows] == ["models/forest", "models/own.txt"]


def test_the_runs_own_folder_of_that_name_is_kept(store: WithModels, run: MemoryStore) -> None:
    run.put("models/own.txt", b"own")
    assert [row.path for row in store.list("models")] == ["models/forest", "models/own.txt"]
    assert store.read("models/own.txt") == b"own"


def test_a_run_without_models_is_as_it_is(run: MemoryStore) -> None:
    store = WithModels(run, dict)
    assert store.list() == run.list()
    assert store.page("models") == Page(())
    assert store.info("models") is None


def test_when_the_tracking_store_is_away_the_artifacts_are_there(run: MemoryStore) -> None:
    def away() -> dict[str, MemoryStore]:
        raise StoreUnavailable("The tracking store does not answer", "Wait")

    assert WithModels(run, away).list() == run.list()


def test_models_are_asked_for_once_in_a_while(run: MemoryStore, model: MemoryStore) -> None:
    asked = []
    store = WithModels(run, lambda: asked.append(1) or {"forest": model})
    store.list()
    store.list("models/forest")
    store.read("models/forest/MLmodel")
    assert len(asked) == 1


@pytest.mark.parametrize("path", ["", "models", "models/forest", "models/forest/data"])
def test_models_are_downloaded_with_the_run(store: WithModels, tmp_path: Path, path: str) -> None:
    where = store.download(path, tmp_path / "to")
    names = {p.relative_to(where).as_posix() for p in where.rglob("*") if p.is_file()}
    below = {row.path for row in walk(store, path) if not row.is_dir}
    assert names == {name[len(path) :].strip("/") for name in below}
    assert names


@pytest.mark.parametrize("path", ["models/forest/MLmodel", "models/forest"])
def test_a_model_is_written_by_mlflow_alone(store: WithModels, path: str) -> None:
    with pytest.raises(StoreRefused):
        store.put(path, b"x")
    with pytest.raises(StoreRefused):
        store.delete(path)
