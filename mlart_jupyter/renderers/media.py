"""Pictures, sound and video: the bytes that the cell's output embeds."""

from __future__ import annotations

import base64
import io
import re
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
EMBEDDED = re.compile(
    r"""src\s*=\s*(["'])data:((?:audio|video)/[a-z0-9.+-]+)(?:;[a-z0-9=.+-]+)*;base64,""", re.IGNORECASE
)


def picture(media_type: str, data: str | bytes) -> Rendered:
    """A picture of a bundle: the very bytes shown."""
    suffix = ".svg" if media_type == "image/svg+xml" else PICTURES[media_type]
    file = File(suffix, media_type, figure.as_bytes(media_type, data))
    return Rendered("image", FOLDER, (file,))


def render_image(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a PIL picture: the bytes shown, else a PNG of it."""
    for kind in PICTURES:
        if bundle.get(kind):
            return _sized(picture(kind, bundle[kind]), obj)
    buffer = io.BytesIO()
    (obj.convert("RGBA") if obj.mode not in ("1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA") else obj).save(
        buffer, "PNG"
    )
    return _sized(picture("image/png", buffer.getvalue()), obj)


def _sized(made: Rendered, obj: Any) -> Rendered:
    return Rendered(made.kind, made.folder, made.files, shape=tuple(obj.size))


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
