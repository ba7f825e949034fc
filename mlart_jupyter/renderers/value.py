"""Plain values given by hand: dictionaries, text, bytes, arrays."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits
from mlart_jupyter.renderers.plain import safe_yaml, strict_json

PLAIN = "Turn its parts into plain values"


def render_json(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a mapping, list, tuple, set or dataclass as JSON.

    Raises
    ------
    NotRenderable
        A part of it has no place in JSON.
    """
    return _written(obj, strict_json, "JSON", ".json", "application/json")


def render_yaml(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep the same values as YAML, which has words for NaN and the infinities.

    Raises
    ------
    NotRenderable
        A part of it has no place in YAML.
    """
    return _written(obj, safe_yaml, "YAML", ".yaml", "application/yaml")


def render_yml(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep the same values as YAML, under the short suffix."""
    return _written(obj, safe_yaml, "YAML", ".yml", "application/yaml")


def _written(
    obj: Any, write: Callable[[Any], tuple[str, str | None]], form: str, suffix: str, media_type: str
) -> Rendered:
    try:
        text, note = write(obj)
        return replace(_one(form.lower(), "data", suffix, media_type, text.encode()), note=note)
    except RecursionError as error:
        raise NotRenderable(f"This {type(obj).__name__} does not fit {form} (it holds itself)", PLAIN) from error
    except (TypeError, ValueError) as error:
        raise NotRenderable(f"This {type(obj).__name__} does not fit {form} ({error})", PLAIN) from error


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
    return replace(_one("array", "data", ".npy", "application/x-npy", buffer.getvalue()), shape=obj.shape)


def _one(kind: str, folder: str, suffix: str, media_type: str, data: bytes) -> Rendered:
    return Rendered(kind, folder, (File(suffix, media_type, data),))
