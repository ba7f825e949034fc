"""Saving as a user does it: the notebook is in its run, under each name that it has had."""

from __future__ import annotations

import json
import time

import mlflow
import pytest
from playwright.sync_api import expect

RENAME = """async name => {
  const context = window.jupyterapp.shell.currentWidget.context;
  await context.rename(name);
}"""
EDIT = """source => {
  const model = window.jupyterapp.shell.currentWidget.content.model;
  model.cells.get(1).sharedModel.setSource(source);
}"""


def until(look, seconds=60.0):
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_bytes())["cells"]]


def test_a_save_a_rename_and_an_edit_reach_the_run(server, driver, page, write_notebook):
    name, after = f"saved-{server.app}", f"Übung-{server.app}"
    driver.open(
        write_notebook(
            f"{name}.ipynb", f"%load_ext mlart_jupyter\n%mlart start {server.app}", "x = 1", "'all ' + 'done'"
        )
    )
    driver.command("notebook:run-all-cells")
    expect(page.get_by_text("'all done'")).to_be_visible(timeout=120_000)
    driver.command("docmanager:save")
    [first] = until(lambda: server.stored(f"notebooks/{name}.ipynb"))
    assert sources(first)[1] == "x = 1"

    page.evaluate(EDIT, "x = 2")
    driver.command("docmanager:save")
    [before] = until(lambda: server.stored(f"notebooks/{name}_v1.ipynb"))
    until(lambda: sources(first)[1] == "x = 2")
    assert sources(before)[1] == "x = 1"

    page.evaluate(RENAME, f"{after}.ipynb")
    driver.command("docmanager:save")
    until(lambda: server.stored(f"notebooks/{after}.ipynb"))
    assert first.exists()
    assert b"\nipykernel==" in until(lambda: server.stored(f"notebooks/{after}.requirements.txt"))[0].read_bytes()
    run_id = first.parts[-4]
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{server.data / 'mlflow.db'}")
    until(lambda: client.get_run(run_id).data.tags.get("mlflow.source.name") == f"{after}.ipynb")
    assert client.get_run(run_id).data.tags["mlflow.source.type"] == "NOTEBOOK"


@pytest.fixture
def autosaving(server):
    """Let the pages that are opened save by themselves after two seconds."""
    folder = server.root.parent / "settings" / "@jupyterlab" / "docmanager-extension"
    folder.mkdir(parents=True)
    setting = folder / "plugin.jupyterlab-settings"
    setting.write_text(json.dumps({"autosave": True, "autosaveInterval": 2}))
    yield
    setting.unlink()
    folder.rmdir()


@pytest.mark.lab
@pytest.mark.long
def test_an_autosave_reaches_the_run_and_a_copy_its_own(server, driver, page, write_notebook, autosaving):
    name, copy = f"auto-{server.app}", f"copy-{server.app}"
    driver.open(write_notebook(f"{name}.ipynb", f"%load_ext mlart_jupyter\n%mlart start {name}", "x = 1", "6 * 7"))
    driver.command("notebook:run-all-cells")
    [first] = until(lambda: server.stored(f"notebooks/{name}.ipynb"), 150)  # no command has saved it
    page.evaluate(EDIT, "x = 2")
    until(lambda: sources(first)[1] == "x = 2")

    driver.begin("docmanager:save-as")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(f"{copy}.ipynb")
    dialog.get_by_role("button", name="Save").click()
    until((server.root / f"{copy}.ipynb").exists)
    driver.open(f"{copy}.ipynb")  # JupyterLab gives it a kernel of its own, which knows no run yet
    driver.command("notebook:run-all-cells")
    [second] = until(lambda: server.stored(f"notebooks/{copy}.ipynb"), 150)
    page.evaluate(EDIT, "x = 3")
    until(lambda: sources(second)[1] == "x = 3")
    assert sources(first)[1] == "x = 2"
