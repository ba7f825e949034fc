"""``mlart checkout`` and ``mlart diff``, as processes."""

from __future__ import annotations

import json

import pytest
from nbformat import v4

from mlart_jupyter.models import RunRef
from mlart_jupyter.spool import Session, write_session
from mlart_jupyter.store import LocalStore

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(data):
    """Two runs whose notebooks differ, in the folder of a session."""
    refs = []
    for name, source in (("first", "x = 1"), ("second", "x = 2")):
        folder = data / "artifacts" / name
        book = v4.new_notebook(cells=[v4.new_code_cell(source, id="a")])
        LocalStore(folder).put("notebooks/nb.ipynb", json.dumps(book).encode())
        refs.append(RunRef(name[0] * 32, "sqlite:////nowhere/mlflow.db", folder.as_uri(), "1", name))
    write_session(data / "spool" / "sessions", Session("s1", None, None, "0" * 12, "python", {}, tuple(refs)))


def test_a_notebook_is_checked_out_and_compared(mlart, runs, tmp_path):
    result = mlart("checkout", "first")
    assert result.stdout.strip() == str(tmp_path / "nb-first.ipynb"), result.stderr
    told = mlart("diff", "first", "second").stdout
    assert "x = 1" in told
    assert "x = 2" in told
    assert "same sources" in mlart("diff", "first", "nb-first.ipynb").stdout
    missing = mlart("checkout", "first", "notebooks/none.ipynb")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
