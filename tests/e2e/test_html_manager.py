"""The panel in pages that have Jupyter's HTML manager of widgets: with a kernel (Voilà), and saved without one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from ipywidgets.embed import embed_minimal_html
from playwright.sync_api import expect

from mlart_jupyter import services as module
from mlart_jupyter.config import Mlart
from mlart_jupyter.models import RunRef
from mlart_jupyter.panel.widget import ArtifactBrowser
from mlart_jupyter.services import Services

from .conftest import TOKEN, Driver, Server, installed, of_folder

LABEXTENSION = Path(module.__file__).parent / "labextension"
RUN = RunRef("0123456789abcdef0123456789abcdef", "https://ml.example", None, "7", "shown")
CELLS = [
    "%load_ext mlart_jupyter\n%mlart start dashboard\nimport matplotlib.pyplot as plt, mlart_jupyter",
    "plt.plot([1, 3, 2]); plt.title('in panel'); plt.show()",
    "mlart_jupyter.log({'rate': 0.1}, 'config/config.json')\n%mlart flush",
    "%mlart browse",
]


class Dashboards(Server):
    """Voilà, with the extension as a wheel lays it: an editable one is a link, which Voilà does not serve."""

    ready = ""

    def __init__(self, home: Path) -> None:
        folder = installed("dashboards")
        shutil.copytree(LABEXTENSION, home / "share/labextensions/@mlart/labextension")
        here = of_folder(folder)
        super().__init__(
            "voila", home, **here | {"JUPYTER_PATH": f"{home / 'share'}{os.pathsep}{here['JUPYTER_PATH']}"}
        )

    def _command(self) -> list[str]:
        options = ["--no-browser", "--Voila.ip=127.0.0.1", f"--port={self.base.rpartition(':')[2]}", f"--token={TOKEN}"]
        return [sys.executable, "-m", "voila", *options]

    def address(self, name: str) -> str:
        return f"{self.base}/voila/render/{name}?token={TOKEN}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """In the place of the server that `page` and its like use."""
    server = Dashboards(tmp_path_factory.mktemp("voila"))
    yield server
    server.stop()


@pytest.mark.long
def test_a_dashboard_browses_previews_and_downloads_its_run_and_changes_nothing(server, visitor, write_notebook):
    visitor.goto(server.address(write_notebook("dash.ipynb", *CELLS)), timeout=120_000)
    panel = visitor.locator(".mlart-Panel")
    panel.scroll_into_view_if_needed(timeout=120_000)
    panel.get_by_role("treeitem", name="figures").click(timeout=30_000)
    panel.get_by_role("treeitem", name="in-panel.png").click()
    panel.locator(".mlart-Image img").wait_for(timeout=30_000)
    [kept] = server.stored("in-panel.png")
    driver = Driver(server, visitor)
    assert driver.picture(".mlart-Panel .mlart-Image img") == kept.read_bytes()
    with visitor.expect_download() as download:
        panel.get_by_label("Download file").click()
    assert Path(download.value.path()).read_bytes() == kept.read_bytes()
    expect(panel.get_by_label("Delete")).to_have_count(0)
    panel.get_by_role("treeitem", name="config").click()
    panel.get_by_role("treeitem", name="config.json").click()
    expect(panel.locator(".mlart-Preview")).to_contain_text("rate", timeout=30_000)
    expect(panel.locator(".mlart-Footer")).to_contain_text("2 kept")
    expect(visitor.get_by_text('artifacts of run "dashboard"')).to_be_visible()  # also without any script
    driver.shot("17-panel")


@pytest.fixture
def visitor(chromium):
    """A page of its own: Voilà tells in the console which of a sidebar's needs it does not have."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def saved(tmp_path):
    """A page that was saved from a notebook with a panel."""
    module.use(Services(Mlart()))
    panel, page = ArtifactBrowser(RUN), tmp_path / "saved.html"
    embed_minimal_html(page, views=[panel])
    panel.close()
    module.use(None)
    page.write_text(re.sub(r' integrity="[^"]*"', "", page.read_text()))  # another build of the same script comes
    return page


def scripts(manager):
    """Answers for the networks that deliver the scripts of such a page."""
    widget = Path(sys.prefix) / "share/jupyter/nbextensions/anywidget/index.js"
    known = {r"require[^/]*\.js$": "require.js", r"embed-amd\.js$": "embed-amd.js", r"/anywidget@[^/]*/dist/": widget}

    def answer(route):
        found = next((file for mark, file in known.items() if re.search(mark, route.request.url)), None)
        any_page = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
        route.fulfill(path=manager / found, headers=any_page) if found else route.abort()

    return answer


def test_a_page_saved_without_a_kernel_says_so(page, saved):
    page.route(re.compile("^https?:"), scripts(installed("widgets")))
    page.goto(saved.as_uri())
    panel = page.locator(".mlart-Panel")
    expect(panel).to_contain_text(f"runs:/{RUN.run_id}", timeout=30_000)
    expect(panel).to_contain_text("run the cell of this panel again")
    expect(panel.get_by_label("Open the run in MLflow")).to_have_attribute("href", re.compile("^https://ml.example/"))
    expect(panel.get_by_text("Loading")).to_have_count(0)
