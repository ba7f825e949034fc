"""A tab that is closed while a cell runs: what the cell showed comes back, and cannot run."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

LONG = """import os, time
from IPython.display import HTML, display
open('running', 'w').close()
while not os.path.exists('go'):
    time.sleep(0.05)
print('after', 6 * 7)
display(HTML("<b>bold words</b><img src='data:,' onerror='window.hacked = true'>"))
open('done', 'w').close()"""


def wait_for(path, seconds=120.0):
    end = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert path.exists()


@pytest.fixture
def lost(server, driver, page, write_notebook):
    """A notebook whose second cell went on after its tab was closed."""
    for name in ("running", "go", "done"):
        (server.root / name).unlink(missing_ok=True)
    name = write_notebook(f"lost-{server.app}.ipynb", "%load_ext mlart_jupyter\n%mlart start lost", LONG)
    driver.open(name)
    driver.begin("notebook:run-all-cells")
    wait_for(server.root / "running")
    driver.command("docmanager:save")
    page.goto("about:blank")
    (server.root / "go").touch()
    wait_for(server.root / "done")
    driver.open(name)
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").nth(1)


HACKED = """async () => {  // a broken picture that comes later has told so: so has the cell's own
  await new Promise(told => Object.assign(new Image(), { onerror: told, src: 'data:,' }));
  return window.hacked ?? false;
}"""


def is_back(page, cell):
    expect(cell.get_by_text("after 42")).to_be_visible(timeout=60_000)
    expect(cell.locator("b", has_text="bold words")).to_be_visible()
    assert page.evaluate(HACKED) is False


@pytest.mark.lab
def test_lost_outputs_are_offered_and_come_back_untrusted(server, driver, page, lost):
    if server.app == "lab":
        expect(lost.locator(".jp-OutputArea-output")).to_have_count(0)
        driver.command("apputils:display-notifications")
        page.get_by_role("button", name="Restore").click(timeout=60_000)
    else:  # Notebook 7 has no list of notifications
        driver.command("mlart:restore-lost-outputs")
    is_back(page, lost)
    driver.command("docmanager:save")
    saved = (server.root / f"lost-{server.app}.ipynb").read_text()
    assert "bold words" in saved
    driver.open(f"lost-{server.app}.ipynb")
    is_back(page, lost)


@pytest.mark.lab
@pytest.mark.long
def test_an_output_is_replaced_only_after_a_question(server, driver, page, write_notebook):
    driver.open(write_notebook(f"asked-{server.app}.ipynb", "%load_ext mlart_jupyter", "print('one', 1)"))
    driver.command("notebook:run-all-cells")
    cell = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").nth(1)
    expect(cell.get_by_text("one 1", exact=True)).to_be_visible(timeout=60_000)
    page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    driver.begin("mlart:restore-output")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click(timeout=60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    driver.begin("mlart:restore-output")
    page.get_by_role("dialog").get_by_role("button", name="Restore").click(timeout=60_000)
    expect(cell.get_by_text("one 1", exact=True)).to_be_visible()
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(1)
