"""Any other object, by joblib: the last resort of what is given by hand."""

from __future__ import annotations

import io
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits

NOTE = "pickled by joblib: joblib.load runs code, load it only if you trust its author"


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep an object as ``.joblib``.

    Raises
    ------
    NotRenderable
        It cannot be pickled.
    """
    import joblib

    buffer = io.BytesIO()
    try:
        joblib.dump(obj, buffer)
    except Exception as error:  # an object's own __reduce__ may raise anything
        name = f"{type(obj).__module__}.{type(obj).__qualname__}"
        raise NotRenderable(
            f"There is no renderer for {name}, and it cannot be pickled ({error})",
            "Save it to a file and log that, or give a figure, frame, dictionary, list, text, bytes or array",
        ) from error
    file = File(".joblib", "application/x-joblib", buffer.getvalue())
    return Rendered("object", "objects", (file,), note=NOTE)
