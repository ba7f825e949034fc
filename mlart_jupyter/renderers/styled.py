"""Pandas Stylers: the data as a frame, and the page that was shown."""

from __future__ import annotations

import dataclasses
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers import frame
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits
from mlart_jupyter.renderers.page import html_file


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a Styler's data and its HTML."""
    caption = obj.caption or ""
    title = caption if isinstance(caption, str) else str(caption[0])
    page = html_file(bundle.get("text/html") or obj.to_html(), title)
    made = frame.render(obj.data, {}, limits)
    if isinstance(made, Rendered):
        return _both(made, page, title)
    later = made.render
    return Deferred(lambda: _both(later(), page, title), made.size + len(page.data), made.folder, title)


def _both(made: Rendered, page: File, title: str) -> Rendered:
    return dataclasses.replace(made, files=(*made.files, page), title=title)
