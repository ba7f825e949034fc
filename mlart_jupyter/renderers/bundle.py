"""Anything else that a cell shows: the richest file of its MIME bundle.

Text alone does not count, nor does a widget's view: its state lives in the kernel, and a page of it
would have to be rendered in the cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers import chart, media
from mlart_jupyter.renderers.base import Bundle, Limits, Made, Renderer, Skipped
from mlart_jupyter.renderers.page import html_file

FOLDER = "outputs"
JSON = {"application/json": ".json", "application/geo+json": ".geojson"}
TEXTS = {"text/markdown": (".md", "markdown"), "text/latex": (".tex", "latex")}
SVG, SCRIPT = "image/svg+xml", "application/javascript"
LOADS = re.compile(r"application/vnd\.[a-z]+_load\.v\d+\+json")
"""What Bokeh and HoloViews publish with the scripts that they load."""
LINK = re.compile(r"""<(?!a\b)[a-z][^<>]*?\s(?:src|data|href)\s*=\s*["']?(?!data:|#|blob:|about:)([^"'\s<>]+)""", re.I)
LINK_CHARACTERS = 200_000
"""How far into a page its links are looked for."""
SHOWN_LINKS = 3


def choice(bundle: Bundle) -> tuple[str, Renderer] | None:
    """The setting and the renderer of a bundle whose object no renderer knows."""
    kinds = [kind for kind, value in bundle.items() if value is not None]
    if chart.PLOTLY in kinds:
        return "charts", chart.render_plotly
    if any(chart.VEGA.fullmatch(kind) for kind in kinds):
        return "charts", chart.render_vega
    if chart.BOKEH_EXEC in kinds or any(LOADS.fullmatch(kind) for kind in kinds):
        return "charts", chart.render_bokeh
    if any(kind in media.PICTURES for kind in kinds) or kinds_of(kinds) == SVG:
        return "media", render
    return ("outputs", render) if kinds_of(kinds) or SCRIPT in kinds else None


def kinds_of(kinds: list[str]) -> str | None:
    """The richest media type: pictures, JSON, HTML, SVG, Markdown, LaTeX."""
    order = (*media.PICTURES, *JSON, "text/html", SVG, *TEXTS)
    return next((kind for kind in order if kind in kinds), None)


def render(obj: Any, bundle: Bundle, limits: Limits) -> Made:
    """Keep the richest file of a bundle."""
    kind = kinds_of([name for name, value in bundle.items() if value])
    if kind is None:
        return Skipped("a script, which is not run outside of the notebook") if SCRIPT in bundle else None
    data = bundle[kind]
    if kind in media.PICTURES or kind == SVG:
        return media.picture(kind, data)
    if kind in JSON:
        text = data if isinstance(data, str) else json.dumps(data, indent=2, ensure_ascii=False)
        return Rendered("json", FOLDER, (File(JSON[kind], kind, text.encode(errors="replace")),))
    if kind == "text/html":
        return _page(data, bundle)
    suffix, name = TEXTS[kind]
    return Rendered(name, FOLDER, (File(suffix, kind, str(data).encode(errors="replace")),))


def _page(text: str, bundle: Bundle) -> Made:
    if chart.is_setup(bundle):
        if "<script" not in text.lower():
            return Skipped("a style sheet alone")
        return Skipped("scripts alone: what a library loads before it shows something")
    if "<script" not in text and ("data-root-id=" in text or "Loading BokehJS" in text):
        return Skipped("the frame of a Bokeh chart, which comes after it")
    links = list(dict.fromkeys(LINK.findall(text[:LINK_CHARACTERS])))
    note = f"linked, not kept: {', '.join(link[:100] for link in links[:SHOWN_LINKS])}" if links else None
    return Rendered("html", FOLDER, (html_file(text),), note=note)


def render_player(obj: Any, bundle: Bundle, limits: Limits) -> Made:
    """Keep IPython's Audio or Video: the sound or film itself where the output embeds it, else the page."""
    shown = bundle or bundle_of(obj)
    return media.embedded(shown.get("text/html", "")) or render(obj, shown, limits)


def render_given(obj: Any, bundle: Bundle, limits: Limits) -> Made:
    """Keep an object that was given by hand and can show itself."""
    return render(obj, bundle or bundle_of(obj), limits)


METHODS = {
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "application/json": "_repr_json_",
    "text/html": "_repr_html_",
    SVG: "_repr_svg_",
    "text/markdown": "_repr_markdown_",
    "text/latex": "_repr_latex_",
}


def can_show_itself(obj: Any) -> bool:
    """Whether an object has a rich form of its own."""
    names = ("_repr_mimebundle_", *METHODS.values())
    return not isinstance(obj, type) and any(callable(getattr(type(obj), name, None)) for name in names)


def bundle_of(obj: Any) -> dict[str, Any]:
    """What IPython would show of an object, for one that is given by hand: its rich forms."""
    made: dict[str, Any] = {}
    for kind, name in METHODS.items():
        if value := _plain(_called(obj, name)):
            made[kind] = value
    whole = _plain(_called(obj, "_repr_mimebundle_"))
    return {**made, **(whole if isinstance(whole, dict) else {})}


def _called(obj: Any, name: str) -> Any:
    method: Callable[[], Any] | None = getattr(obj, name, None)
    return method() if callable(method) else None


def _plain(value: Any) -> Any:
    """Without the metadata that may come with it."""
    return value[0] if isinstance(value, tuple) else value
