"""Matplotlib figures: the very bytes that the cell showed."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = {
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | None:
    """Keep a figure, or an ipympl canvas, as every picture of it in the bundle."""
    figure = _figure_of(obj)
    shown = bundle or {"image/png": _drawn(figure)}
    files = tuple(_file(kind, shown[kind]) for kind in PICTURES if shown.get(kind))
    if not files:
        return None
    return Rendered("figure", "figures", files, title=title(figure), shape=_pixels(figure))


def _figure_of(obj: Any) -> Figure:
    figure: Figure = obj if hasattr(obj, "savefig") else obj.figure
    return figure


def title(figure: Figure) -> str:
    """The figure's own name: its title, that of its first titled axes, or its label."""
    suptitle = getattr(figure, "_suptitle", None)
    titles = [suptitle.get_text() if suptitle else ""]
    titles += [axes.get_title(loc) for axes in figure.axes for loc in ("center", "left", "right")]
    titles += [str(figure.get_label() or "")]
    return next((text for text in titles if text.strip()), "")


def _file(media_type: str, data: str | bytes) -> File:
    return File(PICTURES[media_type], media_type, as_bytes(media_type, data))


def as_bytes(media_type: str, data: str | bytes) -> bytes:
    """A bundle's picture as bytes: Jupyter carries binary types as base64, SVG as text."""
    if isinstance(data, bytes):
        return data
    return data.encode() if media_type == "image/svg+xml" else base64.b64decode(data)


def _drawn(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()


def _pixels(figure: Figure) -> tuple[int, int]:
    width, height = figure.get_size_inches() * figure.dpi
    return round(width), round(height)
