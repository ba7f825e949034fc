"""A saved notebook becomes an item for the runs that it belongs to."""

from __future__ import annotations

import pytest

from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import unpack
from mlart_jupyter.paths import file_name
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.spool import Owner, Session, Spool


def run(number):
    return RunRef(f"{number:032x}", "sqlite:////nowhere.db", "file:///nowhere", "1", f"run {number}")


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "spool", Owner.of_this_process())


@pytest.fixture
def save(spool):
    snapshots = Snapshots(spool)

    def save(data, *numbers, path="/w/nb.ipynb"):
        """Save with these runs; tell those that it was spooled for."""
        before = set(spool.mine())
        session = Session("s1", "k", path, spool.owner.token, "python", {}, tuple(map(run, numbers)))
        snapshots.take(data, path, session)
        new = [name for name in spool.mine() if name not in before]
        return [int(unpack(spool.peek(spool.find(name), name)[0]).run.run_id, 16) for name in new]

    return save


def test_a_save_goes_to_the_last_run_and_those_begun_since_the_last_save(save):
    assert save(b"one", 1) == [1]
    assert save(b"two", 1, 2, 3) == [2, 3]
    assert save(b"three", 1, 2, 3) == [3]
    assert save(b"four", 2, 3, 1) == [1]


def test_a_long_loop_of_runs_does_not_get_hundreds(save):
    assert save(b"one", *range(1, 101)) == list(range(91, 101))


def test_the_same_bytes_go_to_a_run_once(save):
    assert save(b"one", 1) == [1]
    assert save(b"one", 1) == []
    assert save(b"one", 1, 2) == [2]
    assert save(b"one", 1, 2, path="/w/other.ipynb") == [2]


def test_without_a_run_nothing_is_spooled(save):
    assert save(b"one") == []


@pytest.mark.parametrize(
    ("name", "stored"),
    [("plain.ipynb", "plain.ipynb"), ("模型 ü.ipynb", "模型 ü.ipynb"), ("a#b?c%41.ipynb", "a-b-c-41.ipynb")],
)
def test_a_name_stays_where_mlflow_can_download_it(name, stored):
    assert file_name(name) == stored
