"""``mlart run``: a run of its own, the executed notebook in it also when a cell fails."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat import v4

from mlart_jupyter.cli.run import inject, value


def book(*sources, tags=()):
    cells = [v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    if tags:
        cells[0].metadata["tags"] = list(tags)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=cells, metadata=kernel)


@pytest.mark.parametrize(
    ("text", "found"),
    [("3", 3), ("0.5", 0.5), ("true", True), ("null", None), ("adam", "adam"), ("[1, 2]", [1, 2]), ("'3'", "3")],
)
def test_a_parameter_is_a_literal_or_a_text(text, found):
    assert value(text) == found


def test_parameters_stand_behind_the_tagged_cell_and_once():
    notebook = book("rate = 1", "print(rate)", tags=["parameters"])
    for rate in ("2", "3"):
        inject(notebook, {"rate": rate, "name": "adam"})
    assert [cell.source for cell in notebook.cells] == [
        "rate = 1",
        "# Parameters\nrate = 3\nname = 'adam'",
        "print(rate)",
    ]
    untagged = book("x")
    inject(untagged, {"rate": "2"})
    assert untagged.cells[0].source == "# Parameters\nrate = 2"


def kept(data):
    runs = list((data / "artifacts" / "notebooks").glob("*/artifacts"))
    assert len(runs) == 1, runs
    return {str(path.relative_to(runs[0])): path for path in runs[0].rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_notebook_runs_inside_a_run_of_its_own(mlart, data, tmp_path):
    sources = [
        "rate = 1",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('before any run');\nplt.show()",
        "import mlflow\nwith mlflow.start_run() as run:\n    mlflow.log_param('rate', rate)",
        "print('the rate was', rate)",
    ]
    path = tmp_path / "train.ipynb"
    nbformat.write(book(*sources, tags=["parameters"]), path)
    before = path.read_bytes()
    result = mlart("run", "train.ipynb", "-p", "rate", "7", "--output", "done.ipynb")
    assert result.returncode == 0, result.stderr
    assert "[5/5] print('the rate was', rate)" in result.stdout
    files = kept(data)
    assert "figures/before-any-run.png" in files
    executed = json.loads(files["notebooks/train.ipynb"].read_text())
    assert executed["cells"][-1]["outputs"][0]["text"] == ["the rate was 7\n"]
    assert "notebooks/train.requirements.txt" in files
    assert path.read_bytes() == before
    assert (tmp_path / "done.ipynb").exists()

    import mlflow

    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{data / 'mlflow.db'}")
    [run] = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert (run.info.status, run.info.run_name, run.data.params) == ("FINISHED", "train", {"rate": "7"})
    assert run.data.tags["mlflow.source.name"] == "train.ipynb"


@pytest.mark.slow
def test_a_failing_cell_is_told_and_what_ran_is_kept(mlart, data, tmp_path):
    nbformat.write(book("print('fine')", "1 / 0", "print('never')"), tmp_path / "bad.ipynb")
    result = mlart("run", "bad.ipynb")
    assert result.returncode == 1
    assert "A cell of bad.ipynb failed with ZeroDivisionError" in result.stderr
    assert "Traceback" not in result.stderr
    cells = json.loads(kept(data)["notebooks/bad.ipynb"].read_text())["cells"]
    assert cells[0]["outputs"][0]["text"] == ["fine\n"]
    assert cells[1]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert cells[2]["outputs"] == []

    import mlflow

    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{data / 'mlflow.db'}")
    [run] = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert run.info.status == "FAILED"


def test_what_is_no_notebook_is_one_line(mlart, tmp_path):
    (tmp_path / "x.ipynb").write_text("torn")
    result = mlart("run", "x.ipynb")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
