"""Everything that a cell can show, in a real kernel: what is kept of it, under which name."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.slow]  # the libraries are not among the lowest versions

GIF = "b'GIF89a' + b'\\\\x00' * 10"
SHOWN = {
    "plotly": (
        "import plotly.graph_objects as go\nwave = go.Figure(go.Scatter(y=[1, 3, 2]))\nwave",
        ["charts/wave.html", "charts/wave.plotly.json"],
    ),
    "plotly show": (
        "import plotly.express as px\npx.line(y=[1, 2], title='<b>Loss</b>').show()",
        ["charts/loss.html", "charts/loss.plotly.json"],
    ),
    "altair": (
        "import altair as alt\nbars = alt.Chart(pd.DataFrame({'a': [1, 2]})).mark_bar().encode(x='a:Q')\nbars",
        ["charts/bars.html", "charts/bars.vl.json"],
    ),
    "bokeh": (
        (
            "from bokeh.plotting import figure, show\nfrom bokeh.io import output_notebook\noutput_notebook()\n"
            "p = figure(); p.line([1, 2], [3, 4]); show(p)"
        ),
        ["charts/cell-N.bokeh.json", "charts/cell-N.html"],
    ),
    "polars": ("import polars as pl\nrows = pl.DataFrame({'a': [1]})\nrows", ["frames/rows.parquet"]),
    "polars series": ("import polars as pl\npl.Series('ages', [1])", ["frames/ages.parquet"]),
    "arrow": ("import pyarrow as pa\nbatch = pa.table({'a': [1]})\nbatch", ["frames/batch.parquet"]),
    "styler": (
        "pd.DataFrame({'a': [1]}).style.set_caption('Top').highlight_max()",
        ["frames/top.html", "frames/top.parquet"],
    ),
    "describe": (
        "people = pd.DataFrame({'team': ['a', 'b'], 'age': [1, 2]})\npeople.groupby('team').describe()",
        ["frames/people-groupby-team-describe.parquet"],
    ),
    "PIL": ("from PIL import Image as I\ndot = I.new('RGB', (3, 2))\ndot", ["media/dot.png"]),
    "picture": (
        f"from IPython.display import Image, display\nspark = Image(data={GIF})\ndisplay(spark)",
        ["media/spark.gif"],
    ),
    "svg": (
        "from IPython.display import SVG\nblank = SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')\nblank",
        ["media/blank.svg"],
    ),
    "audio": ("from IPython.display import Audio\nbeep = Audio(np.zeros(100), rate=8000)\nbeep", ["media/beep.wav"]),
    "video": (
        "from IPython.display import Video\nVideo(b'film', embed=True, mimetype='video/mp4')",
        ["media/video-b-film-embed-true-mimetype-video-mp4.mp4"],
    ),
    "html": ("from IPython.display import HTML\nnote = HTML('<p>größe</p>')\nnote", ["outputs/note.html"]),
    "markdown": ("from IPython.display import Markdown\nMarkdown('# x')", ["outputs/markdown-x.md"]),
    "latex": ("from IPython.display import Latex\nLatex('$x$')", ["outputs/latex-x.tex"]),
    "json": ("from IPython.display import JSON\nJSON({'a': 1})", ["outputs/json-a-1.json"]),
    "sympy": ("import sympy\nsympy.Symbol('x') ** 2", ["outputs/sympy-symbol-x-2.tex"]),
    "sklearn": (
        "from sklearn.linear_model import Ridge\nmodel = Ridge().fit([[1], [2]], [1, 2])\nmodel",
        ["outputs/model.html"],
    ),
    "own html": (
        "class Badge:\n    def _repr_html_(self): return '<b>1</b>'\nbadge = Badge()\nbadge",
        ["outputs/badge.html"],
    ),
    "own bundle": (
        (
            "class Rich:\n    def _repr_mimebundle_(self, **k): return {'text/markdown': '*x*', 'text/plain': 'x'}\n"
            "rich = Rich()\nrich"
        ),
        ["outputs/rich.md"],
    ),
    "raw bundle": (
        "from IPython.display import display\ndisplay({'text/html': '<i>x</i>', 'text/plain': 'x'}, raw=True)",
        ["outputs/cell-N.html"],
    ),
    "linked picture": (
        "from IPython.display import Image\nImage(url='https://example.org/x.png')",
        ["outputs/image-url-https-example-org-x-png.html"],
    ),
}
NOTHING = {
    "a number": "1 + 1",
    "text": "'words'",
    "a dictionary": "{'a': 1}",
    "a widget": "import ipywidgets; ipywidgets.IntSlider()",
    "captured": "%%capture\nfrom IPython.display import HTML, display\ndisplay(HTML('<p>x</p>'))",
    "a lazy frame's plan": "import polars as pl\npl.LazyFrame({'a': [1]}).explain()",
    "a library's setup": "from IPython.display import HTML\nHTML('<script>window.x = 1</script>')",
    "javascript": "from IPython.display import Javascript\nJavascript('1')",
    "an index": "pd.Index([1])",
}


ENTRIES = """
def entries():
    get_ipython().run_line_magic("mlart", "flush")
    found = mlart_jupyter.artifacts(everything.info.run_id).catalogue.entries.values()
    return [(entry.execution_count, entry.path, entry.kind, entry.note) for entry in found]
"""


@pytest.fixture(scope="module")
def results(shared):
    """What each cell of both tables gave, and what is kept of it: all in one run."""
    shared.ok("everything = mlflow.start_run(run_name='everything')")
    cells = {name: shared.run(code[0] if isinstance(code, tuple) else code) for name, code in (SHOWN | NOTHING).items()}
    shared.ok("mlflow.end_run()")
    shared.ok(ENTRIES)
    found = eval(shared.evaluate("entries()"))
    return {name: (cell, [row[1:] for row in found if row[0] == cell.count]) for name, cell in cells.items()}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_is_kept(results, name):
    cell, entries = results[name]
    expected = {path.replace("cell-N", f"cell-{cell.count}") for path in SHOWN[name][1]}
    assert {path for path, kind, _ in entries if kind != "script"} == expected
    assert "not kept" not in cell.text
    assert cell.status == "ok", cell.error


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_rich_output_is_not_kept(results, name):
    cell, entries = results[name]
    assert cell.status == "ok", cell.error
    assert entries == []


def test_what_is_only_linked_has_a_note(results):
    ((_, _, note),) = results["linked picture"][1]
    assert note == "linked, not kept: https://example.org/x.png"


def test_charts_of_one_library_share_its_script(kernel, stored):
    kernel.ok("import plotly.graph_objects as go\nfrom IPython.display import display")
    kernel.ok("for i in range(3):\n    display(go.Figure(go.Bar(y=[i])))")
    assert [path.partition("-")[0] for path in stored() if path.startswith("lib/")] == ["lib/plotly"]
    assert sum(path.endswith(".html") for path in stored()) == 3


def test_a_page_downloaded_alone_has_its_script(kernel, stored, read, tmp_path):
    kernel.ok("import plotly.graph_objects as go\nalone = go.Figure(go.Bar(y=[1]))\nalone")
    stored()
    assert b'<script src="../lib/plotly-' in read("charts/alone.html")
    kernel.ok(f"page = mlart_jupyter.artifacts(run.info.run_id).download('charts/alone.html', {str(tmp_path)!r})")
    page = (tmp_path / "alone.html").read_bytes()
    assert b"<script src=" not in page
    assert len(page) > 1_000_000


def test_polars_comes_back_as_polars(kernel, stored):
    kernel.ok("import polars as pl\nback = pl.DataFrame({'a': [1], 's': ['x']})\nback")
    stored()
    assert (
        kernel.evaluate("mlart_jupyter.artifacts(run.info.run_id).frame('frames/back.parquet').equals(back)") == "True"
    )


def test_a_kind_can_be_switched_off(kernel, stored):
    kernel.ok("%config Mlart.outputs = False\nfrom IPython.display import HTML\nHTML('<p>x</p>')")
    kernel.ok("%config Mlart.outputs = True")
    assert stored() == []


def test_the_chart_is_the_one_that_was_shown(kernel, stored, read):
    shown = kernel.ok("import plotly.graph_objects as go\ntwin = go.Figure(go.Bar(y=[1, 2]))\ntwin")
    stored()
    (bundle,) = [d["data"] for d in shown.displays if "application/vnd.plotly.v1+json" in d["data"]]
    assert json.loads(read("charts/twin.plotly.json")) == bundle["application/vnd.plotly.v1+json"]


def test_the_marks_name_what_is_kept(kernel, stored):
    result = kernel.ok("from IPython.display import HTML\nmarked = HTML('<p>x</p>')\nmarked")
    assert [mark["path"] for mark in result.marks] == ["outputs/marked.html"]


def test_nothing_that_was_shown_is_kept_alive(kernel):
    kernel.ok(
        "import plotly.graph_objects as go, weakref, gc\nlast = go.Figure(go.Bar(y=[1]))\ngone = weakref.ref(last)"
    )
    kernel.ok("from IPython.display import display\ndisplay(last)\ndel last")
    kernel.ok("%mlart flush\ngc.collect()")
    assert kernel.evaluate("gone() is None") == "True"
