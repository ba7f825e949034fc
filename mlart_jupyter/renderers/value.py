"""Plain values given by hand: dictionaries, text, bytes, arrays."""

from __future__ import annotations

import io
import json
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits


def render_json(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a dictionary, list or tuple as JSON.

    Raises
    ------
    NotRenderable
        A part of it has no place in JSON.
    """
    try:
        data = json.dumps(obj, indent=2, ensure_ascii=False, default=_plain).encode()
    except (TypeError, ValueError) as error:
        raise NotRenderable(
            f"This {type(obj).__name__} does not fit JSON ({error})", "Turn its parts into plain values"
        ) from error
    return _one("json", "data", ".json", "application/json", data)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def render_text(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a string as UTF-8 text.

    Raises
    ------
    NotRenderable
        A character of it has no place in UTF-8.
    """
    try:
        return _one("text", "text", ".txt", "text/plain", obj.encode())
    except UnicodeEncodeError as error:
        raise NotRenderable(f"This text does not fit UTF-8 ({error.reason})", "Give it as bytes") from error


def render_bytes(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep bytes as they are."""
    return _one("bytes", "data", ".bin", "application/octet-stream", bytes(obj))


def render_array(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a NumPy array as ``.npy``; arrays of objects would need pickle and are refused."""
    import numpy as np

    if isinstance(obj, np.ma.MaskedArray):
        raise NotRenderable("A masked array would lose its mask", "Give its data and its mask, or obj.filled(...)")
    buffer = io.BytesIO()
    try:
        np.save(buffer, obj, allow_pickle=False)
    except ValueError as error:
        raise NotRenderable("An array of Python objects cannot be stored safely", "Give it a plain dtype") from error
    rendered = _one("array", "data", ".npy", "application/x-npy", buffer.getvalue())
    return Rendered(rendered.kind, rendered.folder, rendered.files, shape=obj.shape)


def _one(kind: str, folder: str, suffix: str, media_type: str, data: bytes) -> Rendered:
    return Rendered(kind, folder, (File(suffix, media_type, data),))
