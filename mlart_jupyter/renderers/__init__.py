"""Objects to files: a table from qualified type names to functions.

A type is told by its name along ``type(obj).__mro__``: no library is imported to recognise its objects.
"""

from __future__ import annotations

from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.renderers import figure, frame, value
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, Renderer

__all__ = ["Bundle", "Deferred", "Limits", "finish", "kind_of", "renderer_for", "shown_renderer"]

SHOWN: dict[str, tuple[str, Renderer]] = {
    "matplotlib.figure.Figure": ("figures", figure.render),
    "ipympl.backend_nbagg.Canvas": ("figures", figure.render),
    "matplotlib.animation.Animation": ("figures", figure.render_animation),
    "pandas.DataFrame": ("frames", frame.render),
    "pandas.Series": ("frames", frame.render),
    "pandas.core.frame.DataFrame": ("frames", frame.render),  # the name before pandas 3
    "pandas.core.series.Series": ("frames", frame.render),
}
"""Kept when a cell shows them: type → (the setting that switches it, renderer)."""

GIVEN: dict[str, Renderer] = {
    "builtins.dict": value.render_json,
    "builtins.list": value.render_json,
    "builtins.tuple": value.render_json,
    "builtins.str": value.render_text,
    "builtins.bytes": value.render_bytes,
    "builtins.bytearray": value.render_bytes,
    "numpy.ndarray": value.render_array,
}
"""Kept only when they are given by hand."""


def _names(obj: Any) -> list[str]:
    return [f"{cls.__module__}.{cls.__qualname__}" for cls in type(obj).__mro__]


def shown_renderer(obj: Any) -> tuple[str, Renderer] | None:
    """Find the setting and the renderer of an object that a cell has shown."""
    return next((SHOWN[name] for name in _names(obj) if name in SHOWN), None)


def kind_of(obj: Any) -> str | None:
    """The setting that switches the capture of this object; None for what is not captured."""
    found = shown_renderer(obj)
    return found[0] if found else None


def renderer_for(obj: Any) -> Renderer:
    """Find the renderer of an object that was given by hand.

    Raises
    ------
    NotRenderable
        None knows it.
    """
    if found := shown_renderer(obj):
        return found[1]
    for name in _names(obj):
        if name in GIVEN:
            return GIVEN[name]
    raise NotRenderable(
        f"There is no renderer for {type(obj).__module__}.{type(obj).__qualname__}",
        "Save it to a file and log that, or give a figure, frame, dictionary, list, text, bytes or array",
    )


def finish(encoding: str, payload: bytes | memoryview) -> bytes | memoryview:
    """Turn a spooled payload into the bytes of the stored file."""
    return frame.parquet_from_ipc(payload) if encoding == frame.ENCODING else payload
