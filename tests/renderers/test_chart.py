"""Charts: the specification that was shown, and what is told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits, Skipped, chart, libraries
from mlart_jupyter.renderers.chart import PLOTLY, render_bokeh, render_plotly, render_shap, render_vega

LIMITS = Limits()
VEGA = {"$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json", "mark": "bar", "data": {"values": []}}


def kept(made: Any) -> Rendered:
    assert isinstance(made, Rendered)
    return made


def spec(made: Any) -> Any:
    return json.loads(bytes(kept(made).files[0].data))


@pytest.fixture(autouse=True)
def everything_is_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(libraries, "_place", lambda module: tmp_path)


class Figure:
    """A plotly figure, as a renderer sees it."""

    def to_json(self) -> str:
        return '{"data": [{"y": [1]}], "layout": {}}'


def test_plotly_keeps_the_specification_shown() -> None:
    shown = {"data": [{"y": [1]}], "layout": {"title": {"text": "<b>Größe</b>"}}}
    made = render_plotly(None, {PLOTLY: shown, "text/html": "<div>"}, LIMITS)
    assert spec(made) == shown
    assert kept(made).title == "Größe"


def test_plotly_shown_in_another_form_gives_its_own_specification() -> None:
    made = render_plotly(Figure(), {"text/html": "<div>x</div><script>draw()</script>"}, LIMITS)
    assert spec(made)["data"] == [{"y": [1]}]


def test_the_script_that_plotly_loads_is_not_kept() -> None:
    setup = {"text/html": "<script>window.PlotlyConfig = 1;</script> <script>/*! lib */</script>"}
    assert isinstance(render_plotly(Figure(), setup, LIMITS), Skipped)


@pytest.mark.parametrize("title", [None, {}, {"text": None}, "", {"text": ""}])
def test_a_plotly_chart_without_a_title_has_none(title: Any) -> None:
    made = render_plotly(None, {PLOTLY: {"data": [], "layout": {"title": title}}}, LIMITS)
    assert kept(made).title == ""


def test_a_chart_is_a_specification_and_a_page() -> None:
    made = kept(render_plotly(Figure(), {}, LIMITS))
    assert [file.suffix for file in made.files] == [".plotly.json", ".html"]
    assert (made.kind, made.folder, made.files[1].encoding) == ("chart", "charts", "page")


def test_without_the_library_the_specification_stands_alone_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_place", lambda module: None)
    made = kept(render_vega(None, {"application/vnd.vegalite.v5+json": VEGA}, LIMITS))
    assert [file.suffix for file in made.files] == [".vl.json"]
    assert made.note == "no page: vl-convert-python is not installed"


def test_altair_is_read_from_the_page_it_shows() -> None:
    words = {**VEGA, "title": "})({ is no end"}
    page = "<script>(function(spec, o){ x })(" + json.dumps(words) + ', {"mode": "vega-lite"});</script>'
    made = render_vega(None, {"text/html": page}, LIMITS)
    assert spec(made) == words


def test_altair_without_a_page_gives_its_own_specification() -> None:
    made = render_vega(type("Chart", (), {"to_dict": lambda self: VEGA})(), {"image/png": "x"}, LIMITS)
    assert spec(made) == VEGA


@pytest.mark.parametrize(
    ("schema", "suffix", "media_type"),
    [
        ("https://vega.github.io/schema/vega-lite/v6.4.1.json", ".vl.json", "application/vnd.vegalite.v6+json"),
        ("https://vega.github.io/schema/vega-lite/v5.json", ".vl.json", "application/vnd.vegalite.v5+json"),
        ("https://vega.github.io/schema/vega/v5.json", ".vg.json", "application/vnd.vega.v5+json"),
        ("", ".vl.json", "application/vnd.vegalite.v5+json"),
    ],
)
def test_vega_and_vega_lite_have_suffixes_of_their_own(schema: str, suffix: str, media_type: str) -> None:
    made = kept(render_vega(None, {"application/vnd.vegalite.v5+json": {**VEGA, "$schema": schema}}, LIMITS))
    assert (made.files[0].suffix, made.files[0].media_type) == (suffix, media_type)


@pytest.mark.parametrize("title", ["Loss", {"text": "Loss"}, {"text": ["Loss"]}, ["Loss"]])
def test_the_title_of_a_vega_chart(title: Any) -> None:
    made = render_vega(None, {"application/vnd.vegalite.v5+json": {**VEGA, "title": title}}, LIMITS)
    assert kept(made).title == "Loss"


@pytest.mark.parametrize(
    "where",
    [lambda d: d, lambda d: {"layer": [d]}, lambda d: {"hconcat": [{"spec": d}]}, lambda d: {"vconcat": [d, {}]}],
)
def test_data_by_reference_is_noted(where: Any) -> None:
    words = where({"data": {"url": "https://example.org/cars.csv"}})
    made = render_vega(None, {"application/vnd.vegalite.v5+json": words}, LIMITS)
    assert kept(made).note == "its data are linked, not kept: https://example.org/cars.csv"


def test_bokeh_is_read_from_the_script_it_publishes() -> None:
    script = 'x; const docs_json = {"a": {"roots": []}};\n const render_items = [{"docid": "a", "roots": {"p1": "e"}}];'
    made = render_bokeh(None, {"application/javascript": script, chart.BOKEH_EXEC: ""}, LIMITS)
    assert spec(made) == {"docs": {"a": {"roots": []}}, "items": [{"docid": "a", "roots": {"p1": "e"}}]}


@pytest.mark.parametrize("script", ["", "const docs_json = ", "const docs_json = [1];", 'const docs_json = {"a": 1};'])
def test_a_bokeh_script_without_a_document_is_skipped_with_a_reason(script: str) -> None:
    made = render_bokeh(None, {"application/javascript": script, chart.BOKEH_EXEC: ""}, LIMITS)
    assert isinstance(made, Skipped)
    assert "bokeh.plotting.save" in made.reason


def test_a_shap_plot_is_a_page_alone() -> None:
    made = kept(render_shap(None, {"text/html": "<div id='i'></div>"}, LIMITS))
    assert [file.suffix for file in made.files] == [".html"]


@pytest.mark.parametrize(
    ("page", "setup"),
    [
        ("<script>1</script>", True),
        ("  <SCRIPT src='x'></SCRIPT><style>a{}</style><!-- c --><link rel=x>\n", True),
        ("<script>never ends", True),
        ("", True),
        (
            "<div align='center'><img src='data:image/png;base64,iVBORw' /></div><script charset='utf-8'>1</script>",
            True,
        ),
        ("<div align='center'><img src='data:image/png;base64,iVBORw' /></div><p>x</p>", False),
        ("<div></div><script>draw()</script>", False),
        ("<p>x</p>", False),
        ("text", False),
    ],
)
def test_pages_of_code_alone_are_setup(page: str, setup: bool) -> None:
    assert chart.is_setup({"text/html": page}) is setup
