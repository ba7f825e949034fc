"""The run knows its notebook: through MLflow's plugin, and where plugins are not asked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mlart_jupyter import context
from mlart_jupyter.context import NotebookContext, Place, corrections


@pytest.fixture
def told():
    def tell(*words):
        context.tell(Place(*words))

    yield tell
    context.tell(None)


def test_a_run_is_told_its_notebook_and_session(told):
    told("/books/nb.ipynb", "s1")
    assert NotebookContext().in_context()
    tags = NotebookContext().tags()
    assert tags.pop("mlflow.source.git.commit", "") == ""
    assert tags == {
        "mlflow.source.name": "nb.ipynb",
        "mlflow.source.type": "NOTEBOOK",
        "mlart.notebook": "nb.ipynb",
        "mlart.session": "s1",
    }


def test_the_path_is_relative_to_the_servers_root(told, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "77")
    (tmp_path / "jpserver-77.json").write_text(json.dumps({"root_dir": "/books"}))
    told("/books/models/train.ipynb")
    assert NotebookContext().tags()["mlflow.source.name"] == "models/train.ipynb"
    told("/elsewhere/train.ipynb")
    assert NotebookContext().tags()["mlflow.source.name"] == "train.ipynb"


def test_the_commit_is_the_notebooks_not_the_folders(told, tmp_path):
    git = ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-C", str(tmp_path)]
    for words in (["init"], ["commit", "--allow-empty", "-m", "one"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    told(str(tmp_path / "nb.ipynb"))
    assert len(NotebookContext().tags()["mlflow.source.git.commit"]) == 40


def test_a_script_that_a_notebook_has_started_is_no_notebook(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/books/nb.ipynb")
    code = "from mlart_jupyter.context import *; c = NotebookContext(); print(c.in_context(), c.tags())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False {}\n"


def test_it_never_raises(told, monkeypatch):
    told("/books/nb.ipynb")
    monkeypatch.setattr(context, "place", lambda: 1 / 0)
    assert not NotebookContext().in_context()
    assert NotebookContext().tags() == {}


def test_it_imports_nothing_heavy():
    code = "import sys; before = set(sys.modules); import mlart_jupyter.context; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert names - set(sys.stdlib_module_names) == {"mlart_jupyter"}


@pytest.mark.slow
def test_mlflow_finds_it(told, data):
    import mlflow
    from mlflow.tracking.context.registry import resolve_tags

    told("/books/nb.ipynb", "s1")
    assert resolve_tags()["mlflow.source.name"] == "nb.ipynb"
    assert resolve_tags({"mlflow.source.name": "mine"})["mlflow.source.name"] == "mine"
    assert mlflow.active_run() is None


WANTED = {"mlflow.source.name": "b.ipynb", "mlflow.source.type": "NOTEBOOK", "mlart.notebook": "b.ipynb"}


@pytest.mark.parametrize(
    ("tags", "corrected"),
    [
        ({}, WANTED),
        (WANTED, {}),
        ({"mlflow.source.name": "/x/ipykernel_launcher.py", "mlflow.source.type": "LOCAL"}, WANTED),
        ({"mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL"}, {"mlart.notebook": "b.ipynb"}),
        (
            {"mlflow.source.name": "a.ipynb", "mlart.notebook": "a.ipynb", "mlflow.source.type": "NOTEBOOK"},
            {"mlflow.source.name": "b.ipynb", "mlart.notebook": "b.ipynb"},
        ),
    ],
)
def test_what_a_run_lacks_is_added_and_a_scripts_name_stays(tags, corrected):
    assert corrections(tags, WANTED) == corrected
