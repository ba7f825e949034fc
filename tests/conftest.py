"""Fixtures that all tests share: a data folder of its own, an MLflow as new, and no telemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.pop("MLFLOW_TRACKING_URI", None)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder (embedded store and spool) of this test alone."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MLART_DATA", str(folder))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return folder


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of all tests with real runs (a new store takes seconds), named as home folders can be."""
    folder = tmp_path_factory.getbasetemp() / "mein Büro"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow as a new process has it, where nothing is: nothing set, nothing active."""
    import mlflow
    from mlflow.tracking import fluent

    def reset() -> None:
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.set_tracking_uri(None)
        fluent._active_experiment_id = None
        for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
            os.environ.pop(name, None)

    monkeypatch.chdir(tmp_path)  # MLflow 2 makes an empty mlruns folder in it
    reset()
    yield mlflow
    reset()
