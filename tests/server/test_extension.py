"""The server delivers what dead kernels left, and lists the runs of a real store."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time

import mlflow
import pytest

from mlart_jupyter.answers import alias_of
from mlart_jupyter.config import Mlart
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.spool import Owner, Spool


async def test_what_a_dead_kernel_left_is_delivered(jp_serverapp, data, tmp_path):
    dead = dataclasses.replace(Owner.of_this_process(), started=1.0)
    run = RunRef("r" * 32, f"sqlite:///{tmp_path}/none/mlflow.db", (tmp_path / "run").as_uri(), "1")
    shown = Shown("left behind", run, Cell(), {}, path="notes.txt")
    Recorder(Spool(data / "spool", dead), "s1").record(shown, renderer_for("text"))
    extension = jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]
    next(iter(extension))._adopt()
    end = time.monotonic() + 60
    while not (tmp_path / "run" / "notes.txt").exists() and time.monotonic() < end:
        await asyncio.sleep(0.2)
    assert (tmp_path / "run" / "notes.txt").read_text() == "left behind"


@pytest.fixture
def store(data, monkeypatch):
    """The embedded store with three runs."""
    data.mkdir(parents=True, exist_ok=True)
    uri = Mlart().embedded_uri
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("e", artifact_location=(data / "artifacts").as_uri())
    for name in ("first", "second", "third"):
        client.create_run(experiment, run_name=name)
        time.sleep(0.01)
    return alias_of(uri)


async def test_runs_are_listed_newest_first_and_searched(jp_fetch, store):
    async def names(**params):
        reply = await jp_fetch("mlart", "runs", params={"store": store, **params})
        return [(run["name"], run["experiment"]) for run in json.loads(reply.body)["runs"]]

    assert await names() == [("third", "e"), ("second", "e"), ("first", "e")]
    assert await names(search="seco") == [("second", "e")]
    assert await names(search="nobody's") == []
