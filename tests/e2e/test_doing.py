"""Several artifacts at once: selected, zipped, deleted after a question; other runs narrowed to a few."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .accessible import serious

SIDEBAR = "#mlart-browser"
CELLS = [
    "%load_ext mlart_jupyter\n%mlart start doing\nimport matplotlib.pyplot as plt",
    "for name in ('first', 'second', 'third'):\n    plt.plot([1, len(name)]); plt.title(name); plt.show()",
]


def logged_by_hand(server, driver, page):
    """Files of the file browser: dragged onto the sidebar's icon, and by the menu."""
    sidebar = page.locator(SIDEBAR)
    for name in ("dragged.csv", "by-menu.csv"):
        (server.root / name).write_text(f"a,b\n1,{name}\n")
    driver.command("filebrowser:activate")
    driver.command("filebrowser:refresh")
    files = page.locator(".jp-DirListing-item")
    files.filter(has_text="dragged.csv").hover()
    page.mouse.down()
    icon = page.locator('.jp-SideBar [data-id="mlart-browser"]').bounding_box()
    x, y = icon["x"] + icon["width"] / 2, icon["y"] + icon["height"] / 2
    page.mouse.move(x + 60, y, steps=5)
    page.mouse.move(x, y, steps=5)
    page.mouse.up()
    expect(sidebar.get_by_role("treeitem", name="dragged.csv")).to_be_visible(timeout=60_000)
    expect(sidebar.locator(".mlart-Preview")).to_contain_text("1 row", timeout=60_000)
    until(lambda: server.stored("files/dragged.csv"))
    driver.shot("14-logged-by-hand")
    assert serious(page) == []
    assert (server.root / "dragged.csv").exists()  # it was not moved

    driver.command("filebrowser:activate")
    files.filter(has_text="by-menu.csv").click(button="right")
    page.get_by_role("menuitem", name="Log to the MLflow Run").click()
    expect(sidebar.get_by_role("treeitem", name="by-menu.csv")).to_be_visible(timeout=60_000)
    until(lambda: server.stored("files/by-menu.csv"))


def a_folder_logged_by_its_menu(server, driver, page):
    """With what is below it, without what is hidden; a link that leads out is told of."""
    folder = server.root / "batch"
    (folder / "deep").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    for name in ("one.csv", "deep/two.csv", ".ipynb_checkpoints/one.csv"):
        (folder / name).write_text(f"a\n{name}\n")
    (server.root.parent / "outside.csv").write_text("outside")
    (folder / "way-out.csv").symlink_to(server.root.parent / "outside.csv")
    driver.command("filebrowser:activate")
    driver.command("filebrowser:refresh")
    page.locator(".jp-DirListing-item").filter(has_text="batch").click(button="right")
    page.get_by_role("menuitem", name="Log to the MLflow Run").click()
    told = page.locator(SIDEBAR).get_by_role("alert")
    expect(told).to_contain_text("Left out: 1 file. way-out.csv is a link", timeout=60_000)
    driver.shot("14-folder-logged")
    told.get_by_role("button", name="Close").click()
    until(lambda: server.stored("files/batch/one.csv") and server.stored("files/batch/deep/two.csv"))
    expect(page.locator(f"{SIDEBAR} .mlart-Preview")).to_contain_text("1 row", timeout=60_000)  # of the last one
    assert not any(server.stored(f"batch/{name}") for name in ("way-out.csv", ".ipynb_checkpoints/one.csv"))


def until(look, seconds=60.0):
    end = time.monotonic() + seconds
    while not look() and time.monotonic() < end:
        time.sleep(0.1)
    assert look()


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
    expect(sidebar.get_by_text("2 items selected")).to_be_visible(timeout=30_000)
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
    expect(question).to_contain_text("2 items", timeout=30_000)
    driver.shot("10-delete")
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(question).to_have_count(0, timeout=30_000)
    assert server.stored("figures/first.png")
    tree.press("Delete")
    question.get_by_role("button", name="Delete").click()
    expect(first).to_have_count(0, timeout=30_000)
    expect(third).to_be_visible(timeout=30_000)
    assert not server.stored("figures/first.png")
    assert not server.stored("figures/second.png")
    assert server.stored("figures/third.png")

    if server.app == "lab":  # in Notebook 7 the file browser has a page of its own
        logged_by_hand(server, driver, page)
        a_folder_logged_by_its_menu(server, driver, page)

    # the other runs, narrowed
    sidebar.get_by_role("button", name="Other runs").click()
    sidebar.get_by_label("Experiment", exact=True).locator("option").nth(1).wait_for(state="attached")
    run = sidebar.locator(".mlart-Run", has_text="doing")
    run.wait_for()
    sidebar.get_by_label("Status", exact=True).select_option("FAILED")
    expect(run).to_have_count(0, timeout=30_000)
    sidebar.get_by_label("Status", exact=True).select_option("RUNNING")
    run.wait_for()
    driver.shot("11-runs")
    assert serious(page) == []
