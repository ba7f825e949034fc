"""Pictures, sound and video: the bytes that the cell's output embeds."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers import figure
from mlart_jupyter.renderers.base import Bundle, Limits

FOLDER = "media"
PICTURES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
}
SUFFIXES = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "video/quicktime": ".mov",
}
IN_PNG = ("1", "L", "LA", "I;16", "P", "RGB", "RGBA")
"""PIL's modes that a PNG holds."""
EMBEDDED = re.compile(
    r"""src\s*=\s*(["'])data:((?:audio|video)/[a-z0-9.+-]+)(?:;[a-z0-9=.+-]+)*;base64,""", re.IGNORECASE
)


def picture(media_type: str, data: str | bytes) -> Rendered:
    """A picture of a bundle: the very bytes shown."""
    suffix = ".svg" if media_type == "image/svg+xml" else PICTURES[media_type]
    file = File(suffix, media_type, figure.as_bytes(media_type, data))
    return Rendered("image", FOLDER, (file,))


def render_image(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a PIL picture: the bytes shown, else a PNG of it, or a TIFF where PNG has not its colours."""
    shown = next((kind for kind in PICTURES if bundle.get(kind)), None)
    made = picture(shown, bundle[shown]) if shown else _drawn(obj)
    return replace(made, shape=tuple(obj.size))


def _drawn(obj: Any) -> Rendered:
    if obj.mode in IN_PNG:
        return picture("image/png", _saved(obj, "PNG"))
    try:
        return Rendered("image", FOLDER, (File(".tif", "image/tiff", _saved(obj, "TIFF")),))
    except (OSError, ValueError, KeyError):
        made = picture("image/png", _saved(obj.convert("RGB"), "PNG"))
        return replace(made, note=f"converted from the colours {obj.mode} to RGB")


def _saved(obj: Any, form: str) -> bytes:
    buffer = io.BytesIO()
    obj.save(buffer, form)
    return buffer.getvalue()


def embedded(page: str) -> Rendered | None:
    """The sound or video that a piece of HTML has inside."""
    found = EMBEDDED.search(page)
    if not found:
        return None
    end = page.find(found[1], found.end())
    media_type = found[2].lower()
    data = base64.b64decode(page[found.end() : end if end >= 0 else len(page)])
    kind = media_type.partition("/")[0]
    return Rendered(kind, FOLDER, (File(SUFFIXES.get(media_type, ".bin"), media_type, data),))
