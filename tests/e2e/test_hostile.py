"""Nothing from an artifact runs with the page's origin; a large folder stays quick."""

from __future__ import annotations

import importlib.util
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

SIDEBAR = "#mlart-browser"
SETUP = "%load_ext mlart_jupyter\n%mlart start {name}\nimport mlart_jupyter, pathlib"
FIRST = "mlart_jupyter.log('the first', 'h/a-first.txt')\n%mlart flush"
LEAVING = "<script>setTimeout(() => { location = '/api/contents?leaving' }, 1000)</script>"
LOADED = """name => {
  const preview = document.querySelector('#mlart-browser .mlart-Preview');
  const shown = preview?.querySelector('.mlart-Preview-name')?.textContent === name;
  return shown && !preview.querySelector('.mlart-Preview-body').textContent.includes('Loading …');
}"""
PLACE = """async () => {
  const { baseUrl } = window.jupyterapp.serviceManager.serverSettings;
  const { session } = await (await fetch(baseUrl + 'mlart/session?path=hostile.ipynb')).json();
  return [session.store, session.runs[0].run_id];
}"""


def evil():
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hostile(server, driver, page, write_notebook):
    """The files, in a run whose sidebar lists them; their names in the sidebar's order."""
    driver.open(write_notebook("hostile.ipynb", SETUP.format(name="hostile"), FIRST))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    page.locator(SIDEBAR).get_by_role("treeitem").first.wait_for(timeout=120_000)
    until(lambda: server.stored("h/a-first.txt"), seconds=60)
    folder = server.stored("h/a-first.txt")[-1].parent
    files = {**evil().artifacts(), "zz-leaving.html": LEAVING.encode()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    page.get_by_label("Filter files").fill("h/")
    expect(page.locator(SIDEBAR).get_by_text(f"{len(files) + 1} files")).to_be_visible(timeout=30_000)
    return sorted([*files, "a-first.txt"])


def show(page, name):
    """Go to the next file, and wait until its preview is there."""
    page.locator(SIDEBAR).get_by_role("listbox").press("ArrowDown")
    page.wait_for_function(LOADED, arg=name, timeout=20_000)
    page.wait_for_timeout(80)  # what a frame runs or loads, it does at once


def untouched(server, page):
    assert page.evaluate("() => window.hacked") is None
    assert not list(server.root.glob(f"{evil().MARK}*"))
    assert evil().MARK not in server.log.read_text()


@pytest.mark.lab
@pytest.mark.timeout(400)
def test_hostile_artifacts_run_nothing_in_the_page(server, driver, page, hostile):
    assert len(hostile) > 50
    page.locator(SIDEBAR).get_by_role("listbox").press("Home")
    for name in hostile[1:]:
        show(page, name)
    driver.shot("6-hostile")
    untouched(server, page)
    assert "leaving" not in server.log.read_text()

    # scripts that the user has started: still apart from the page, and no request of theirs is answered
    page.get_by_label("Filter files").fill("h/ page- .html")
    started = [name for name in hostile if name.startswith("page-") and name.endswith(".html")]
    expect(page.locator(SIDEBAR).get_by_text(f"{len(started)} files")).to_be_visible()
    page.locator(SIDEBAR).get_by_role("listbox").press("End")
    page.locator(SIDEBAR).get_by_role("listbox").press("Home")
    for i, name in enumerate(started):
        if i:
            show(page, name)
        if name == "page-svg.html":  # which is a picture, whatever its name says
            continue
        page.locator(SIDEBAR).get_by_role("button", name="Run scripts").click()
        expect(page.locator(f"{SIDEBAR} iframe")).to_have_attribute("sandbox", "allow-scripts")
        page.wait_for_timeout(80)
    assert page.evaluate("() => window.hacked") is None
    assert answered(server) == []

    # a page that leaves is closed, and what it asked for is refused
    page.get_by_label("Filter files").fill("zz-leaving")
    expect(page.locator(SIDEBAR).get_by_text("1 file", exact=True)).to_be_visible()
    page.locator(".mlart-Line").first.click()
    page.wait_for_function(LOADED, arg="zz-leaving.html", timeout=20_000)
    page.locator(SIDEBAR).get_by_role("button", name="Run scripts").click()
    expect(page.locator(SIDEBAR).get_by_text("tried to leave")).to_be_visible()
    assert answered(server) == []

    opened_as_pages(server, page)
    opened_in_tabs(server, driver, page, hostile)
    page.evaluate(f"() => fetch('/{evil().MARK}control')")  # the log does tell
    until(lambda: f"{evil().MARK}control" in server.log.read_text())


def answered(server):
    """The log's lines of requests from an artifact that the server did not refuse."""
    lines = [line for line in server.log.read_text().splitlines() if evil().MARK in line or "?leaving" in line]
    return [line for line in lines if not re.search(r"\b40[34]\b", line)]


def opened_as_pages(server, page):
    """An artifact in a tab of its own has no origin and runs nothing."""
    store, run = page.evaluate(PLACE)
    for name in ("page-script.html", "page-refresh.html", "script.svg", "output-html.ipynb", "notes-script.md"):
        other = page.context.new_page()
        address = f"{server.base}/mlart/content?store={store}&run={run}&path=h/{name}"
        if name.endswith(("html", "svg")):
            other.goto(address)
            other.wait_for_timeout(200)
            assert other.evaluate("() => [window.origin, window.hacked]") == ["null", None]
        else:  # the browser may show it as text or download it
            kind = page.evaluate("async a => (await fetch(a)).headers.get('Content-Type')", address)
            assert "html" not in kind
        other.close()


def until(condition, seconds=15.0):
    """Wait for something outside the page."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


OPEN = """async ([place, names, factory]) => {
  const { commands } = window.jupyterapp, found = {};
  for (const name of names) {
    const path = `mlart:${place.join('/')}/h/${name}`;
    try {
      const widget = await commands.execute('docmanager:open', { path, factory });
      const failed = new Promise((_, fail) => setTimeout(() => fail('is not shown'), 3000));
      await Promise.race([Promise.all([widget.context.ready, widget.revealed]), failed]);
      await new Promise(told => setTimeout(told, 80));  // what runs, runs at once
      const { readOnly, dirty } = widget.context.model;
      found[name] = [widget.isDisposed, widget.context.contentsModel.writable, dirty];
      widget.dispose();
    } catch (error) {
      found[name] = String(error);
    }
  }
  return found;
}"""
KERNELS = "async () => (await (await fetch('/api/kernels')).json()).length"


def opened_in_tabs(server, driver, page, hostile):
    """JupyterLab's own viewers show what cannot run in them, read-only and without a kernel."""
    kernels = page.evaluate(KERNELS)
    place = page.evaluate(PLACE)
    if server.app != "lab":
        opened_by_address(server, page, place, hostile)
        assert page.evaluate(KERNELS) == kernels
        return
    # as by an address: whatever viewer is the default
    books = [name for name in hostile if name.endswith(".ipynb") and name != "stream.ipynb"]  # JupyterLab reads no such
    shown = page.evaluate(OPEN, [place, [*books, "cells.csv", "values.json", "page.pdf", "page.png"], None])
    assert {name: state for name, state in shown.items() if state != [False, False, False]} == {}
    pages = page.evaluate(OPEN, [place, ["page-script.html", "script.svg", "evil.pkl"], None])
    assert all("not opened in JupyterLab" in state for state in pages.values())
    forced = page.evaluate(OPEN, [place, ["notes-script.md", "a-first.txt"], "HTML Viewer"])
    assert [state[0] for state in forced.values()] == [True, True]
    assert page.evaluate("() => window.hacked") is None
    assert answered(server) == []
    assert page.evaluate(KERNELS) == kernels

    page.get_by_label("Filter files").fill("h/output-html")
    page.locator(".mlart-Line", has_text="output-html.ipynb").click()
    page.locator(SIDEBAR).get_by_role("button", name="Open in a tab").click()
    tab = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(tab.get_by_text("window.hacked").first).to_be_visible(timeout=30_000)
    expect(tab.get_by_text("No Kernel")).to_be_visible()
    expect(page.locator(SIDEBAR).get_by_text("This notebook · hostile.ipynb")).to_be_visible()  # it is still in front
    driver.shot("13-own-viewer")
    # a line is written into the notebook before it
    page.locator(SIDEBAR).get_by_role("button", name="Insert the Python line into the notebook").click()
    expect(tab.locator(".jp-Cell", has_text="mlart_jupyter.artifacts(")).to_be_visible(timeout=30_000)
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path") == "hostile.ipynb"
    page.locator(".lm-TabBar-tabLabel:text-is('output-html.ipynb')").click()
    driver.command("application:close")
    expect(page.locator(".jp-Dialog")).to_have_count(0)  # it does not ask whether to save
    assert page.evaluate("() => window.hacked") is None
    assert page.evaluate(KERNELS) == kernels


def opened_by_address(server, page, place, hostile):
    """Notebook 7 opens a file in a tab of the browser; its address can be given by anybody, too."""
    other = page.context.new_page()
    drive = f"mlart:{'/'.join(place)}/h"
    for name in [name for name in hostile if name.endswith(".ipynb") and name != "stream.ipynb"]:
        other.goto(f"{server.base}/notebooks/{drive}/{name}")
        expect(other.get_by_text("notebook is read-only")).to_be_visible(timeout=60_000)
        expect(other.get_by_text("No Kernel")).to_be_visible(timeout=30_000)
        assert other.evaluate("() => window.hacked") is None, name
    for name in ("page-script.html", "script.svg", "evil.pkl"):
        other.goto(f"{server.base}/edit/{drive}/{name}")
        expect(other.get_by_text("not opened in JupyterLab")).to_be_visible(timeout=60_000)
        assert other.evaluate("() => window.hacked") is None, name
    assert answered(server) == []
    other.close()


@pytest.mark.lab
def test_the_first_rows_of_ten_thousand_come_within_a_second(server, driver, page, write_notebook):
    many = "d = pathlib.Path('many'); d.mkdir()\nfor i in range(10_000): (d / f'{i:05}.txt').write_text('x')\n"
    many += "import mlflow; mlflow.log_artifacts('many', 'many'); print('logged')"
    driver.open(write_notebook(f"many-{server.app}.ipynb", SETUP.format(name="many"), many))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    expect(page.locator(".jp-OutputArea-output", has_text="logged").last).to_be_visible(timeout=120_000)
    sidebar = page.locator(SIDEBAR)
    sidebar.get_by_label("Refresh").click()
    sidebar.get_by_role("treeitem", name="many").first.wait_for(timeout=30_000)
    page.wait_for_timeout(6_000)
    took = page.evaluate(
        """async () => {
          const rows = () => [...document.querySelectorAll('#mlart-browser [role=treeitem]')];
          const start = performance.now();
          rows().find(e => e.textContent.includes('many')).click();
          while (!rows().some(e => e.textContent.includes('00000.txt'))) {
            await new Promise(requestAnimationFrame);
            if (performance.now() - start > 20000) return null;
          }
          return performance.now() - start;
        }"""
    )
    assert took is not None
    print(f"{server.app}: first rows of 10,000 after {took:.0f} ms")
    assert page.locator(f"{SIDEBAR} [role=treeitem]").count() < 200
