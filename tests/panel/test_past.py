"""A run's notebook in the panel: back beside the kernel's own, never over it, and compared with what was saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat import v4

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import UnknownArtifact, UnknownFile
from mlart_jupyter.models import RunRef
from mlart_jupyter.panel.past import bring_back, changes_since
from mlart_jupyter.store import MemoryStore

KEPT = "notebooks/nb.ipynb"


def book(*sources: str) -> bytes:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source, id=f"c{at}") for at, source in enumerate(sources)])
    return json.dumps(notebook).encode()


@pytest.fixture
def artifacts() -> Artifacts:
    store = MemoryStore()
    store.put(KEPT, book("x = 1", "y = 2"))
    store.put("a.txt", b"text")
    return Artifacts(RunRef("r1", "sqlite:////x.db", name="lr sweep"), store)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The kernel's notebook, in a folder below the one that the kernel is in."""
    folder = tmp_path / "sub"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    file = folder / "nb.ipynb"
    file.write_bytes(book("x = 1", "y = 3"))
    return file


def test_it_comes_back_beside_the_kernels_own_never_over_anything(artifacts: Artifacts, own: Path) -> None:
    before = own.read_bytes()
    first, second = (bring_back(artifacts, KEPT, str(own))["path"] for _ in range(2))
    assert (first, second) == ("sub/nb-lr-sweep.ipynb", "sub/nb-lr-sweep-2.ipynb")
    assert Path(first).read_bytes() == artifacts.read(KEPT)
    assert own.read_bytes() == before


@pytest.mark.parametrize("notebook", [None, "absent/nb.ipynb"])
def test_without_a_folder_of_its_own_it_comes_into_the_kernels(
    artifacts: Artifacts, own: Path, notebook: str | None
) -> None:
    assert bring_back(artifacts, KEPT, notebook) == {"path": "nb-lr-sweep.ipynb"}
    assert Path("nb-lr-sweep.ipynb").is_file()


@pytest.mark.slow  # nbdime is not among what the lowest versions are tried with
def test_what_changed_is_told_of_the_saved_file(artifacts: Artifacts, own: Path) -> None:
    told = changes_since(artifacts, KEPT, str(own))
    assert told["name"] == "nb.ipynb"
    [change] = told["changes"]
    assert (change["kind"], change["at"], change["lines"]) == ("changed", 1, (("-", "y = 2"), ("+", "y = 3")))


@pytest.mark.parametrize("notebook", [None, "absent/nb.ipynb"])
def test_a_notebook_that_is_not_known_gives_a_sentence(artifacts: Artifacts, own: Path, notebook: str | None) -> None:
    with pytest.raises(UnknownFile):
        changes_since(artifacts, KEPT, notebook)


def test_what_is_no_notebook_is_refused(artifacts: Artifacts, own: Path) -> None:
    with pytest.raises(UnknownArtifact):
        bring_back(artifacts, "a.txt", str(own))
    with pytest.raises(UnknownArtifact):
        changes_since(artifacts, "a.txt", str(own))
    assert [path.name for path in own.parent.iterdir()] == ["nb.ipynb"]
