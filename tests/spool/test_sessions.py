"""What each kernel says of itself."""

from __future__ import annotations

import dataclasses
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlart_jupyter.models import RunRef
from mlart_jupyter.spool import Session, read_sessions, read_trouble, sweep_sessions, write_session, write_trouble

RUNS = (RunRef("r1", "sqlite:////data/mlflow.db", "file:///data/artifacts/r1", "1", "first"), RunRef("r2", "https://m"))
SESSION = Session(
    session="20250101-120000-abc",
    kernel="k1",
    notebook="/home/me/a.ipynb",
    owner="0a1b2c3d4e5f",
    python="/usr/bin/python",
    versions={"mlart-jupyter": "0.1.0"},
    runs=RUNS,
)


def test_a_session_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    write_session(tmp_path, SESSION)
    assert list(read_sessions(tmp_path)) == [SESSION]


def test_a_session_outside_a_kernel_is_read_back(tmp_path: Path) -> None:
    bare = dataclasses.replace(SESSION, kernel=None, notebook=None, runs=())
    write_session(tmp_path, bare)
    assert list(read_sessions(tmp_path)) == [bare]


def test_the_session_used_last_comes_first(tmp_path: Path) -> None:
    names = ["20250102-000000-a", "20250101-000000-b", "20250103-000000-c"]
    for age, name in enumerate(names):
        write_session(tmp_path, dataclasses.replace(SESSION, session=name))
        os.utime(tmp_path / f"{name}.json", (1000 - age, 1000 - age))
    assert [s.session for s in read_sessions(tmp_path)] == names


def test_two_threads_write_one_session_without_tearing_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda i: write_session(tmp_path, dataclasses.replace(SESSION, kept=i)), range(200)))
    [session] = read_sessions(tmp_path)
    assert session.kept in range(200)
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_writing_again_replaces(tmp_path: Path) -> None:
    write_session(tmp_path, dataclasses.replace(SESSION, runs=()))
    write_session(tmp_path, SESSION)
    assert list(read_sessions(tmp_path)) == [SESSION]


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    write_session(tmp_path, SESSION)
    assert [path.name for path in tmp_path.iterdir()] == ["20250101-120000-abc.json"]


def test_the_folder_is_private(tmp_path: Path) -> None:
    write_session(tmp_path / "sessions", SESSION)
    assert (tmp_path / "sessions").stat().st_mode & 0o777 == 0o700


def test_no_folder_means_no_sessions(tmp_path: Path) -> None:
    assert list(read_sessions(tmp_path / "sessions")) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", "{}", '{"runs": 3}', '{"runs": [{"id": 1}]}'])
def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path, text: str) -> None:
    write_session(tmp_path, SESSION)
    (tmp_path / "20260101-000000-bad.json").write_text(text)
    assert list(read_sessions(tmp_path)) == [SESSION]


def test_a_sweep_removes_old_sessions_of_the_dead_alone(tmp_path):
    for name, owner in (("old", "gone"), ("new", "gone"), ("lives", "here")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"owner": owner}))
    for name in ("old", "lives"):
        os.utime(tmp_path / f"{name}.json", (1.0, 1.0))
    assert sweep_sessions(tmp_path, lambda token: token == "here") == 1
    assert sorted(path.stem for path in tmp_path.glob("*.json")) == ["lives", "new"]


def test_a_sweep_of_nothing_makes_nothing(tmp_path):
    assert sweep_sessions(tmp_path / "none", lambda token: False) == 0
    assert not (tmp_path / "none").exists()


def test_trouble_is_noted_until_it_is_over(tmp_path):
    assert read_trouble(tmp_path) is None
    write_trouble(tmp_path, "The store does not answer. Wait.")
    assert read_trouble(tmp_path) == "The store does not answer. Wait."
    write_trouble(tmp_path, None)
    assert read_trouble(tmp_path) is None
