"""Pandas Stylers: the data as a frame, and the page that was shown."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers import frame
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits
from mlart_jupyter.renderers.page import html_file


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a Styler's data and its HTML."""
    caption = obj.caption or ""
    title = caption if isinstance(caption, str) else str(caption[0])
    text = bundle.get("text/html") or obj.to_html()
    page = html_file(text, title, _same(text, f"T_{obj.uuid}"))
    made = frame.render(obj.data, {}, limits)
    if isinstance(made, Rendered):
        return _both(made, page, title)
    later = made.render
    return Deferred(lambda: _both(later(), page, title), made.size + len(page.data), made.folder, title)


def _same(text: str, drawn: str) -> str:
    """What `alike` tells, but of the one name that this Styler drew for its table and put before those of its cells."""
    return hashlib.sha256(text.replace(drawn, "T_").encode(errors="replace")).hexdigest() if drawn in text else ""


def _both(made: Rendered, page: File, title: str) -> Rendered:
    return dataclasses.replace(made, files=(*made.files, page), title=title)
