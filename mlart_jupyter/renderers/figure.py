"""Matplotlib figures: the very bytes that the cell showed."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

PICTURES = {
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}
BY_LOT = {
    "image/svg+xml": (re.compile(rb'id="([A-Za-z]\w*?[0-9a-f]{10})"'), re.compile(rb"<dc:date>([^<]*)</dc:date>")),
    "application/pdf": (re.compile(rb"/CreationDate \(D:([^)]*)\)"),),
    "text/html": (re.compile(rb"([0-9a-f]{32})"),),
}
"""What matplotlib draws by lot for each file, or takes from the clock."""
TEXTS = ("image/svg+xml", "text/html")
FEW = 50
"""So many names are replaced one after another, which is faster than one pass by a pattern."""


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | None:
    """Keep a figure, or an ipympl canvas, as every picture of it in the bundle."""
    figure = figure_of(obj)
    shown = bundle or {"image/png": _drawn(figure)}
    files = tuple(_file(kind, shown[kind]) for kind in PICTURES if shown.get(kind))
    if not files:
        return None
    return Rendered("figure", "figures", files, title=title(figure), shape=_pixels(figure))


def render_animation(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | None:
    """Keep an animation as the page that was shown (``animation.html`` = ``jshtml`` or ``html5``)."""
    page = bundle.get("text/html") or (None if bundle else obj.to_jshtml())
    if not page:
        return None
    file = File(".html", "text/html", page.encode(), alike=_alike("text/html", page))
    return Rendered("animation", "figures", (file,), title=title(figure_of(obj)))


def figure_of(obj: Any) -> Figure:
    """The figure of a figure, an ipympl canvas or an animation."""
    if hasattr(obj, "to_jshtml"):
        obj = obj._fig  # noqa: SLF001  an animation has no other way to its figure
    figure: Figure = obj if hasattr(obj, "savefig") else obj.figure
    return figure


def subject_of(obj: Any) -> Any:
    """The object whose showings follow on one another: a canvas counts as its figure, an animation as itself."""
    return obj if hasattr(obj, "to_jshtml") else figure_of(obj)


def look(bundle: Bundle) -> str | int:
    """A value that two bundles share when they show the same picture; the cheapest picture decides."""
    for media_type in (*PICTURES, "text/html"):
        if data := bundle.get(media_type):
            return _alike(media_type, data) if media_type in BY_LOT else hash(data)
    return ""


@lru_cache(maxsize=1)  # it is asked twice of each showing: which run, and whether it is there already
def _alike(media_type: str, data: str | bytes) -> str:
    """Digest of a picture in which what is drawn by lot is numbered in its order."""
    content = as_bytes(media_type, data)
    found = dict.fromkeys(name for pattern in BY_LOT[media_type] for name in pattern.findall(content))
    numbers = {name: b"%d" % i for i, name in enumerate(found)}
    return hashlib.sha256(_replaced(content, numbers)).hexdigest()


def _replaced(data: bytes, numbers: dict[bytes, bytes]) -> bytes:
    if len(numbers) > FEW:
        return re.sub(rb"[A-Za-z]\w*[0-9a-f]{10}", lambda match: numbers.get(match[0], match[0]), data)
    for name, number in numbers.items():
        data = data.replace(name, number)
    return data


def title(figure: Figure | SubFigure) -> str:
    """The figure's own name: its title, that of its first titled axes, or its label."""
    suptitle = getattr(figure, "_suptitle", None)
    titles = [suptitle.get_text() if suptitle else ""]
    titles += [title(part) for part in figure.subfigs]
    titles += [axes.get_title(loc) for axes in figure.axes for loc in ("center", "left", "right")]
    titles += [str(figure.get_label() or "")]
    return next((text for text in titles if text.strip()), "")


def _file(media_type: str, data: str | bytes) -> File:
    alike = _alike(media_type, data) if media_type in BY_LOT else ""
    return File(PICTURES[media_type], media_type, as_bytes(media_type, data), alike=alike)


def as_bytes(media_type: str, data: str | bytes) -> bytes:
    """A bundle's picture as bytes: Jupyter carries binary types as base64, SVG and HTML as text."""
    if isinstance(data, bytes):
        return data
    return data.encode() if media_type in TEXTS else base64.b64decode(data)


def _drawn(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight")
    return buffer.getvalue()


def _pixels(figure: Figure) -> tuple[int, int]:
    width, height = figure.get_size_inches() * figure.dpi
    return round(width), round(height)
