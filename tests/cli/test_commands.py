"""``mlart ls|get|flush|status|doctor`` on a store that a plain script has filled."""

from __future__ import annotations

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
    subprocess.run([sys.executable, "-c", FILL], check=True, timeout=120)
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
