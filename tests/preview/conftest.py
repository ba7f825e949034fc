"""Files of all kinds, made small."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from mlart_jupyter.preview import Preview, look

Looking = Callable[..., Any]


@pytest.fixture
def see() -> Looking:
    """Preview some bytes under a name."""

    def see(data: bytes, name: str, at: int = 0, **more: Any) -> Preview:
        return look(io.BytesIO(data), len(data), name, at, **more)

    return see


@pytest.fixture
def facts() -> Callable[[Any], dict[str, str]]:
    """A preview's facts, or a column's, as a dictionary."""

    def facts(of: Any) -> dict[str, str]:
        return {fact.label: fact.value for fact in getattr(of, "stats", None) or getattr(of, "facts", ())}

    return facts
