"""Renderers of other packages, found by the entry point group."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.renderers import Limits, kind_of, plugins, renderer_for, shown_renderer

MODULE = """
from mlart_jupyter.models import File, Rendered
class Chart: pass
class Child(Chart): pass
class Broken: pass
class NoFunction: pass
number = 3
def render(obj, bundle, limits):
    return Rendered("chart", "charts", (File(".txt", "text/plain", b"a chart"),))
"""
POINTS = """[mlart.renderers]
theirs.Chart = theirs:render
theirs.Broken = not_there:render
theirs.NoFunction = theirs:number
"""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A package with renderers, installed as far as Python can tell."""
    (tmp_path / "theirs.py").write_text(MODULE)
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    import theirs  # type: ignore[import-not-found]

    yield theirs
    sys.modules.pop("theirs")
    monkeypatch.undo()
    forget()


def forget() -> None:
    plugins.known.cache_clear()
    plugins.loaded.cache_clear()


def test_a_type_of_another_package_finds_its_renderer(theirs: Any) -> None:
    chosen = shown_renderer(theirs.Chart(), {"text/plain": "x"})
    assert chosen == ("outputs", theirs.render)
    assert chosen[1](theirs.Chart(), {}, Limits()).files[0].data == b"a chart"


def test_so_does_one_that_inherits(theirs: Any) -> None:
    assert kind_of(theirs.Child()) == "outputs"


def test_and_one_that_is_given_by_hand(theirs: Any) -> None:
    assert renderer_for(theirs.Chart()) is theirs.render


@pytest.mark.parametrize("name", ["Broken", "NoFunction"])
def test_a_broken_one_is_one_warning_and_the_bundle_is_kept(
    theirs: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    obj = getattr(theirs, name)()
    with caplog.at_level(logging.WARNING, "mlart_jupyter"):
        kinds = [kind_of(obj, {"text/html": "<p>x</p>"}) for _ in range(3)]
    assert kinds == ["outputs"] * 3
    assert len(caplog.records) == 1


def test_our_own_types_do_not_look_for_others() -> None:
    code = (
        "import pandas as pd\nfrom mlart_jupyter.renderers import kind_of, plugins\n"
        "kind_of(pd.DataFrame()), kind_of(3), kind_of(None)\nprint(plugins.known.cache_info().misses)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "0"
