"""The specifications of charts: told by what they say of themselves, by their form, else by their name."""

from __future__ import annotations

import re
from typing import Any

from mlart_jupyter.preview.previews import Chart, Preview, Tree
from mlart_jupyter.preview.source import Source
from mlart_jupyter.preview.text import text
from mlart_jupyter.preview.tree import tree

NAMES = {".plotly.json": "plotly", ".vl.json": "vega", ".vg.json": "vega", ".bokeh.json": "bokeh"}
SCHEMA = re.compile(rb'"\$schema"\s*:\s*"https?://vega\.github\.io/schema/(vega|vega-lite)/v(\d+)[0-9.]*(?:\.json)?"')
SCHEMA_BYTES = 4096
"""Altair sorts it first."""
PLOTLY = {"data", "layout", "frames", "config"}


def chart(source: Source) -> Preview | None:
    """Preview a specification of plotly, Vega, Vega-Lite or Bokeh; None for anything else."""
    if source.suffix != ".json" or source.at:
        return None
    below = tree(source)
    schema = SCHEMA.search(source.head[:SCHEMA_BYTES])
    library = "vega" if schema else _by_name(source.name) or _by_form(below)
    if library is None:
        return None
    version = schema[2].decode() if schema and schema[1] == b"vega-lite" else ""
    return Chart(library, below or text(source), source.size, version)


def _by_name(name: str) -> str | None:
    return next((library for suffix, library in NAMES.items() if name.lower().endswith(suffix)), None)


def _by_form(below: Tree | None) -> str | None:
    """What a small file's values look like."""
    value: Any = below and below.value
    if not isinstance(value, dict):
        return None
    is_plotly = _are_objects(value.get("data")) and isinstance(value.get("layout"), dict) and not value.keys() - PLOTLY
    is_bokeh = isinstance(value.get("docs"), dict) and _are_objects(value.get("items")) and len(value) == 2
    return "plotly" if is_plotly else "bokeh" if is_bokeh else None


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
