"""A run's notebook back beside the current one, and what changed since."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from nbformat import v4

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import MlartError, UnknownArtifact
from mlart_jupyter.history import changes_between, checkout, newest
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.store import Editions, MemoryStore, segment


def book(*sources):
    cells = [v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return (json.dumps(v4.new_notebook(cells=cells)) + "\n").encode()


class Run:
    """A run whose notebook was saved."""

    def __init__(self, name, folder):
        self.ref = RunRef(name * 32, "sqlite:////nowhere.db", "file:///nowhere", "1", f"run {name}")
        self.store, self.editions, self.folder = MemoryStore(), Editions(), folder

    def save(self, *sources, name="nb.ipynb"):
        data = book(*sources)
        entry = Entry(
            "i", f"notebooks/{name}", "notebook", "application/x-ipynb+json", f"notebooks/{name}", 1, "s", "r", 1.0
        )
        digest = hashlib.sha256(data).hexdigest()
        entry = dataclasses.replace(entry, sha256=digest, size=len(data), source_hash=digest, session=name)
        entry = dataclasses.replace(entry, notebook=str(self.folder / name), item=digest[:8], time=float(len(data)))
        self.store.put(*segment(self.editions.place(self.store, entry, data), {}))
        return self

    @property
    def artifacts(self):
        return Artifacts(self.ref, self.store)


@pytest.fixture
def run(tmp_path):
    return Run("a", tmp_path)


def test_the_newest_comes_back_beside_the_current_one_and_never_over_it(run, tmp_path):
    run.save("x = 1").save("x = 1", "y = 2")
    (tmp_path / "nb.ipynb").write_text("current")
    found = [checkout(run.artifacts) for _ in range(2)]
    assert [path.name for path in found] == ["nb-run-a.ipynb", "nb-run-a-2.ipynb"]
    assert {path.parent for path in found} == {tmp_path}
    assert found[0].read_bytes() == book("x = 1", "y = 2")
    assert (tmp_path / "nb.ipynb").read_text() == "current"


def test_an_earlier_one_can_be_named_and_the_folder_given(run, tmp_path):
    run.save("x = 1").save("x = 1", "y = 2")
    (tmp_path / "sub").mkdir()
    path = checkout(run.artifacts, "notebooks/nb_v1.ipynb", tmp_path / "sub")
    assert path == tmp_path / "sub" / "nb_v1-run-a.ipynb"
    assert path.read_bytes() == book("x = 1")


def test_a_folder_of_another_machine_is_replaced_by_the_current_one(tmp_path, monkeypatch):
    run = Run("b", tmp_path / "not here").save("x")
    monkeypatch.chdir(tmp_path)
    assert checkout(run.artifacts).parent == tmp_path


def test_a_run_without_or_with_several_notebooks_says_so(run):
    with pytest.raises(UnknownArtifact, match="has no notebook"):
        newest(run.artifacts)
    run.save("x").save("y", name="other.ipynb")
    with pytest.raises(UnknownArtifact, match=r"notebooks/other\.ipynb"):
        newest(run.artifacts)


def test_a_folder_that_cannot_be_written_is_told(run, tmp_path):
    run.save("x")
    with pytest.raises(MlartError, match="--to"):
        checkout(run.artifacts, folder=tmp_path / "missing")


@pytest.mark.slow  # nbdime is not among what the lowest versions are tried with
def test_changes_are_told_by_cell_and_not_those_of_outputs(tmp_path):
    one, two = Run("a", tmp_path).save("x = 1", "y = 2"), Run("b", tmp_path).save("x = 1", "y = 3")
    told = changes_between(one.artifacts, two.artifacts)
    assert "y = 2" in told
    assert "y = 3" in told
    assert "x = 1" not in told
    rerun = json.loads(book("x = 1", "y = 2"))
    rerun["cells"][0]["execution_count"] = 9
    (tmp_path / "nb.ipynb").write_text(json.dumps(rerun))
    assert "have the same sources" in changes_between(one.artifacts, tmp_path / "nb.ipynb")
