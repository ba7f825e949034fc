"""Runs that are looked for, in MLflow's words and on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlart_jupyter.store import tracking
from mlart_jupyter.store.wanted import Wanted

FILTERS = {
    Wanted(): "",
    Wanted("lr=0.1"): "attributes.run_name ILIKE '%lr=0.1%'",
    Wanted("tag:kind=demo"): "tags.`kind` = 'demo'",
    Wanted("tag:"): "",
    Wanted(status="FAILED"): "attributes.status = 'FAILED'",
    Wanted(status="x' OR 1"): "",
    Wanted("it's %", status="RUNNING"): "attributes.run_name ILIKE '%its %' AND attributes.status = 'RUNNING'",
    Wanted("tag:a`b=c'd\\"): "tags.`ab` = 'cd'",
}


@pytest.mark.parametrize("wanted", FILTERS)
def test_what_is_wanted_is_said_in_mlflows_words(wanted: Wanted) -> None:
    assert wanted.filter == FILTERS[wanted]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with three runs in two experiments."""
    from mlflow.tracking import MlflowClient

    folder: Path = tmp_path_factory.mktemp("wanted")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(uri)
    one, two = (client.create_experiment(name, artifact_location=(folder / name).as_uri()) for name in ("one", "two"))
    for experiment, name, status in ((one, "old", "FINISHED"), (one, "lr=0.1", "FAILED"), (two, "lr=0.2", "FINISHED")):
        run = client.create_run(experiment, run_name=name, tags={"kind": f"it {name[-1]}"})
        client.set_terminated(run.info.run_id, status)
    return uri


def names(uri: str, wanted: Wanted) -> list[str | None]:
    return sorted(str(run.ref.name) for run in tracking.page(uri, wanted)[0])


@pytest.mark.slow
def test_runs_are_found_by_name_tag_experiment_and_status(uri: str) -> None:
    experiments = {name: key for key, name in tracking.experiments(uri)}
    assert set(experiments) == {"Default", "one", "two"}
    assert names(uri, Wanted("LR=")) == ["lr=0.1", "lr=0.2"]
    assert names(uri, Wanted("tag:kind=it 2")) == ["lr=0.2"]
    assert names(uri, Wanted(experiment=experiments["one"])) == ["lr=0.1", "old"]
    assert names(uri, Wanted("lr", experiments["one"], "FAILED")) == ["lr=0.1"]
    assert names(uri, Wanted(status="FINISHED")) == ["lr=0.2", "old"]
