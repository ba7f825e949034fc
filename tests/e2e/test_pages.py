"""The pages of charts, opened from disk in a browser that reaches nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import shown_renderer
from mlart_jupyter.spool import Spool
from mlart_jupyter.store import MemoryStore
from mlart_jupyter.uploads import Courier

from .conftest import Driver, Server

RUN = RunRef("r1", "sqlite:////x.db")
CHARTS = 50
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"


def plotly(number: int = 1) -> tuple[Any, dict[str, Any]]:
    import plotly.graph_objects as go

    chart = go.Figure(go.Bar(x=["a", HOSTILE], y=[number, 2]), layout={"title": {"text": f"chart {number}"}})
    return chart, {"application/vnd.plotly.v1+json": chart.to_plotly_json()}


def altair() -> tuple[Any, dict[str, Any]]:
    import altair as alt
    import pandas as pd

    rows = pd.DataFrame({"a": ["x", HOSTILE], "b": [1, 2]})
    chart = alt.Chart(rows, title="altair").mark_bar().encode(x="a", y="b")
    return chart, chart._repr_mimebundle_()


def bokeh() -> tuple[Any, dict[str, Any]]:
    from bokeh.embed.notebook import notebook_content
    from bokeh.plotting import figure

    chart = figure(title=HOSTILE)
    chart.line([1, 2], [3, 4])
    script, _, _ = notebook_content(chart)
    return None, {"application/javascript": script, "application/vnd.bokehjs_exec.v0+json": ""}


DRAWN = {
    "plotly": (plotly, ".main-svg .bars .point"),
    "altair": (altair, ".vega-embed .mark-rect path"),
    "bokeh": (bokeh, ".bk-Figure >> canvas"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """A run with charts of each library, fifty of one."""
    spool, store = Spool(tmp_path_factory.mktemp("spool")), MemoryStore()
    recorder = Recorder(spool, "s1")
    shown = [(name, make()) for name, (make, _) in DRAWN.items()]
    shown += [(f"many-{number}", plotly(number)) for number in range(CHARTS)]
    for name, (obj, bundle) in shown:
        chosen = shown_renderer(obj, bundle)
        assert chosen is not None
        assert recorder.record(Shown(obj, RUN, Cell(), bundle, path=f"charts/{name}"), chosen[1]).kept
    Courier(spool, lambda ref: store).deliver([claim for name in spool.mine() if (claim := spool.claim(name))])
    return Artifacts(RUN, store)


@pytest.fixture
def offline(chromium: Browser) -> Iterator[Page]:
    """A page of a browser without a network; it fails on whatever was asked of one."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_page_downloaded_alone_draws_without_a_network(
    run: Artifacts, offline: Page, name: str, tmp_path: Path
) -> None:
    local = run.download(f"charts/{name}.html", tmp_path)
    offline.goto(local.as_uri())
    offline.locator(DRAWN[name][1]).first.wait_for(state="attached", timeout=30_000)
    assert offline.evaluate("() => window.hacked") is None


def test_fifty_pages_of_a_run_draw_with_one_script(run: Artifacts, offline: Page, tmp_path: Path) -> None:
    folder = run.download("charts", tmp_path)
    (script,) = folder.rglob("plotly-*.js")
    pages = list(folder.glob("many-*.html"))
    assert len(pages) == CHARTS
    assert all(f'<script src="lib/{script.name}">'.encode() in page.read_bytes() for page in pages)
    for number in range(0, CHARTS, 1 if os.environ.get("MLART_LONG") else 10):
        offline.goto((folder / f"many-{number}.html").as_uri())
        offline.locator(DRAWN["plotly"][1]).first.wait_for(state="attached", timeout=30_000)


def test_a_page_without_its_script_says_so(run: Artifacts, offline: Page, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely.html"
    lonely.write_bytes(run.read("charts/plotly.html"))
    offline.goto(lonely.as_uri())
    assert "is not beside the page" in offline.locator("#chart").inner_text()


LOGGED = """
%load_ext mlart_jupyter
%mlart start drawn
import altair, mlart_jupyter, numpy, pandas, PIL.Image, plotly.graph_objects as go
image = {"source": "/hostile-picture.png", "xref": "paper", "yref": "paper", "sizex": 1, "sizey": 1}
bars = go.Figure(go.Bar(x=["a", "b"], y=[1, 2]), layout={"title": {"text": "plotly bars"}, "images": [image]})
mlart_jupyter.log(bars)
rows = pandas.DataFrame({"a": ["x", "y"], "b": [1, 2]})
PIL.Image.fromarray(numpy.arange(12_000, dtype="uint16").reshape(100, 120)).save("ramp.tiff")
%log_artifact ramp.tiff --to charts
mlart_jupyter.log(altair.Chart(rows, title="vega bars").mark_bar().encode(x="a", y="b"))
"""


def draw(place: Locator, file: str, mark: str, words: str = "Draw it") -> None:
    """Ask the browser for a kept chart, and see it drawn apart from the page around it."""
    place.get_by_role("treeitem", name="charts").click(timeout=120_000)
    place.get_by_role("treeitem", name=file).click(timeout=60_000)
    expect(place.locator("iframe")).to_have_count(0)
    place.get_by_role("button", name=words).click(timeout=60_000)
    expect(place.locator("iframe")).to_have_attribute("sandbox", "allow-scripts", timeout=60_000)
    expect(place.frame_locator("iframe").locator(mark).first).to_be_visible(timeout=60_000)


@pytest.mark.lab
def test_a_specification_is_drawn_in_the_sidebar_and_in_the_panel(
    server: Server, driver: Driver, page: Page, write_notebook: Callable[..., str]
) -> None:
    driver.open(write_notebook("drawn.ipynb", LOGGED, "%config Mlart.language = 'pt-BR'\n%mlart flush\n%mlart browse"))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    sidebar, panel = page.locator("#mlart-browser"), page.locator(".mlart-Panel")
    draw(sidebar, "plotly-bars.plotly.json", DRAWN["plotly"][1])
    expect(sidebar.get_by_role("region", name="Values")).to_contain_text("layout")
    draw(panel, "vega-bars.vl.json", DRAWN["altair"][1], "Desenhar")
    panel.scroll_into_view_if_needed()
    driver.shot("10-charts")
    sidebar.get_by_role("treeitem", name="plotly-bars.html").click()
    sidebar.get_by_role("button", name="Run scripts").click(timeout=60_000)
    expect(sidebar.frame_locator("iframe").locator(DRAWN["plotly"][1]).first).to_be_visible(timeout=60_000)
    sidebar.get_by_role("treeitem", name="ramp.tiff").click()
    expect(sidebar.get_by_text("0 (black) to 11,999 (white)")).to_be_visible(timeout=60_000)
    assert driver.picture("#mlart-browser .mlart-Image img").startswith(b"\x89PNG")
    driver.shot("10-tiff")
    assert "hostile-picture" not in server.log.read_text()
