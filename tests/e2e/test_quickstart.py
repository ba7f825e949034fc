"""The main job as a user meets it, in JupyterLab and in Notebook 7."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Driver

SIDEBAR = "#mlart-browser"


def until(condition, seconds=60.0):
    """Wait for something outside the page."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


def tree_item(page, name):
    return page.locator(SIDEBAR).get_by_role("treeitem", name=name).first


def open_folder(page, name):
    """Live artifacts open their folder by themselves."""
    folder = tree_item(page, name)
    if folder.get_attribute("aria-expanded") == "false":
        folder.click()


def downloaded(page, place, label):
    """The bytes that a button downloads."""
    with page.expect_download() as download:
        place.get_by_label(label).click()
    return Path(download.value.path()).read_bytes()


def opened_in_a_tab(server, driver, page, expected):
    """Notebook 7 shows it in a tab of the browser, JupyterLab in one of its own; both read-only."""
    button = page.locator(SIDEBAR).get_by_role("button", name="Open in a tab")
    if server.app == "lab":
        button.click()
        viewing = driver
    else:
        with page.context.expect_page() as opened:
            button.click()
        viewing = Driver(server, opened.value)
    expect(viewing.page.get_by_text("file is read-only")).to_be_visible(timeout=60_000)
    viewing.page.locator(".jp-ImageViewer img").wait_for(timeout=30_000)
    assert viewing.picture(".jp-ImageViewer img") == expected
    if server.app == "lab":
        driver.command("application:close")
    else:
        viewing.shot("3-in-a-tab")
        viewing.page.close()


def test_the_quickstart_from_its_cells_to_the_saved_notebook(server, driver, page, quickstart):
    driver.open(quickstart)
    driver.command("mlart:open")
    expect(page.locator(SIDEBAR)).to_be_visible()
    driver.shot("1-before")
    driver.command("notebook:run-all-cells")

    # the figure appears beside the notebook, and is what the cell showed and what MLflow has
    expect(tree_item(page, "loss.png")).to_be_visible(timeout=90_000)
    tree_item(page, "loss.png").click()
    preview = f"{SIDEBAR} .mlart-Image img"
    page.locator(preview).wait_for()
    shown = driver.picture(".jp-OutputArea-output img")
    until(lambda: server.stored("figures/loss.png"))
    assert driver.picture(preview) == shown == server.stored("figures/loss.png")[-1].read_bytes()
    driver.shot("2-figure")

    # a frame, and a text
    open_folder(page, "frames")
    tree_item(page, "history.parquet").click()
    expect(page.locator(f"{SIDEBAR} [role=table]")).to_contain_text("warm-up")
    driver.shot("3-frame")
    open_folder(page, "files")
    tree_item(page, "notes.txt").click()
    expect(page.locator(SIDEBAR)).to_contain_text("The loss falls")

    # downloads
    tree_item(page, "loss.png").click()
    assert downloaded(page, page.locator(SIDEBAR), "Download file") == shown
    archive = zipfile.ZipFile(io.BytesIO(downloaded(page, page.locator(SIDEBAR), "Download the run as zip")))
    assert archive.testzip() is None
    assert {"figures/loss.png", "frames/history.parquet", "files/notes.txt"} <= set(archive.namelist())
    assert archive.read("figures/loss.png") == shown
    opened_in_a_tab(server, driver, page, shown)

    # save, and the notebook is in the run
    driver.command("docmanager:save")
    saved = (server.root / quickstart).read_bytes()
    until(lambda: server.stored(quickstart) and server.stored(quickstart)[-1].read_bytes() == saved)
    expect(tree_item(page, "notebooks")).to_be_visible(timeout=60_000)
    driver.shot("4-saved")


@pytest.mark.lab
@pytest.mark.long
def test_a_save_without_changes_sends_nothing(server, driver, page, write_notebook):
    name = write_notebook("twice.ipynb", "%load_ext mlart_jupyter\n%mlart start twice", "1 + 1\n%mlart ls")
    driver.open(name)
    driver.command("notebook:run-all-cells")
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("artifacts", timeout=90_000)
    driver.command("docmanager:save")
    until(lambda: server.stored(name))
    first = server.stored(name)[-1].stat().st_mtime_ns
    driver.command("docmanager:save")
    time.sleep(3)
    assert server.stored(name)[-1].stat().st_mtime_ns == first


@pytest.mark.lab
def test_a_figure_is_in_the_sidebar_within_a_second_of_its_cell(server, driver, page, write_notebook):
    cells = [
        "%load_ext mlart_jupyter\n%mlart start live\nimport matplotlib.pyplot as plt",
        "plt.plot([1]); plt.title('warm'); plt.show(); print('ready')",
        "plt.plot([2]); plt.title('timed'); plt.show(); print('finished')",
    ]
    driver.open(write_notebook("live.ipynb", *cells))
    driver.command("mlart:open")
    for _ in range(2):
        driver.command("notebook:run-cell-and-select-next")
    expect(tree_item(page, "warm.png")).to_be_visible(timeout=90_000)
    page.wait_for_timeout(8000)  # the server has imported MLflow by then
    page.evaluate(
        """() => { window.seen = {}; const look = () => {
          const has = (s, t) => [...document.querySelectorAll(s)].some(e => e.textContent.includes(t));
          if (has('.jp-OutputArea-output', 'finished')) window.seen.cell ??= performance.now();
          if (has('#mlart-browser [role=treeitem]', 'timed.png')) window.seen.row ??= performance.now();
          requestAnimationFrame(look); }; look(); }"""
    )
    driver.command("notebook:run-cell-and-select-next")
    page.wait_for_function("() => window.seen.cell && window.seen.row", timeout=30_000)
    delay = page.evaluate("() => window.seen.row - window.seen.cell")
    print(f"{server.app}: visible {delay:.0f} ms after the cell's text")


def test_the_panel_browses_and_downloads_over_the_comm(server, driver, page, write_notebook):
    cells = [
        "%load_ext mlart_jupyter\n%mlart start panel\nimport matplotlib.pyplot as plt",
        "plt.plot([1, 3, 2]); plt.title('in panel'); plt.show()",
        "%mlart flush\n%mlart browse",
    ]
    driver.open(write_notebook("panel.ipynb", *cells))
    driver.command("notebook:run-all-cells")
    panel = page.locator(".mlart-Panel")
    panel.get_by_role("treeitem", name="figures").click(timeout=90_000)
    panel.get_by_role("treeitem", name="in-panel.png").click()
    panel.locator(".mlart-Image img").wait_for()
    shown = driver.picture(".jp-OutputArea-output img")
    assert driver.picture(".mlart-Panel .mlart-Image img") == shown
    assert downloaded(page, panel, "Download file") == shown == server.stored("in-panel.png")[-1].read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(downloaded(page, panel, "Download the run as zip")))
    assert archive.read("figures/in-panel.png") == shown
    panel.scroll_into_view_if_needed()
    driver.shot("5-panel")


@pytest.mark.lab
@pytest.mark.long
def test_a_busy_kernel_still_answers_its_panel(server, driver, page, write_notebook):
    cells = [
        "%load_ext mlart_jupyter\n%mlart start busy\nimport time, mlart_jupyter",
        "mlart_jupyter.log('words', 'notes.txt')\n%mlart flush",
        "%mlart browse",
        "print('working'); time.sleep(12); print('over')",
    ]
    driver.open(write_notebook("busy.ipynb", *cells))
    driver.begin("notebook:run-all-cells")
    expect(page.locator(".jp-OutputArea-output", has_text="working").last).to_be_visible(timeout=90_000)
    panel = page.locator(".mlart-Panel")
    panel.get_by_role("treeitem", name="notes.txt").click()
    expect(panel).to_contain_text("words", timeout=6_000)
    assert "over" not in page.locator(".jp-OutputArea-output").last.inner_text()
