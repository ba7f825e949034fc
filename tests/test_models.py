"""The values that cross module borders."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from mlart_jupyter.models import ArtifactInfo, Cell, Census, Entry, File, RunRef

ENTRY = Entry(
    item="0a1b",
    path="frames/df.parquet",
    kind="frame",
    media_type="application/vnd.apache.parquet",
    key="frames/df",
    version=2,
    session="20250101-000000-abc",
    run_id="r1",
    time=1.5,
    cell_id="c1",
    execution_count=3,
    source_hash="f" * 64,
    notebook="/home/me/a.ipynb",
    shape=(3, 2),
    dtypes={"a": "int64", "ä": "object"},
    note="only the head",
    sha256="0" * 64,
    size=12,
    extension="0.1.0",
)


def test_an_entry_comes_back_from_json_as_it_was() -> None:
    assert Entry.from_json(json.loads(json.dumps(ENTRY.to_json()))) == ENTRY


def test_the_example_sets_every_field_that_has_a_default() -> None:
    defaults = {f.name: f.default for f in dataclasses.fields(Entry) if f.default is not dataclasses.MISSING}
    assert not [name for name, default in defaults.items() if getattr(ENTRY, name) == default]


def test_an_entry_of_a_newer_version_can_be_read() -> None:
    assert Entry.from_json(ENTRY.to_json() | {"colour": "red"}) == ENTRY


def test_an_entry_of_an_older_version_can_be_read() -> None:
    values = {name: value for name, value in ENTRY.to_json().items() if name not in ("dtypes", "shape", "note")}
    assert Entry.from_json(values) == dataclasses.replace(ENTRY, dtypes=None, shape=None, note=None)


def test_an_entry_that_names_no_path_is_none() -> None:
    with pytest.raises(TypeError):
        Entry.from_json({"item": "0a1b"})


def test_a_run_comes_back_from_json_as_it_was() -> None:
    run = RunRef("r1", "https://mlflow.example", "s3://bucket/r1", "7", "first")
    assert RunRef(**json.loads(json.dumps(dataclasses.asdict(run)))) == run


def test_a_file_is_known_by_its_payload() -> None:
    assert File(".png", "image/png", b"picture").sha256 == hashlib.sha256(b"picture").hexdigest()


def test_a_cell_is_its_id_whatever_its_source() -> None:
    assert Cell("a = 1", "c1").identity == Cell("a = 2", "c1").identity


def test_a_cell_without_an_id_is_its_source() -> None:
    assert Cell("a = 1", execution_count=1).identity == Cell("a = 1", execution_count=2).identity


def test_cells_without_an_id_and_other_source_differ() -> None:
    assert Cell("a = 1").identity != Cell("a = 2").identity


def test_the_source_hash_is_that_of_the_text() -> None:
    assert Cell("é = 1").source_hash == hashlib.sha256("é = 1".encode()).hexdigest()


@pytest.mark.parametrize(("path", "name"), [("figures/loss.png", "loss.png"), ("loss.png", "loss.png")])
def test_an_artifact_has_the_last_part_as_its_name(path: str, name: str) -> None:
    assert ArtifactInfo(path, is_dir=False).name == name


def test_what_is_waiting_or_under_way_is_unfinished() -> None:
    assert Census(waiting=2, in_flight=3, kept=5, dead=7).unfinished == 5
