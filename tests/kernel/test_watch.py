"""Where no Jupyter server tells of saves: the hosts that can run here, each as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4

from mlart_jupyter.config import Mlart
from mlart_jupyter.kernel import watch as module
from mlart_jupyter.kernel.origin import UNSAVED, Origin
from mlart_jupyter.models import RunRef
from mlart_jupyter.services import Services

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

SOURCES = [
    "%load_ext mlart_jupyter\n%mlart start kept",
    "print('said', 6 * 7)",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('line');\nplt.show()",
    "6 * 7",
]


def book(*sources):
    cells = [v4.new_markdown_cell("# Words", id="words")]
    cells += [v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


def kept(data):
    """The notebooks folder of the only run: name → content."""
    return {path.name: path.read_bytes() for path in data.glob("artifacts/notebooks/*/artifacts/notebooks/*")}


def until(look, seconds=60):
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


def outputs(data, source):
    """The outputs of a cell, as words."""
    [cell] = [c for c in json.loads(data)["cells"] if "".join(c["source"]) == source]
    words = []
    for output in cell["outputs"]:
        words += ["".join(output["text"])] if "text" in output else list(output.get("data", {"error": 0}))
    return words


def run(data, *command, cwd):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JPY_", "MLFLOW_TRACKING"))}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr
    subprocess.run([sys.executable, "-m", "mlart_jupyter", "flush"], env=env, check=True, capture_output=True)


def test_nbclient_without_a_file_rebuilds_the_notebook(data, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    client = NotebookClient(book(*SOURCES, "1 / 0"), kernel_name="python3", allow_errors=True)
    client.execute()
    run(data, sys.executable, "-c", "", cwd=".")
    files = kept(data)
    nbformat.validate(nbformat.reads(files["session.ipynb"].decode(), as_version=4))
    assert outputs(files["session.ipynb"], SOURCES[1]) == ["said 42\n"]
    assert outputs(files["session.ipynb"], "1 / 0") == ["error"]
    assert "image/png" in outputs(files["session.ipynb"], SOURCES[2])
    assert outputs(files["session.ipynb"], SOURCES[3]) == ["text/plain"]


def test_jupyter_execute_keeps_the_file_with_its_outputs(data, tmp_path):
    nbformat.write(book(*SOURCES), tmp_path / "Übung.ipynb")
    run(data, sys.executable, "-m", "jupyter", "execute", "Übung.ipynb", cwd=tmp_path)
    files = kept(data)
    executed = json.loads(files["Übung.ipynb"])
    assert executed["cells"][0]["source"] == ["# Words"]
    assert "image/png" in outputs(files["Übung.ipynb"], SOURCES[2])
    assert [name for name in files if name.endswith(".ipynb")] == ["Übung.ipynb"]


def test_papermills_output_is_followed(data, tmp_path):
    pytest.importorskip("papermill")
    nbformat.write(book(*SOURCES), tmp_path / "in.ipynb")
    run(data, sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", cwd=tmp_path)
    files = kept(data)
    assert outputs(files["out.ipynb"], SOURCES[1]) == ["said 42\n"]
    assert "in.ipynb" not in files


def test_vs_codes_file_is_kept_when_it_changes(data, start_kernel, tmp_path):
    path = tmp_path / "vs.ipynb"
    nbformat.write(book(*SOURCES), path)
    kernel = start_kernel()
    kernel.ok(f"__vsc_ipynb_file__ = {str(path)!r}\n{SOURCES[0]}")
    until(lambda: "vs.ipynb" in kept(data))
    nbformat.write(book(*SOURCES, "changed = True"), path)
    until(lambda: b"changed" in kept(data)["vs.ipynb"] and "vs_v1.ipynb" in kept(data))
    until(lambda: b"\nipykernel==" in kept(data).get("vs.requirements.txt", b""))


def test_a_run_of_the_client_is_told_its_notebook(data, start_kernel, tmp_path):
    path = tmp_path / "told.ipynb"
    nbformat.write(book("x"), path)
    kernel = start_kernel(MLART_NOTEBOOK=str(path))
    kernel.ok("%load_ext mlart_jupyter\nimport mlflow")
    kernel.ok("from mlart_jupyter.config import Mlart\nmlflow.set_tracking_uri(Mlart().embedded_uri)")
    kernel.ok("Mlart().data.mkdir(exist_ok=True)\nclient = mlflow.MlflowClient()")
    kernel.ok("where = client.create_experiment('e', artifact_location=(Mlart().data / 'a').as_uri())")
    kernel.ok("made = client.create_run(where).info.run_id\nimport mlart_jupyter\nmlart_jupyter.log('x', run=made)")
    tags = "{k: v for k, v in client.get_run(made).data.tags.items() if 'source' in k or 'mlart' in k}"
    found = until(lambda: (t := eval(kernel.evaluate(tags))) and "mlart.session" in t and t)
    assert found["mlflow.source.name"] == found["mlart.notebook"] == "told.ipynb"
    assert found["mlflow.source.type"] == "NOTEBOOK"


def test_who_writes_the_file_is_not_asked_at_each_look(data, monkeypatch):
    asked, looks = [], []
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(module, "ASK_SECONDS", 3600.0)  # a busy machine may need a while for so many looks
    monkeypatch.setattr(module, "origin", lambda *known: asked.append(known) or Origin(UNSAVED))
    services = Services(Mlart())
    monkeypatch.setattr(type(services), "last_run", property(lambda self: looks.append(1) or RunRef("r1", "file:///x")))
    watch = module.Watch(SimpleNamespace(user_ns={}), services, lambda: None)
    watch.install()
    until(lambda: len(looks) > 50)
    watch.uninstall()
    assert len(asked) == 2  # when it was installed, and at the first look
