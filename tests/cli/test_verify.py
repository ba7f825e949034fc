"""The demo's check must see what is missing and what differs."""

from __future__ import annotations

import base64
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.cli.verify import verify
from mlart_jupyter.models import RunRef
from mlart_jupyter.renderers.exact import to_arrow
from mlart_jupyter.renderers.parquet import ipc_bytes, parquet_from_ipc
from mlart_jupyter.store import MemoryStore

FRAME = pd.DataFrame({"a": [1, 2]})


def parquet(frame):
    return parquet_from_ipc(ipc_bytes(to_arrow(frame)[0]))


@pytest.fixture
def store():
    store = MemoryStore()
    store.put("figures/a.png", b"picture")
    store.put("frames/f.parquet", parquet(FRAME))
    store.put("files/n.txt", b"notes")
    return store


@pytest.fixture
def notebook(tmp_path):
    (tmp_path / "n.txt").write_bytes(b"notes")
    picture = {"image/png": base64.b64encode(b"picture").decode()}
    table = {"text/html": FRAME._repr_html_()}
    outputs = [
        v4.new_output("display_data", picture, metadata={"mlart": {"path": "figures/a.png", "key": "figures/a"}}),
        v4.new_output("display_data", table, metadata={"mlart": {"path": "frames/f.parquet", "key": "frames/f"}}),
    ]
    cell = v4.new_code_cell("show()", outputs=outputs, execution_count=4)
    book = v4.new_notebook(cells=[cell], metadata={"mlart": {"files": {"files/n.txt": "n.txt"}}})
    return nbformat.from_dict(book)


@pytest.fixture
def problems(store, notebook, tmp_path):
    return lambda: verify(notebook, Artifacts(RunRef("r", "memory:"), store), Path(tmp_path))


def test_all_there_is_no_problem(problems):
    assert problems() == []


@pytest.mark.parametrize("path", ["figures/a.png", "frames/f.parquet", "files/n.txt"])
def test_a_missing_artifact_is_a_problem(problems, store, path):
    del store.files[path]
    assert len(problems()) == 1


@pytest.mark.parametrize(
    ("path", "data"),
    [("figures/a.png", b"other"), ("frames/f.parquet", parquet(FRAME + 1)), ("files/n.txt", b"other")],
)
def test_a_differing_artifact_is_a_problem(problems, store, path, data):
    store.put(path, data)
    assert len(problems()) == 1


def test_an_output_without_a_mark_is_a_problem(problems, notebook):
    del notebook.cells[0].outputs[0].metadata["mlart"]
    assert problems() == ["cell [4] showed something that was not kept"]
