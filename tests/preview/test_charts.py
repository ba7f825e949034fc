"""Specifications of charts: told apart from other JSON, with what they hold below."""

from __future__ import annotations

import json

import pytest

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.1.0.json"
VEGA = "https://vega.github.io/schema/vega/v5.json"
BOKEH = {"docs": {"1": {}}, "items": [{"docid": "1"}]}


@pytest.mark.parametrize(
    ("name", "value", "library", "version"),
    [
        ("a.plotly.json", {}, "plotly", ""),
        ("A.VL.json", {}, "vega", ""),
        ("a.vg.json", {}, "vega", ""),
        ("a.json", {"$schema": VEGA_LITE}, "vega", "6"),
        ("a.json", {"$schema": VEGA}, "vega", ""),
        ("a.json", {"data": [], "layout": {}}, "plotly", ""),
        ("a.json", {"data": [{"y": [1]}], "layout": {}, "frames": []}, "plotly", ""),
        ("a.json", BOKEH, "bokeh", ""),
    ],
)
def test_a_specification_is_told_by_name_schema_and_form(see, name, value, library, version):
    shown = see(json.dumps(value).encode(), name)
    assert (shown.kind, shown.library, shown.version) == ("chart", library, version)
    assert (shown.below.kind, shown.below.value) == ("tree", value)


@pytest.mark.parametrize(
    "value",
    [
        {"data": [1], "layout": {}},
        {"data": [{}], "layout": []},
        {"data": [], "layout": {}, "page": 2},
        {"$schema": "https://json-schema.org/draft/2020-12/schema"},
        {"docs": {}, "items": [], "total": 0},
        [],
        None,
    ],
)
def test_other_json_is_no_chart(see, value):
    assert see(json.dumps(value).encode(), "a.json").kind == "tree"


def test_a_large_one_has_its_text_below_with_the_next_part(see):
    data = json.dumps({"data": [{"y": list(range(100_000))}], "layout": {}}, indent=0).encode()
    shown = see(data, "a.plotly.json")
    assert (shown.kind, shown.below.kind, shown.below.truncated) == ("chart", "text", True)
    assert see(data, "a.plotly.json", shown.below.more).kind == "text"


def test_a_broken_one_has_its_text_below(see):
    shown = see(b'{"data": [', "a.plotly.json")
    assert (shown.kind, shown.below.text) == ("chart", '{"data": [')
