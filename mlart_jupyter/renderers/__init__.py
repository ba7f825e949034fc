"""Objects to files: a table from qualified type names to functions.

A type is told by its name along ``type(obj).__mro__``: no library is imported to recognise its objects.
What no name tells is kept as the richest file of its MIME bundle.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.renderers import bundle as bundles
from mlart_jupyter.renderers import chart, figure, frame, geo, media, page, parquet, plugins, styled, table, value
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, Renderer, Skipped
from mlart_jupyter.renderers.page import Script
from mlart_jupyter.renderers.reading import read

__all__ = [
    "Bundle",
    "Deferred",
    "Limits",
    "Script",
    "Skipped",
    "finish",
    "kind_of",
    "read",
    "renderer_for",
    "scripts",
    "shown_renderer",
]

Chosen = tuple[str, Renderer]
"""The setting that switches it, and the renderer."""

SHOWN: dict[str, Chosen] = {
    "matplotlib.figure.Figure": ("figures", figure.render),
    "ipympl.backend_nbagg.Canvas": ("figures", figure.render),
    "matplotlib.animation.Animation": ("figures", figure.render_animation),
    "pandas.DataFrame": ("frames", frame.render),
    "pandas.Series": ("frames", frame.render),
    "pandas.core.frame.DataFrame": ("frames", frame.render),  # the name before pandas 3
    "pandas.core.series.Series": ("frames", frame.render),
    "pandas.io.formats.style.Styler": ("frames", styled.render),
    "polars.dataframe.frame.DataFrame": ("frames", table.render_polars),
    "polars.series.series.Series": ("frames", table.render_polars),
    "pyarrow.lib.Table": ("frames", table.render_arrow),
    "pyarrow.lib.RecordBatch": ("frames", table.render_arrow),
    "geopandas.geodataframe.GeoDataFrame": ("frames", geo.render),
    "geopandas.geoseries.GeoSeries": ("frames", geo.render),
    "plotly.basedatatypes.BaseFigure": ("charts", chart.render_plotly),
    "altair.vegalite.v5.api.TopLevelMixin": ("charts", chart.render_vega),
    "altair.vegalite.v6.api.TopLevelMixin": ("charts", chart.render_vega),
    "shap.plots._force.BaseVisualizer": ("charts", chart.render_shap),
    "PIL.Image.Image": ("media", media.render_image),
    "IPython.lib.display.Audio": ("media", bundles.render_player),
    "IPython.core.display.Video": ("media", bundles.render_player),
}
"""Kept when a cell shows them: type → (the setting that switches it, renderer)."""

GIVEN: dict[str, Renderer] = {
    "builtins.dict": value.render_json,
    "builtins.list": value.render_json,
    "builtins.tuple": value.render_json,
    "builtins.set": value.render_json,
    "builtins.frozenset": value.render_json,
    "builtins.str": value.render_text,
    "builtins.bytes": value.render_bytes,
    "builtins.bytearray": value.render_bytes,
    "numpy.ndarray": value.render_array,
}
"""Kept only when they are given by hand."""

YAML: dict[str, Renderer] = {".yaml": value.render_yaml, ".yml": value.render_yml}
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
    return _of_others(obj, names) or bundles.choice(bundle)


def _of_others(obj: Any, names: list[str]) -> Chosen | None:
    """A renderer of another package; its setting is ``outputs``."""
    if type(obj).__module__ == "builtins":
        return None
    found = (plugins.loaded(name) for name in names[:-1])
    return next((("outputs", renderer) for renderer in found if renderer), None)


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
        given = value.render_json
    if given is value.render_json:
        return YAML.get(suffix, given)
    if given is None and type(obj).__module__.startswith("IPython.") and bundles.can_show_itself(obj):
        return bundles.render_given
    if given is not None:
        return given
    raise NotRenderable(
        f"There is no renderer for {type(obj).__module__}.{type(obj).__qualname__}",
        "Save it to a file and log that, or give a figure, frame, dictionary, list, text, bytes or array",
    )


# -- at delivery ----------------------------------------------------------------------------------------


def finish(encoding: str, payload: bytes | memoryview, path: str = "") -> bytes | memoryview:
    """Turn a spooled payload into the bytes of the file that is stored under `path`."""
    if encoding == parquet.ENCODING:
        return parquet.parquet_from_ipc(payload)
    return page.build(payload, path) if encoding == page.ENCODING else payload


def scripts(encoding: str, payload: bytes | memoryview) -> tuple[Script, ...]:
    """The scripts that a spooled file needs beside it in its run."""
    return page.scripts(payload) if encoding == page.ENCODING else ()
