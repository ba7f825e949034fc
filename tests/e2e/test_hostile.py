"""Nothing from an artifact runs with the page's origin; a large folder stays quick."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

SIDEBAR = "#mlart-browser"
SCRIPT = "<script>window.top.hacked = 1; window.hacked = 1; fetch('/hacked-by-fetch')</script>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="top.hacked=1">{SCRIPT}</svg>'
MARKDOWN = f"# head\n\n{SCRIPT}\n\n<img src=x onerror='window.hacked=1'>\n\n[link](javascript:window.hacked=1)"
CSV = 'a,b\n"<img src=x onerror=window.hacked=1>",2\n'
NAME = "<img src=x onerror=window.hacked=1>.txt"
HOSTILE = {"page.html": SCRIPT, "picture.svg": SVG, "notes.md": MARKDOWN, "table.csv": CSV, NAME: "name"}

SETUP = "%load_ext mlart_jupyter\n%mlart start {name}\nimport mlart_jupyter, pathlib"
LOG = (
    "for name, text in {files!r}.items():\n"
    "    p = pathlib.Path(name); p.write_text(text); mlart_jupyter.log(p, 'h/' + name)\n"
)


@pytest.fixture
def hostile(driver, page, write_notebook):
    cells = [SETUP.format(name="hostile"), LOG.format(files=HOSTILE) + "%mlart flush"]
    driver.open(write_notebook("hostile.ipynb", *cells))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    page.locator(SIDEBAR).get_by_role("treeitem").first.wait_for(timeout=60_000)
    return page.locator(SIDEBAR)


def test_hostile_artifacts_run_nothing_in_the_page(server, driver, page, hostile):
    folder = hostile.get_by_role("treeitem").filter(has_text="h").first
    if folder.get_attribute("aria-expanded") == "false":
        folder.click()
    for name in HOSTILE:
        hostile.get_by_role("treeitem").filter(has_text=name).first.click()
        page.wait_for_timeout(700)
    driver.shot("6-hostile")
    assert page.evaluate("() => window.hacked") is None
    for name in ("page.html", "picture.svg"):  # opened as a page of its own, too
        run = page.evaluate(
            """async () => {
              const settings = window.jupyterapp.serviceManager.serverSettings;
              const url = settings.baseUrl + 'mlart/session?path=hostile.ipynb';
              const { session } = await (await fetch(url)).json();
              return [session.store, session.runs[0].run_id];
            }"""
        )
        other = page.context.new_page()
        other.goto(f"{server.base}/mlart/content?store={run[0]}&run={run[1]}&path=h/{name}")
        other.wait_for_timeout(300)
        assert other.evaluate("() => [window.origin, window.hacked]") == ["null", None]
        other.close()
    assert "hacked-by-fetch" not in server.log.read_text()


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
