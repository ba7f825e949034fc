"""``mlart demo``: headless to its verdict, and a JupyterLab that answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request

import pytest

from mlart_jupyter.cli.demo import copy_notebook

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


def test_headless_runs_checks_and_prints_the_tree(mlart, data):
    result = mlart("demo", "--headless", MLFLOW_TRACKING_URI="http://127.0.0.1:1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "[1/8] %load_ext mlart_jupyter" in result.stdout
    assert re.search(r"loss\.png  \d+\.\d kB  cell \[2\]", result.stdout)
    assert re.search(r"history\.parquet  \d+\.\d kB  cell \[3\]", result.stdout)
    assert "notes.txt  52 B  cell [5]" in result.stdout


def test_headless_fails_when_a_cell_shows_what_is_not_kept(mlart, data, monkeypatch):
    code = (
        "import mlart_jupyter.cli.demo as demo, nbformat, sys\n"
        "source = demo.copy_notebook\n"
        "def broken(folder):\n"
        "    path = source(folder); book = nbformat.read(path, as_version=4)\n"
        "    book.cells[3].source = '#\\n%mlart off\\n' + book.cells[3].source + '\\n%mlart on'\n"
        "    nbformat.write(book, path); return path\n"
        "demo.copy_notebook = broken\n"
        "from mlart_jupyter.cli import main; sys.exit(main(['demo', '--headless']))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=170, check=False)
    assert result.returncode == 1
    assert "was not kept" in result.stdout


def test_a_changed_copy_is_not_overwritten(tmp_path):
    first = copy_notebook(tmp_path)
    first.write_text("mine")
    assert copy_notebook(tmp_path).name == "quickstart-2.ipynb"
    assert first.read_text() == "mine"


def test_an_unchanged_copy_is_used_again(tmp_path):
    assert copy_notebook(tmp_path) == copy_notebook(tmp_path)


def test_demo_opens_jupyterlab_and_prints_its_address(data, tmp_path):
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env |= {"JUPYTER_CONFIG_DIR": str(tmp_path / "config"), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    log = tmp_path / "lab.log"
    with log.open("w") as output:
        lab = subprocess.Popen(
            [sys.executable, "-m", "mlart_jupyter", "demo"], env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        found = None
        end = time.monotonic() + 90
        while found is None and time.monotonic() < end and lab.poll() is None:
            time.sleep(0.3)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/lab/tree/quickstart\.ipynb\?token=(\w+)", log.read_text())
        assert found, log.read_text()
        port, token = found.groups()
        url = f"http://127.0.0.1:{port}/api/contents/quickstart.ipynb?token={token}"
        with urllib.request.urlopen(url, timeout=30) as reply:
            assert json.load(reply)["type"] == "notebook"
    finally:
        lab.terminate()
        lab.wait(30)
