"""Live collaboration: the server saves about a second after every change, and the run gets few of these states."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import expect

EDITS = 6
EDIT = "source => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(source)"
RUN = """async () => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = 1;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""


@pytest.fixture
def server(collaborating):
    """In the place of the server that `page` and its like use."""
    return collaborating


def until(look, seconds=90.0):
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


def source(path):
    """The second cell's, once the file is whole."""
    try:
        return "".join(json.loads(path.read_bytes())["cells"][1]["source"])
    except (OSError, ValueError):
        return ""


@pytest.mark.lab
@pytest.mark.long
def test_of_many_saves_the_run_gets_one_and_that_of_the_next_cell(server, driver, page, write_notebook):
    driver.open(write_notebook("live.ipynb", "%load_ext mlart_jupyter\n%mlart start live", "x = 'first'"))
    assert "jupyter_server_ydoc" in server.log.read_text()
    driver.command("notebook:run-all-cells")
    expect(page.get_by_text("capture on")).to_be_visible(timeout=120_000)
    [kept] = until(lambda: server.stored("notebooks/live.ipynb"))  # nobody has saved it by hand

    for number in range(EDITS):
        page.evaluate(EDIT, f"x = {number}")
        until(lambda: source(server.root / "live.ipynb") == f"x = {number}")  # noqa: B023  called at once
    page.evaluate(RUN)
    until(lambda: source(kept) == f"x = {EDITS - 1}")
    earlier = list(kept.parent.glob("live_v*.ipynb"))
    assert "x = 'first'" in [source(path) for path in earlier]
    assert len(earlier) <= 2, "a save beside the first run of the cells may be another minute's"
