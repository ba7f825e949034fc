"""Several artifacts at once: selected, zipped, deleted after a question; other runs narrowed to a few."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

SIDEBAR = "#mlart-browser"
AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CELLS = [
    "%load_ext mlart_jupyter\n%mlart start doing\nimport matplotlib.pyplot as plt",
    "for name in ('first', 'second', 'third'):\n    plt.plot([1, len(name)]); plt.title(name); plt.show()",
]


def serious(page):
    """What axe-core finds in the browser that keeps somebody from using it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"async () => (await axe.run('{SIDEBAR}')).violations")
    return [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]


@pytest.mark.lab
def test_some_are_selected_zipped_and_deleted(server, driver, page, write_notebook):
    driver.open(write_notebook(f"doing-{server.app}.ipynb", *CELLS))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    sidebar = page.locator(SIDEBAR)
    first, second, third = (
        sidebar.get_by_role("treeitem", name=f"{name}.png") for name in ("first", "second", "third")
    )
    third.wait_for(timeout=120_000)
    expect(sidebar.get_by_text("uploading")).to_have_count(0, timeout=60_000)

    # by mouse, and as one zip
    first.click()
    second.click(modifiers=["Shift"])
    expect(sidebar.get_by_text("2 items selected")).to_be_visible()
    assert serious(page) == []
    driver.shot("9-selection")
    with page.expect_download() as download:
        sidebar.get_by_label("Download the selection as zip").click()
    names = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())).namelist()
    assert sorted(names) == ["figures/first.png", "figures/second.png"]

    # by keys, and deleted after a question
    first.click()
    tree = sidebar.get_by_role("tree")
    tree.press("Shift+ArrowDown")
    tree.press("Delete")
    question = sidebar.get_by_role("alertdialog")
    expect(question).to_contain_text("2 items")
    driver.shot("10-delete")
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    assert server.stored("figures/first.png")
    tree.press("Delete")
    question.get_by_role("button", name="Delete").click()
    expect(first).to_have_count(0)
    expect(third).to_be_visible()
    assert not server.stored("figures/first.png")
    assert not server.stored("figures/second.png")
    assert server.stored("figures/third.png")

    # the other runs, narrowed
    sidebar.get_by_role("button", name="Other runs").click()
    sidebar.get_by_label("Experiment", exact=True).locator("option").nth(1).wait_for(state="attached")
    run = sidebar.locator(".mlart-Run", has_text="doing")
    run.wait_for()
    sidebar.get_by_label("Status", exact=True).select_option("FAILED")
    expect(run).to_have_count(0)
    sidebar.get_by_label("Status", exact=True).select_option("RUNNING")
    run.wait_for()
    driver.shot("11-runs")
    assert serious(page) == []
