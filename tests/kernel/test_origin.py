"""Which notebook a kernel runs, as each host tells it."""

from __future__ import annotations

import os

import pytest

from mlart_jupyter.kernel import origin as told
from mlart_jupyter.kernel.origin import UNSAVED, Origin, origin
from mlart_jupyter.spool import tell_listening


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """No host at all."""
    for name in ("JPY_PARENT_PID", "MLART_NOTEBOOK", "MLART_RUN", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(told, "_host", lambda: ((), "/books"))


def test_without_a_word_the_notebook_is_rebuilt(tmp_path):
    assert origin({}, tmp_path, None) == Origin(UNSAVED)


def test_a_server_that_listens_leaves_nothing_to_watch(tmp_path, monkeypatch):
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    tell_listening(tmp_path)
    assert origin({}, tmp_path, "/w/a.ipynb") == Origin("/w/a.ipynb", is_heard=True)
    monkeypatch.setenv("MLART_NOTEBOOK", "/w/b.ipynb")
    assert origin({}, tmp_path, "/w/a.ipynb") == Origin("/w/b.ipynb", is_written=True, is_sure=False)


def test_a_server_without_the_extension_is_watched(tmp_path, monkeypatch):
    monkeypatch.setattr(told, "_host", lambda: (("/env/bin/python", "/env/bin/jupyter-lab"), "/w"))
    assert origin({}, tmp_path, "/w/a.ipynb") == Origin("/w/a.ipynb", is_written=True)


def test_what_vs_code_and_papermill_put_into_the_namespace(tmp_path):
    assert origin({"__vsc_ipynb_file__": "/w/a.ipynb"}, tmp_path, None) == Origin("/w/a.ipynb", is_written=True)
    assert origin({"PAPERMILL_OUTPUT_PATH": "/w/o.ipynb"}, tmp_path, None) == Origin("/w/o.ipynb", is_written=True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("python /env/bin/papermill in.ipynb out/o.ipynb -p a 1", Origin("/books/out/o.ipynb", is_written=True)),
        ("python -m papermill in.ipynb", Origin("/books/in.ipynb")),
        ("python /env/bin/jupyter-nbconvert --execute --to notebook a.ipynb", Origin("/books/a.ipynb")),
        ("python /env/bin/jupyter-execute /abs/a.ipynb", Origin("/abs/a.ipynb")),
        ("python /env/bin/jupyter-nbconvert --execute a.ipynb b.ipynb", Origin(UNSAVED)),
        ("python train.py a.ipynb", Origin(UNSAVED)),
    ],
)
def test_what_the_hosts_command_line_says(tmp_path, monkeypatch, words, found):
    monkeypatch.setattr(told, "_host", lambda: (tuple(words.split()), "/books"))
    assert origin({}, tmp_path, None) == found


def test_mlart_run_keeps_the_notebook_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("MLART_RUN", "r" * 32)
    monkeypatch.setenv("MLART_NOTEBOOK", "/w/b.ipynb")
    assert origin({}, tmp_path, None).is_heard
