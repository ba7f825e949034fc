"""Every renderer keeps the contract: add one with a small object in MAKERS."""

from __future__ import annotations

import pickle
import re
import wave
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import GIVEN, SHOWN, Limits, file, pickled, renderer_for
from mlart_jupyter.renderers import bundle as bundles
from mlart_jupyter.renderers.base import Bundle, Renderer
from mlart_jupyter.renderers.contract import CHECKS, Case
from mlart_jupyter.renderers.figure import figure_of
from mlart_jupyter.spool import Spool

HARD_NAMES = ["Größe: 50 % #1?", "a/b\\c", "..", "x" * 500, "图", "line\nbreak", "%41", "<b>", "CON.txt", "  "]


class Canvas:
    """An ipympl canvas, as a renderer sees it."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure


Canvas.__module__, Canvas.__qualname__ = "ipympl.backend_nbagg", "Canvas"


class Animation:
    """An animation of matplotlib, as a renderer sees it."""

    def __init__(self) -> None:
        self._fig = figure()

    def to_jshtml(self) -> str:
        return "<div></div><script>play()</script>"


class Force:
    """A force plot of SHAP, as a renderer sees it."""

    def html(self) -> str:
        return "<div id='a'>Visualization omitted</div><script>window.SHAP</script>"


class Values:
    """SHAP values, as a renderer sees them."""

    def __init__(self) -> None:
        self.values, self.base_values = np.zeros((2, 3)), np.zeros(2)
        self.data, self.feature_names = np.array([["a", 1, 2.5]] * 2, dtype=object), list("abc")


class Reasons:
    """A LIME explanation, as a renderer sees it."""

    def as_html(self) -> str:
        return "<html><body>größe</body></html>"


Values.__module__, Values.__qualname__ = "shap._explanation", "Explanation"
Reasons.__module__, Reasons.__qualname__ = "lime.explanation", "Explanation"


class Chart:
    """An Altair chart of either version, as a renderer sees it."""

    def to_dict(self) -> dict[str, Any]:
        return {"$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json", "mark": "bar"}


class Badge:
    """An object that only its own methods tell."""

    def _repr_html_(self) -> str:
        return "<b>badge</b>"


class Bytes(bytes):
    """Not the very object that the payload is."""


class Text(str):
    """Not shared with other constants of the process."""

    __slots__ = ()


def figure() -> Figure:
    made = Figure(figsize=(2, 1), dpi=50)
    made.add_subplot().plot([1, 2])
    return made


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1, "mixed"]})


def series() -> pd.Series[Any]:
    return pd.Series([1.5, None], name="s")


def places() -> Any:
    shapely = pytest.importorskip("shapely")
    return pytest.importorskip("geopandas").GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs="EPSG:4326")


def picture() -> Any:
    return pytest.importorskip("PIL.Image").new("RGB", (3, 2), "red")


def sound() -> Any:
    buffer = BytesIO()
    with wave.open(buffer, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(1)
        made.setframerate(8000)
        made.writeframes(bytes(8))
    return pytest.importorskip("IPython.display").Audio(buffer.getvalue())


def film() -> Any:
    return pytest.importorskip("IPython.display").Video(b"film", embed=True, mimetype="video/mp4")


MAKERS: dict[str, Callable[[], Any]] = {
    "matplotlib.figure.Figure": figure,
    "ipympl.backend_nbagg.Canvas": lambda: Canvas(figure()),
    "matplotlib.animation.Animation": Animation,
    "pandas.DataFrame": frame,
    "pandas.Series": series,
    "pandas.core.frame.DataFrame": frame,
    "pandas.core.series.Series": series,
    "pandas.io.formats.style.Styler": lambda: frame().style.set_caption("Top"),
    "polars.dataframe.frame.DataFrame": lambda: pytest.importorskip("polars").DataFrame({"a": [1, None]}),
    "polars.series.series.Series": lambda: pytest.importorskip("polars").Series("s", [1, None]),
    "pyarrow.lib.Table": lambda: pytest.importorskip("pyarrow").table({"a": [1, None]}),
    "pyarrow.lib.RecordBatch": lambda: pytest.importorskip("pyarrow").RecordBatch.from_pydict({"a": [1, None]}),
    "geopandas.geodataframe.GeoDataFrame": places,
    "geopandas.geoseries.GeoSeries": lambda: places().geometry,
    "plotly.basedatatypes.BaseFigure": lambda: pytest.importorskip("plotly.graph_objects").Figure({"data": []}),
    "altair.vegalite.v5.api.TopLevelMixin": Chart,
    "altair.vegalite.v6.api.TopLevelMixin": Chart,
    "shap.plots._force.BaseVisualizer": Force,
    "PIL.Image.Image": picture,
    "IPython.lib.display.Audio": sound,
    "IPython.core.display.Video": film,
    "builtins.dict": lambda: {"a": [1, {"b": np.float64(1.5)}]},
    "builtins.list": lambda: [1, ["b"]],
    "builtins.tuple": lambda: tuple("ab"),
    "builtins.set": lambda: {1, "b"},
    "builtins.frozenset": lambda: frozenset({1, 2}),
    "builtins.str": lambda: Text("größe"),
    "builtins.bytes": lambda: Bytes(b"\x00\x01"),
    "builtins.bytearray": lambda: bytearray(b"\x00\x01"),
    "numpy.ndarray": lambda: np.arange(6).reshape(2, 3),
    "shap._explanation.Explanation": Values,
    "lime.explanation.Explanation": Reasons,
    "file": lambda: Path("table.csv"),
    "any other": lambda: range(3),
    "shows itself": Badge,
}
PICTURE = {"image/png": b"\x89PNG", "image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
INLINE, LATER, CUT = Limits(2**30, 2**30), Limits(0, 2**30), Limits(0, 0)
GIVEN_ALONE = {"given": ({}, INLINE)}
WAYS: dict[str | None, dict[str, tuple[Bundle, Limits]]] = {
    "figures": {"given": ({}, INLINE), "shown": (PICTURE | {"text/html": "<div></div>"}, INLINE)},
    "frames": {"inline": ({}, INLINE), "later": ({}, LATER), "cut": ({}, CUT)},
    "media": GIVEN_ALONE,
    "charts": GIVEN_ALONE,
    None: GIVEN_ALONE,
}
"""How an object of a setting can come to its renderer: bundle and limits."""
BUNDLES: dict[str, Bundle] = {
    "png": {"image/png": "iVBORw==", "text/plain": "x"},
    "gif": {"image/gif": "R0lG"},
    "json": {"application/json": {"a": 1}},
    "html": {"text/html": "<p>größe</p>"},
    "svg": {"image/svg+xml": "<svg/>"},
    "markdown": {"text/markdown": "# x"},
    "latex": {"text/latex": "$x$"},
    "plotly": {"application/vnd.plotly.v1+json": {"data": [], "layout": {"title": {"text": "T"}}}},
    "vega": {"application/vnd.vegalite.v5+json": {"$schema": "x/vega-lite/v5.json"}, "text/html": "<p>x</p>"},
    "bokeh": {
        "application/javascript": 'const docs_json = {"a": 1}; const render_items = [{"roots": {}}];',
        "application/vnd.bokehjs_exec.v0+json": "",
    },
}
"""Bundles whose object nobody knows."""


@pytest.fixture(autouse=True)
def table_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the file's renderer is given."""
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("a,b\n1,2\n")


def renderer_named(name: str) -> Renderer:
    """By the name in a table, for some stand for objects of libraries that are not here."""
    special = {"file": file.render, "any other": pickled.render, "shows itself": bundles.render_given}
    return special.get(name) or (SHOWN[name][1] if name in SHOWN else GIVEN[name])


def state(obj: Any) -> Any:
    """What a renderer must leave as it is."""
    if hasattr(obj, "to_html") and hasattr(obj, "caption"):
        return obj.to_html(uuid="u")
    if isinstance(obj, (Values, Reasons)):  # under a module's name that is not theirs
        return pickle.dumps(vars(obj))
    if not isinstance(obj, (Figure, Canvas, Animation)):
        return pickle.dumps(obj)
    figure = figure_of(obj)
    places = [axes.get_position().bounds for axes in figure.axes]
    return figure.get_size_inches().tolist(), figure.dpi, figure.canvas, figure.get_facecolor(), places


def cases() -> Iterator[Any]:
    for name, make in MAKERS.items():
        renderer = renderer_named(name)
        for way, values in WAYS[SHOWN[name][0] if name in SHOWN else None].items():
            yield pytest.param(Case(make, renderer, *values, state=state), id=f"{name}-{way}")
    for name, bundle in BUNDLES.items():
        chosen = bundles.choice(bundle)
        assert chosen is not None, name
        yield pytest.param(Case(object, chosen[1], bundle, state=id), id=f"bundle-{name}")


def test_every_renderer_passes_this_contract() -> None:
    assert set(MAKERS) == {*SHOWN, *GIVEN, "file", "any other", "shows itself"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", list(cases()))
def test_the_contract(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


@pytest.mark.parametrize("name", MAKERS)
def test_generated_names_can_be_downloaded_everywhere(name: str, tmp_path: Path) -> None:
    recorder = Recorder(Spool(tmp_path / "spool"), "s1", limits=INLINE)
    for hint in HARD_NAMES:
        shown = called(MAKERS[name](), hint)
        for path in recorder.record(shown, renderer_named(name)).paths:
            assert re.fullmatch(r"[a-z]+/[A-Za-z0-9_][A-Za-z0-9_-]*(\.[a-z0-9]+){1,2}", path)
            assert len(path) < 100


@pytest.mark.parametrize("name", [name for name in MAKERS if name in GIVEN])
def test_what_is_given_finds_its_renderer(name: str) -> None:
    assert renderer_for(MAKERS[name]()) is GIVEN[name]


def called(obj: Any, name: str) -> Shown:
    """An object with a name of its own, where it can have one, and the expression of that name."""
    if isinstance(obj, (Figure, Canvas, Animation)):
        figure_of(obj).suptitle(name)
    if isinstance(obj, pd.Series):
        obj.name = name
    bundle = PICTURE if isinstance(obj, (Figure, Canvas)) else {}
    return Shown(obj, RunRef("r1", "sqlite:////x.db"), Cell("x", "c1", 3), bundle, name)
