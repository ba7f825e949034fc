"""Objects to files: a table from qualified type names to functions.

A type is told by its name along ``type(obj).__mro__``: no library is imported to recognise its objects.
What no name tells is kept as the richest file of its MIME bundle.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import NOTEBOOK_ENCODING
from mlart_jupyter.renderers import plugins
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, Made, Renderer, Skipped

if TYPE_CHECKING:
    from mlart_jupyter.renderers.page import Script

__all__ = [
    "Bundle",
    "Deferred",
    "Finished",
    "Limits",
    "Skipped",
    "finish",
    "kind_of",
    "renderer_for",
    "scripts",
    "shown_renderer",
]

Chosen = tuple[str, Renderer]
"""The setting that switches it, and the renderer."""


@dataclass(frozen=True, slots=True)
class Later:
    """A renderer of a module beside this one, which is imported with its first object: `%load_ext` is to be quick."""

    module: str
    function: str = "render"

    def __call__(self, obj: Any, bundle: Bundle, limits: Limits) -> Made:
        """Render."""
        made: Made = getattr(import_module(f"{__name__}.{self.module}"), self.function)(obj, bundle, limits)
        return made


_FIGURE, _FRAME, _JSON = Later("figure"), Later("frame"), Later("value", "render_json")

SHOWN: dict[str, Chosen] = {
    "matplotlib.figure.Figure": ("figures", _FIGURE),
    "ipympl.backend_nbagg.Canvas": ("figures", _FIGURE),
    "matplotlib.animation.Animation": ("figures", Later("figure", "render_animation")),
    "pandas.DataFrame": ("frames", _FRAME),
    "pandas.Series": ("frames", _FRAME),
    "pandas.core.frame.DataFrame": ("frames", _FRAME),  # the name before pandas 3
    "pandas.core.series.Series": ("frames", _FRAME),
    "pandas.io.formats.style.Styler": ("frames", Later("styled")),
    "polars.dataframe.frame.DataFrame": ("frames", Later("table", "render_polars")),
    "polars.series.series.Series": ("frames", Later("table", "render_polars")),
    "pyarrow.lib.Table": ("frames", Later("table", "render_arrow")),
    "pyarrow.lib.RecordBatch": ("frames", Later("table", "render_arrow")),
    "geopandas.geodataframe.GeoDataFrame": ("frames", Later("geo")),
    "geopandas.geoseries.GeoSeries": ("frames", Later("geo")),
    "plotly.basedatatypes.BaseFigure": ("charts", Later("chart", "render_plotly")),
    "altair.vegalite.v5.api.TopLevelMixin": ("charts", Later("chart", "render_vega")),
    "altair.vegalite.v6.api.TopLevelMixin": ("charts", Later("chart", "render_vega")),
    "shap.plots._force.BaseVisualizer": ("charts", Later("chart", "render_shap")),
    "PIL.Image.Image": ("media", Later("media", "render_image")),
    "IPython.lib.display.Audio": ("media", Later("bundle", "render_player")),
    "IPython.core.display.Video": ("media", Later("bundle", "render_player")),
}
"""Kept when a cell shows them: type → (the setting that switches it, renderer)."""

GIVEN: dict[str, Renderer] = {
    "builtins.dict": _JSON,
    "builtins.list": _JSON,
    "builtins.tuple": _JSON,
    "builtins.set": _JSON,
    "builtins.frozenset": _JSON,
    "builtins.str": Later("value", "render_text"),
    "builtins.bytes": Later("value", "render_bytes"),
    "builtins.bytearray": Later("value", "render_bytes"),
    "numpy.ndarray": Later("value", "render_array"),
    "shap._explanation.Explanation": Later("explanation", "render_shap"),
    "lime.explanation.Explanation": Later("explanation", "render_lime"),
}
"""Kept only when they are given by hand."""

YAML: dict[str, Renderer] = {".yaml": Later("value", "render_yaml"), ".yml": Later("value", "render_yml")}
"""What keeps plain values under these suffixes."""


def _names(obj: Any) -> list[str]:
    return [f"{cls.__module__}.{cls.__qualname__}" for cls in type(obj).__mro__]


def shown_renderer(obj: Any, bundle: Bundle = MappingProxyType({})) -> Chosen | None:
    """Find the setting and the renderer of what a cell has shown.

    Parameters
    ----------
    obj
        None where only its bundle is known.
    """
    names = _names(obj)
    for name in names:
        if name in SHOWN:
            return SHOWN[name]
    return _of_others(obj, names) or _of_bundle(bundle)


def _of_others(obj: Any, names: list[str]) -> Chosen | None:
    """A renderer of another package; its setting is ``outputs``."""
    if type(obj).__module__ == "builtins":
        return None
    found = (plugins.loaded(name) for name in names[:-1])
    return next((("outputs", renderer) for renderer in found if renderer), None)


def _of_bundle(bundle: Bundle) -> Chosen | None:
    if not bundle:
        return None
    from mlart_jupyter.renderers.bundle import choice

    return choice(bundle)


def kind_of(obj: Any, bundle: Bundle = MappingProxyType({})) -> str | None:
    """The setting that switches the capture of this object; None for what is not captured."""
    found = shown_renderer(obj, bundle)
    return found[0] if found else None


def renderer_for(obj: Any, suffix: str = "") -> Renderer:
    """Find the renderer of an object that was given by hand.

    Parameters
    ----------
    suffix
        Of the path that it is to have: ``.yaml`` keeps plain values as YAML instead of JSON.

    Raises
    ------
    NotRenderable
        None knows it.
    """
    if found := shown_renderer(obj):
        return found[1]
    given = next((GIVEN[name] for name in _names(obj) if name in GIVEN), None)
    if given is None and hasattr(type(obj), "__dataclass_fields__"):
        given = _JSON
    if given is _JSON:
        return YAML.get(suffix, given)
    if given is None and type(obj).__module__.startswith("IPython.") and _shows_itself(obj):
        return Later("bundle", "render_given")
    if given is not None:
        return given
    raise NotRenderable(
        f"There is no renderer for {type(obj).__module__}.{type(obj).__qualname__}",
        "Save it to a file and log that, or give a figure, frame, dictionary, list, text, bytes or array",
    )


def _shows_itself(obj: Any) -> bool:
    from mlart_jupyter.renderers.bundle import can_show_itself

    return can_show_itself(obj)


# -- at delivery ----------------------------------------------------------------------------------------


class Finished(NamedTuple):
    """The bytes of a file as it is stored, and what a reader should know that the cell could not tell yet."""

    data: bytes | memoryview
    note: str | None = None


def finish(encoding: str, payload: bytes | memoryview, path: str = "") -> Finished:
    """Turn a spooled payload into the file that is stored under `path`.

    Raises
    ------
    NotRenderable
        Another version has spooled it, in a form that this one does not know; or it cannot be read here.
    """
    from mlart_jupyter.renderers import page, parquet, pickles

    if encoding == pickles.ENCODING:
        table, note = pickles.table_of_pickle(payload)
        return Finished(parquet.parquet_bytes(table), note)
    if encoding == parquet.ENCODING:
        return Finished(parquet.parquet_from_ipc(payload))
    if encoding == page.ENCODING:
        return Finished(page.build(payload, path))
    if encoding != "raw" and not encoding.startswith(NOTEBOOK_ENCODING):
        problem = f"This version does not know what is spooled as {encoding!r}"
        raise NotRenderable(problem, "Let the version that wrote it run `mlart flush --dead`")
    return Finished(payload)


def scripts(encoding: str, payload: bytes | memoryview) -> tuple[Script, ...]:
    """The scripts that a spooled file needs beside it in its run."""
    from mlart_jupyter.renderers import page

    return page.scripts(payload) if encoding == page.ENCODING else ()
