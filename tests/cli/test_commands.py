"""``mlart ls|get|flush|status|doctor`` on a store that a plain script has filled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

FILL = """
import mlflow, mlart_jupyter
from mlart_jupyter.services import current
config = current().config
config.data.mkdir(parents=True)
mlflow.set_tracking_uri(config.embedded_uri)
mlflow.create_experiment("e", artifact_location=config.embedded_artifacts)
mlflow.set_experiment("e")
with mlflow.start_run(run_name="filled"):
    mlart_jupyter.log({"a": 1}, "settings/config.json")
    mlart_jupyter.log("hello", "notes.txt")
"""


@pytest.fixture
def filled(data):
    subprocess.run([sys.executable, "-c", FILL], check=True, timeout=120, cwd=data.parent)
    return data


def test_a_filled_run_is_listed_and_downloaded(mlart, filled, tmp_path):
    listing = mlart("ls")
    assert listing.returncode == 0
    assert 'run "filled"' in listing.stdout
    assert "notes.txt  5 B" in listing.stdout
    got = mlart("get", "notes.txt", "settings", "--run", "filled", "--to", "here")
    assert got.returncode == 0
    assert (tmp_path / "here" / "notes.txt").read_text() == "hello"
    assert (tmp_path / "here" / "settings" / "config.json").exists()
    missing = mlart("get", "missing.txt", "--run", "filled")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "no artifact missing.txt" in missing.stderr


def test_with_nothing_logged_it_says_so(mlart):
    result = mlart("ls")
    assert result.returncode == 1
    assert "No MLflow run is active" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_run_is_one_line(mlart):
    result = mlart("ls", "--run", "nobody")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)


def test_status_of_an_empty_spool(mlart):
    result = mlart("status")
    assert result.returncode == 0
    assert "waiting 0" in result.stdout


def test_flush_of_an_empty_spool(mlart):
    assert mlart("flush").returncode == 0


LEFT = """
import dataclasses, sys
from pathlib import Path
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.spool import Owner, Spool
owner = dataclasses.replace(Owner.of_this_process(), token="dead0dead0ff", started=1.0)
run = RunRef("r1", "http://127.0.0.1:9", Path(sys.argv[2]).as_uri() if len(sys.argv) > 2 else "http://127.0.0.1:9/a")
spool = Spool(Path(sys.argv[1]) / "spool", owner)
Recorder(spool, "s").record(Shown("hello", run, Cell(), {}, path="a.txt"), renderer_for("hello"))
"""


def leave(data, *place, **environment):
    """Let a process spool something and die."""
    command = [sys.executable, "-c", LEFT, str(data), *map(str, place)]
    subprocess.run(command, check=True, timeout=120, env={**os.environ, **environment})


def test_what_cannot_be_delivered_now_is_told_with_the_missing_variable(mlart, data):
    leave(data, MLFLOW_TRACKING_TOKEN="s3cr3t")
    result = mlart("flush")
    assert result.returncode == 1
    assert "had MLFLOW_TRACKING_TOKEN; here it is not set" in result.stderr
    status = mlart("status").stdout
    assert "waiting 1 · in flight 0" in status
    assert "MLFLOW_TRACKING_TOKEN, which this process has not" in status
    assert "error   The store http://127.0.0.1:9/a does not answer" in status
    assert "s3cr3t" not in "".join(path.read_text() for path in data.rglob("*") if path.is_file())


def test_what_has_failed_is_tried_again_when_asked(mlart, data, tmp_path):
    leave(data, tmp_path / "run")
    (tmp_path / "run" / "a.txt").mkdir(parents=True)  # folders where the file should go
    (tmp_path / "run" / "a-2cf24dba.txt").mkdir()
    mlart("flush")
    assert "failed 1" in mlart("status").stdout
    shutil.rmtree(tmp_path / "run")
    result = mlart("flush", "--dead")
    assert result.returncode == 0
    assert "1 items that had failed wait again" in result.stdout
    assert (tmp_path / "run" / "a.txt").read_text() == "hello"
    assert "failed 0" in mlart("status").stdout


def test_a_store_is_tried_and_chosen(mlart, tmp_path):
    place = tmp_path / "mein Ort"
    result = mlart("store", str(place), "--experiment", "there")
    assert result.returncode == 0, result.stderr
    assert 'experiment "there" (new) keeps its artifacts at ' + place.as_uri() in result.stdout
    assert list(place.iterdir()) == []
    assert "MLFLOW_EXPERIMENT_NAME=there" in result.stdout
    (tmp_path / "file").write_text("")
    impossible = mlart("store", "file/below")
    assert (impossible.returncode, impossible.stdout, impossible.stderr.count("\n")) == (1, "", 1)


def test_the_doctor_finds_a_healthy_place_healthy(mlart):
    result = mlart("doctor")
    assert result.returncode == 0, result.stdout
    assert "nothing to mend" in result.stdout


def test_the_doctor_finds_a_damaged_item(mlart, data):
    new = data / "spool" / "v1" / "new"
    new.mkdir(parents=True)
    (new / "00000000000000000001-0123456789ab-9-00000000.item").write_bytes(b"torn")
    result = mlart("doctor")
    assert result.returncode == 1
    assert "is damaged" in result.stdout


def test_a_data_folder_that_cannot_be_made_is_told(mlart, tmp_path):
    (tmp_path / "file").write_text("")
    result = mlart("doctor", MLART_DATA=str(tmp_path / "file" / "data"))
    assert result.returncode == 1
    assert "point MLART_DATA to another folder" in result.stdout


def test_help_names_every_command(mlart):
    text = mlart("--help").stdout
    assert all(name in text for name in ("demo", "ls", "get", "flush", "status", "doctor"))
