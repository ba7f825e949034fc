"""Objects that nothing else knows."""

from __future__ import annotations

import io
from fractions import Fraction

import joblib
import pytest

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.renderers import Limits, pickled


def test_an_object_comes_back_and_carries_a_warning() -> None:
    rendered = pickled.render(Fraction(1, 2), {}, Limits())
    (file,) = rendered.files
    assert (file.suffix, rendered.folder) == (".joblib", "objects")
    assert "trust" in str(rendered.note)
    assert joblib.load(io.BytesIO(file.data)) == Fraction(1, 2)


def test_what_cannot_be_pickled_says_what_to_do() -> None:
    with pytest.raises(NotRenderable, match="Save it to a file"):
        pickled.render(lambda: 1, {}, Limits())
