"""The table of renderers: types are told by name, without importing their libraries."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.renderers import Later, Limits, finish, kind_of, renderer_for, shown_renderer


class OwnFrame(pd.DataFrame):
    pass


class OwnDict(dict[str, int]):
    pass


def canvas() -> Any:
    return type("Canvas", (), {"__module__": "ipympl.backend_nbagg"})()


@pytest.mark.parametrize(
    ("obj", "kind"),
    [
        (Figure(), "figures"),
        (canvas(), "figures"),
        (pd.DataFrame(), "frames"),
        (pd.Series([], dtype="float64"), "frames"),
        (OwnFrame(), "frames"),
        ({}, None),
        ("text", None),
        (np.zeros(1), None),
        (3, None),
        (pd.Index([1]), None),
        (None, None),
    ],
)
def test_the_setting_that_switches_a_shown_object(obj: Any, kind: str | None) -> None:
    assert kind_of(obj) == kind


@pytest.mark.parametrize(
    ("obj", "renderer"),
    [
        (Figure(), Later("figure")),
        (pd.DataFrame(), Later("frame")),
        (OwnFrame(), Later("frame")),
        (OwnDict(), Later("value", "render_json")),
        ([], Later("value", "render_json")),
        ((), Later("value", "render_json")),
        ("", Later("value", "render_text")),
        (b"", Later("value", "render_bytes")),
        (bytearray(), Later("value", "render_bytes")),
        (np.zeros(1), Later("value", "render_array")),
    ],
)
def test_what_is_given_by_hand_finds_its_renderer(obj: Any, renderer: Any) -> None:
    assert renderer_for(obj) == renderer


@pytest.mark.parametrize(
    ("suffix", "renderer"),
    [
        (".yaml", Later("value", "render_yaml")),
        (".yml", Later("value", "render_yml")),
        (".json", Later("value", "render_json")),
        ("", Later("value", "render_json")),
    ],
)
def test_the_suffix_chooses_between_json_and_yaml(suffix: str, renderer: Any) -> None:
    assert renderer_for({"a": 1}, suffix) == renderer
    assert renderer_for({1}, suffix) == renderer


def test_what_ipython_displays_can_be_given() -> None:
    display = pytest.importorskip("IPython.display")
    (file,) = renderer_for(display.Markdown("# x"))(display.Markdown("# x"), {}, Limits()).files  # type: ignore[union-attr]
    assert file.suffix == ".md"


def test_plain_values_are_not_kept_when_shown() -> None:
    assert shown_renderer({"a": 1}) is None


def test_a_class_of_the_same_name_elsewhere_is_not_taken() -> None:
    assert kind_of(type("DataFrame", (), {"__module__": "elsewhere"})()) is None


@pytest.mark.parametrize("obj", [3, object(), 1j, None, len])
def test_an_unknown_type_is_refused_with_its_name(obj: Any) -> None:
    with pytest.raises(NotRenderable, match=type(obj).__qualname__):
        renderer_for(obj)


def test_raw_payloads_are_finished_as_they_are() -> None:
    payload = memoryview(b"\x00payload")
    assert finish("raw", payload).data is payload


@pytest.mark.parametrize("encoding", ["blocks", "Raw", ""])
def test_what_another_version_has_spooled_is_refused(encoding: str) -> None:
    with pytest.raises(NotRenderable, match="mlart flush --dead"):
        finish(encoding, b"payload")


def test_the_table_imports_no_library() -> None:
    code = (
        "import sys, mlart_jupyter.renderers\n"
        "print({'pandas', 'numpy', 'matplotlib', 'pyarrow', 'mlflow'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
