"""Finding an artifact, where it comes from, and the way back to its cell; no serious fault for those who do not see."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .accessible import serious

SIDEBAR = "#mlart-browser"
RUN_CHANGED = """async source => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.widgets[1].model.sharedModel.setSource(source);
  content.activeCellIndex = 1;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
CHANGE = "source => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.setSource(source)"
CELLS = [
    "%load_ext mlart_jupyter\n%mlart start finding\nimport matplotlib.pyplot as plt, pandas as pd",
    "plt.plot([1, 3, 2]); plt.title('loss'); plt.show()",
    "table = pd.DataFrame({'n': range(500), 'word': ['a', 'b'] * 250})\ntable",
]


@pytest.mark.lab
def test_a_figure_its_versions_its_cell_and_back(server, driver, page, write_notebook):
    driver.open(write_notebook(f"finding-{server.app}.ipynb", *CELLS))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    sidebar = page.locator(SIDEBAR)
    sidebar.get_by_role("treeitem", name="table.parquet").first.wait_for(timeout=120_000)
    page.evaluate(RUN_CHANGED, CELLS[1].replace("[1, 3, 2]", "[1, 3, 9]"))
    sidebar.get_by_role("treeitem", name="loss_v2.png").first.click(timeout=60_000)

    # its versions compared, and its cell, which has changed since
    sidebar.get_by_label("Compare with the version before").select_option("difference", timeout=30_000)
    expect(sidebar.get_by_alt_text("The version before")).to_be_visible()
    driver.shot("7-versions")
    page.evaluate(CHANGE, "changed()")
    sidebar.get_by_role("button", name="Go to cell").click()
    expect(sidebar.get_by_text("The cell has changed since.")).to_be_visible()
    expect(sidebar.get_by_text("As it is now")).to_be_visible()
    assert serious(page) == []

    # from the output back to the artifact
    sidebar.get_by_label("Close preview").click()
    page.locator(".jp-OutputArea-output img").first.click(button="right")
    page.get_by_role("menuitem", name="Show in Artifacts").click()
    expect(sidebar.locator(".mlart-Preview-name")).to_have_text("loss_v2.png")

    # by kind, as a gallery, with the keyboard
    sidebar.get_by_label("Kind", exact=True).select_option("table")
    expect(sidebar.get_by_text("1 file", exact=True)).to_be_visible()
    sidebar.get_by_role("listbox").press("Home")
    expect(sidebar.locator("[role=table]")).to_have_attribute("aria-rowcount", "501", timeout=30_000)
    assert serious(page) == []
    sidebar.get_by_label("Kind", exact=True).select_option("")
    sidebar.get_by_label("Show the gallery").click()
    sidebar.locator(".mlart-Tile img").first.wait_for()
    assert serious(page) == []
    driver.shot("8-gallery")
