"""``%mlart store``, and what MLflow's addresses lead to: on a real tracking store of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.config import Mlart
from mlart_jupyter.errors import BadPath, StoreRefused, StoreUnavailable, UnknownArtifact
from mlart_jupyter.locations import plain, probe
from mlart_jupyter.services import Services, use
from mlart_jupyter.store import LocalStore, MemoryStore


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests here: a new tracking store takes seconds."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def services(home: Path, mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("MLART_DATA", str(home))
    monkeypatch.chdir(home)  # MLflow's default experiment keeps its artifacts in the current folder
    opened = Services(Mlart())
    use(opened)
    yield opened
    opened.close(0)
    use(None)


def test_a_location_becomes_the_place_of_later_runs(services: Services, tmp_path: Path) -> None:
    import mlflow

    place = tmp_path / "mein Ort"
    place.mkdir()
    chosen = services.use_location(str(place), "there")
    assert "written, read and deleted" in chosen.words
    assert list(place.iterdir()) == []
    with mlflow.start_run() as run:
        mlflow.log_text("x", "x.txt")
    assert run.info.artifact_uri.startswith(place.as_uri())
    assert services.artifacts(run.info.run_id).text("x.txt") == "x"
    assert "(known)" in services.use_location(f"{place}/", "there").words
    assert place.as_uri() in services.config.allowed_locations


def test_an_experiment_elsewhere_is_not_taken(services: Services, tmp_path: Path) -> None:
    services.use_location(str(tmp_path / "one"), "taken")
    with pytest.raises(StoreRefused, match="--experiment"):
        services.use_location(str(tmp_path / "two"), "taken")


def test_a_location_that_does_not_work_makes_no_experiment(services: Services, tmp_path: Path) -> None:
    import mlflow

    (tmp_path / "file").write_text("no folder")
    with pytest.raises((StoreRefused, StoreUnavailable)):
        services.use_location(str(tmp_path / "file" / "x"), "never")
    mlflow.set_tracking_uri(services.config.embedded_uri)
    assert mlflow.get_experiment_by_name("never") is None


def test_a_missing_package_is_named_with_its_command(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "google.cloud.storage", None)
    monkeypatch.setitem(__import__("sys").modules, "google.cloud", None)
    with pytest.raises(StoreUnavailable, match=r"pip install 'mlart-jupyter\[gcs\]'"):
        services.use_location("gs://bucket/x")


def test_a_store_that_deletes_nothing_is_told() -> None:
    class Keeping(MemoryStore):
        def delete(self, path: str) -> None:
            raise StoreRefused("MLflow does not delete artifacts on FTP", "Delete them yourself")

    assert "stays, for: MLflow does not delete" in probe(Keeping())


@pytest.mark.parametrize(
    ("given", "kept"),
    [("s3://b/x/", "s3://b/x"), ("/data/x/", "file:///data/x"), ("mlflow-artifacts:/x", "mlflow-artifacts:/x")],
)
def test_a_location_is_kept_in_one_form(given: str, kept: str) -> None:
    assert plain(given) == kept


def test_addresses_lead_to_runs(services: Services) -> None:
    import mlflow

    mlflow.set_tracking_uri(services.config.embedded_uri)
    with mlflow.start_run(run_name="addressed") as run:
        mlflow.log_text("text", "notes/a.txt")
    uri = f"runs:/{run.info.run_id}/notes/a.txt"
    assert services.artifacts(uri).text() == "text"
    artifacts, path = services.reading(uri)
    assert artifacts.text(path) == "text"
    artifacts, path = services.reading("notes/a.txt", run.info.run_id)
    assert artifacts.text(path) == "text"
    with pytest.raises(BadPath):
        services.artifacts(f"runs:/{run.info.run_id}/../x")


def test_logged_models_are_read_beside_the_run_and_by_their_address(services: Services, tmp_path: Path) -> None:
    import mlflow

    if not hasattr(mlflow.MlflowClient, "create_logged_model"):
        pytest.skip("MLflow 2 keeps models in the run's own folder")
    from mlflow.entities import LoggedModelOutput

    mlflow.set_tracking_uri(services.config.embedded_uri)
    client = mlflow.MlflowClient()
    (tmp_path / "MLmodel").write_text("flavors: {}")
    with mlflow.start_run() as run:
        mlflow.log_text("x", "x.txt")
        model = client.create_logged_model(run.info.experiment_id, name="forest", source_run_id=run.info.run_id)
        client.log_model_artifact(model.model_id, str(tmp_path / "MLmodel"))
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, 0)])
    artifacts = services.artifacts(run.info.run_id)
    assert [row.path for row in artifacts.list()] == ["models", "x.txt"]
    assert artifacts.text("models/forest/MLmodel") == "flavors: {}"
    assert services.artifacts(f"models:/{model.model_id}").text("MLmodel") == "flavors: {}"
    assert services.artifacts(f"models:/{model.model_id}/MLmodel").text() == "flavors: {}"
    client.create_registered_model("forest")
    client.create_model_version("forest", f"models:/{model.model_id}", run.info.run_id)
    assert services.artifacts("models:/forest/1/MLmodel").text() == "flavors: {}"
    assert services.artifacts("models:/forest/latest").text("MLmodel") == "flavors: {}"
    with pytest.raises(UnknownArtifact):
        services.artifacts("models:/nothing/1")


def test_a_registered_model_is_read_by_its_alias(services: Services) -> None:
    import mlflow

    mlflow.set_tracking_uri(services.config.embedded_uri)
    client = mlflow.MlflowClient()
    client.create_registered_model("pine")
    for number in (1, 2):
        with mlflow.start_run() as run:
            mlflow.log_text(f"version: {number}", "model/MLmodel")
        client.create_model_version("pine", f"{run.info.artifact_uri}/model", run.info.run_id)
    client.set_registered_model_alias("pine", "best", "1")
    assert services.artifacts("models:/pine@best").text("MLmodel") == "version: 1"
    assert services.artifacts("models:/pine@best/MLmodel").text() == "version: 1"
    client.set_registered_model_alias("pine", "best", "2")
    artifacts, path = services.reading("models:/pine@best/MLmodel")
    assert artifacts.text(path) == "version: 2"
    assert artifacts.run.run_id == run.info.run_id
    for uri in ("models:/pine@worst", "models:/nothing@best"):
        with pytest.raises(UnknownArtifact, match=uri):
            services.artifacts(uri)


def test_a_place_named_by_a_foreign_server_is_not_opened(services: Services, tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="MLART_ARTIFACT_LOCATIONS"):
        services.opener.place(tmp_path.as_uri(), "https://mlflow.example")
    services.config.artifact_locations = [str(tmp_path)]
    assert isinstance(services.opener.place(tmp_path.as_uri(), "https://mlflow.example"), LocalStore)
