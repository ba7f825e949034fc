"""Renderers of other packages: the entry point group ``mlart.renderers``.

The name of an entry point is the qualified name of a type, its value the renderer::

    [project.entry-points."mlart.renderers"]
    "mypackage.charts.Chart" = "mypackage.mlart:render"

Looked for when a type is shown that no renderer here knows, and loaded when it is the type's own.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from mlart_jupyter.renderers.base import Renderer
from mlart_jupyter.trouble import trouble

GROUP = "mlart.renderers"


@cache
def known() -> dict[str, EntryPoint]:
    """All that are installed, by the type's name. The first look takes some 30 ms for 300 packages."""
    return {point.name: point for point in entry_points(group=GROUP)}


@cache
def loaded(name: str) -> Renderer | None:
    """The renderer for a type's name; None where there is none, or it cannot be loaded (warned of once)."""
    point = known().get(name)
    if point is None:
        return None
    try:
        renderer = point.load()
        if not callable(renderer):
            raise TypeError(f"{point.value} is no function")
        return cast(Renderer, renderer)
    except Exception:  # somebody else's module may raise anything; the cell goes on without it
        trouble("The renderer %s for %s cannot be loaded", point.value, name)
        return None
