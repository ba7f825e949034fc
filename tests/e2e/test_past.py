"""The notebook of a run, in the sidebar: what changed since, and back beside the current one."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import expect

from .accessible import serious

SIDEBAR = "#mlart-browser"
EDIT = "source => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(source)"
HOSTILE = "words = '<img src=nowhere onerror=\"window.hacked = true\">'"


def until(look, seconds=90.0):
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    return found


@pytest.mark.lab
def test_what_changed_since_and_the_way_back(server, driver, page, write_notebook):
    name = f"past-{server.app}"
    driver.open(
        write_notebook(
            f"{name}.ipynb", f"%load_ext mlart_jupyter\n%mlart start {name}", "x = 1", "'done', x", "%mlart browse"
        )
    )
    driver.command("notebook:run-all-cells")
    expect(page.get_by_text("('done', 1)")).to_be_visible(timeout=120_000)
    driver.command("docmanager:save")
    until(lambda: server.stored(f"notebooks/{name}.ipynb"))
    driver.command("mlart:open")
    sidebar = page.locator(SIDEBAR)
    folder = sidebar.get_by_role("treeitem", name="notebooks")
    folder.click(timeout=60_000)
    folder.press("ArrowRight")
    sidebar.get_by_role("treeitem", name=f"{name}.ipynb").click(timeout=60_000)

    sidebar.get_by_role("button", name="What changed since").click(timeout=60_000)
    expect(sidebar.get_by_text(f"{name}.ipynb has the same cells.")).to_be_visible(timeout=60_000)
    page.evaluate(EDIT, HOSTILE)  # not saved yet
    sidebar.get_by_role("button", name="What changed since").click()
    told = sidebar.get_by_role("region", name="What changed since")
    expect(told.get_by_text(f"+ {HOSTILE}")).to_be_visible(timeout=60_000)
    expect(told.get_by_text("- x = 1")).to_be_visible()
    assert page.evaluate("() => window.hacked") is None
    assert serious(page) == []
    driver.shot("9-past")

    back = server.root / f"{name}-{name}.ipynb"
    sidebar.get_by_role("button", name="Bring this notebook back").click()
    until(back.exists)
    until(lambda: back.stat().st_size)
    assert json.loads(back.read_text())["cells"][1]["source"] in ("x = 1", ["x = 1"])
    if server.app == "lab":  # Notebook 7 opens it in a tab of the browser
        expect(page.locator(f".lm-TabBar-tabLabel:text-is('{back.name}')")).to_be_visible(timeout=60_000)
    in_the_panel(page, driver, server.root / f"{name}.ipynb", name)
    assert json.loads((server.root / f"{name}.ipynb").read_text())["cells"][1]["source"] in ("x = 1", ["x = 1"])


def in_the_panel(page, driver, own, name):
    """The same in the notebook's own panel, by its kernel: beside, and of the notebook as it was saved."""
    if driver.server.app == "lab":
        page.locator(f".lm-TabBar-tabLabel:text-is('{own.name}')").first.click()
    panel = page.locator(".mlart-Panel:visible")
    folder = panel.get_by_role("treeitem", name="notebooks")
    folder.click()
    folder.press("ArrowRight")
    panel.get_by_role("treeitem", name=own.name).click(timeout=60_000)
    panel.get_by_role("button", name="What changed since").click(timeout=60_000)
    expect(panel.get_by_text(f"{own.name} has the same cells.")).to_be_visible(timeout=60_000)
    panel.get_by_role("button", name="Bring this notebook back").click()
    expect(panel.get_by_text(f"It is beside yours: {name}-{name}-2.ipynb")).to_be_visible(timeout=60_000)
    driver.shot("9-past-panel")
