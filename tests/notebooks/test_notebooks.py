"""Both notebooks are run as they are and checked artifact by artifact."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import mlflow
import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.cli.verify import verify
from mlart_jupyter.config import Mlart
from mlart_jupyter.models import RunRef
from mlart_jupyter.services import Services

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
pytestmark = [pytest.mark.kernel, pytest.mark.slow]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("notebooks")


def executed(name, place, monkeypatch):
    shutil.copy(NOTEBOOKS / name, place)
    book = nbformat.read(place / name, as_version=4)
    for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MLART_DATA", str(place / "data"))
    profile = place / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("c.Mlart.flush_seconds = 100.0")  # a busy machine takes long
    monkeypatch.setenv("IPYTHONDIR", str(profile.parent))
    config = Config({"KernelManager": {"shutdown_wait_time": 120.0}})
    where = {"metadata": {"path": str(place)}}
    NotebookClient(book, kernel_name="python3", resources=where, timeout=170, config=config).execute()
    return book


def run_named(name, uri):
    client = mlflow.MlflowClient(tracking_uri=uri)
    ids = [e.experiment_id for e in client.search_experiments()]
    [run] = client.search_runs(ids, f"attributes.run_name = '{name}'")
    return run, client


def artifacts_of(run, uri, place):
    ref = RunRef(run.info.run_id, uri, run.info.artifact_uri)
    return Services(Mlart(data_folder=str(place / "data"))).artifacts(ref)


def test_quickstart(place, monkeypatch):
    book = executed("quickstart.ipynb", place, monkeypatch)
    uri = Mlart(data_folder=str(place / "data")).embedded_uri
    run, _ = run_named("quickstart", uri)
    artifacts = artifacts_of(run, uri, place)
    assert isinstance(artifacts, Artifacts)
    assert verify(book, artifacts, place) == []
    assert set(artifacts) == {
        "data/config.json",
        "figures/loss.png",
        "files/notes.txt",
        "frames/history-groupby-phase-loss-describe.parquet",
        "frames/history.parquet",
        "notebooks/session.ipynb",  # rebuilt by the kernel: nbclient tells it of no file
        "notebooks/session.requirements.txt",
    }
    assert json.loads(artifacts.text("data/config.json")) == {"rate": 0.125, "epochs": 30}
    assert "True" in book.cells[-2].outputs[-1].data["text/plain"]


def test_experiment(place, monkeypatch):
    pytest.importorskip("sklearn")
    pytest.importorskip("seaborn")
    book = executed("experiment.ipynb", place, monkeypatch)
    uri = f"sqlite:///{place / 'mlflow.db'}"  # MLflow's own default: the notebook configures nothing
    run, client = run_named("experiment", uri)
    artifacts = artifacts_of(run, uri, place)
    assert verify(book, artifacts, place) == []
    expected = {
        "README.md",
        "config/config.json",
        "figures/confusion-matrix.png",
        "figures/correlation-of-features.png",
        "frames/test.parquet",
        "frames/train.parquet",
        "notebooks/session.ipynb",
        "notebooks/session.requirements.txt",
        "reports/classification.txt",
        "reports/predicted.csv",
        "status.txt",
    }
    found = set(artifacts)
    assert {path for path in found if not path.startswith(("model/", "models/"))} == expected
    assert "models/model/MLmodel" in found  # MLflow keeps it beside the run
    assert artifacts.frame("frames/train.parquet").shape == (426, 11)
    assert artifacts.frame("frames/test.parquet").shape == (143, 11)
    assert artifacts.text("README.md").startswith("# Experiment\n- run: " + run.info.run_id)
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in artifacts.text("README.md")
    assert artifacts.text("status.txt").startswith("Accuracy on the test set: 0.9")
    assert json.loads(artifacts.text("config/config.json"))["C"] == 0.5
    assert run.data.metrics["accuracy"] > 0.9
    [model] = client.get_run(run.info.run_id).outputs.model_outputs
    assert client.get_logged_model(model.model_id).name == "model"
