"""What explains a model's answers, given by hand: SHAP values and LIME explanations.

Their pictures are figures, and SHAP's force plots are charts; those are kept when a cell shows them.
"""

from __future__ import annotations

import io
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits
from mlart_jupyter.renderers.page import html_file

FOLDER = "explanations"
PARTS = ("values", "base_values", "data", "display_data", "feature_names", "output_names")
"""The parts of `shap.Explanation` that its plots draw."""


def render_shap(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a ``shap.Explanation`` as ``.npz``: arrays under its own names (values: samples × features [× outputs])."""
    import numpy as np

    parts = {name: _array(value) for name in PARTS if (value := getattr(obj, name, None)) is not None}
    buffer = io.BytesIO()
    try:
        np.savez(buffer, **parts, allow_pickle=False)
    except ValueError as error:
        raise NotRenderable("Ragged SHAP values are no arrays", "Give one sample of them: values[0]") from error
    file = File(".npz", "application/zip", buffer.getvalue())
    return Rendered("array", FOLDER, (file,), shape=tuple(parts["values"].shape))


def _array(value: Any) -> Any:
    """The array; texts where cells are Python objects, which a file holds without pickle."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype != object:
        return array
    return array.astype(str) if all(isinstance(cell, (str, int, float)) for cell in array.flat) else array


def render_lime(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a LIME explanation as the page that LIME makes of it."""
    return Rendered("html", FOLDER, (html_file(obj.as_html()),))
