"""Charts drawn for the browser: with the installed script, with the run's, or with a sentence; always bounded."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter import drawing
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.drawing import drawn
from mlart_jupyter.errors import MlartError, UnknownArtifact, WrongContent
from mlart_jupyter.models import RunRef
from mlart_jupyter.renderers import libraries
from mlart_jupyter.renderers.page import build, chart_file
from mlart_jupyter.store import MemoryStore

CODE = b"/** plotly.js v9.8.7 */ code('<!--', '</script>')"
INERT = r"/** plotly.js v9.8.7 */ code('<\!--', '<\/script>')"
HOSTILE = "</script><script>hacked()</script>"
SPEC = json.dumps({"data": [{"y": [1], "name": HOSTILE}], "layout": {}}).encode()
PLOTLY = "charts/a.plotly.json"


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put(PLOTLY, SPEC)
    return store


@pytest.fixture
def artifacts(store: MemoryStore) -> Artifacts:
    return Artifacts(RunRef("r1", "sqlite:////x.db"), store)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where plotly is installed, as far as its script goes."""
    place = tmp_path / "plotly"
    (place / "package_data").mkdir(parents=True)
    (place / "package_data" / "plotly.min.js").write_bytes(CODE)
    monkeypatch.setattr(libraries, "_place", lambda module: place)
    return place


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library is installed."""
    monkeypatch.setattr(libraries, "_place", lambda module: None)


def test_a_specification_is_drawn_with_the_installed_script(artifacts: Artifacts, place: Path) -> None:
    page = drawn(artifacts, PLOTLY)
    assert f"<script>{INERT}</script>" in page
    assert "Plotly.newPlot" in page
    assert HOSTILE not in page
    assert "\\u003c/script>" in page
    assert " src=" not in page


def test_a_packed_specification_is_unpacked(artifacts: Artifacts, store: MemoryStore, place: Path) -> None:
    store.put("b.plotly.json.gz", gzip.compress(SPEC))
    assert drawn(artifacts, "b.plotly.json.gz") == drawn(artifacts, PLOTLY)


def test_without_the_package_the_runs_own_script_draws(artifacts: Artifacts, store: MemoryStore, nothing: None) -> None:
    store.put("lib/vega-lite-5.min.js", b"vega()")
    store.put("lib/plotly-1.2.3.min.js", b"kept()")
    store.put("a.vl.json", b"{}")
    assert "<script>kept()</script>" in drawn(artifacts, PLOTLY)
    assert "<script>vega()</script>" in drawn(artifacts, "a.vl.json")


@pytest.mark.parametrize(
    ("name", "package"), [("a.plotly.json", "plotly"), ("a.vl.json", "vl-convert-python"), ("a.bokeh.json", "bokeh")]
)
def test_without_either_the_sentence_names_what_to_install(
    artifacts: Artifacts, store: MemoryStore, nothing: None, name: str, package: str
) -> None:
    store.put(name, b"{}")
    with pytest.raises(MlartError, match=f"`pip install {package}`"):
        drawn(artifacts, name)


def test_the_page_that_was_kept_is_drawn_with_the_script_of_its_run(
    artifacts: Artifacts, store: MemoryStore, place: Path
) -> None:
    store.put("charts/a.html", build(bytes(chart_file("plotly", SPEC).data), "charts/a.html"))
    store.put("lib/plotly-9.8.7.min.js", b"kept()")
    assert "<script>kept()</script>" in drawn(artifacts, "charts/a.html")


def test_a_page_that_has_lost_its_script_is_an_unknown_artifact(
    artifacts: Artifacts, store: MemoryStore, place: Path
) -> None:
    store.put("charts/a.html", build(bytes(chart_file("plotly", SPEC).data), "charts/a.html"))
    with pytest.raises(UnknownArtifact, match=r"lib/plotly-9\.8\.7"):
        drawn(artifacts, "charts/a.html")


@pytest.mark.parametrize("name", ["notes.json", "page.html", "words.txt"])
def test_what_is_no_chart_is_not_drawn(artifacts: Artifacts, store: MemoryStore, place: Path, name: str) -> None:
    store.put(name, b'{"data": 1}')
    with pytest.raises(WrongContent, match="no chart"):
        drawn(artifacts, name)


def large(store: MemoryStore) -> None:
    store.put(PLOTLY, SPEC + b" " * drawing.LARGEST)


def bomb(store: MemoryStore) -> None:
    store.put(PLOTLY, gzip.compress(b" " * (drawing.LARGEST + 1)))


@pytest.mark.parametrize("put", [large, bomb])
def test_what_is_too_large_is_told_so(artifacts: Artifacts, store: MemoryStore, place: Path, put: Any) -> None:
    put(store)
    with pytest.raises(WrongContent, match="larger than"):
        drawn(artifacts, PLOTLY)


def test_a_script_that_is_too_large_is_not_read(artifacts: Artifacts, store: MemoryStore, place: Path) -> None:
    store.put("charts/a.html", build(bytes(chart_file("plotly", SPEC).data), "charts/a.html"))
    store.put("lib/plotly-9.8.7.min.js", b" " * (drawing.LARGEST_SCRIPT + 1))
    with pytest.raises(WrongContent, match="larger than"):
        drawn(artifacts, "charts/a.html")


def test_a_file_that_is_too_large_is_not_even_opened(
    artifacts: Artifacts, store: MemoryStore, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large(store)
    monkeypatch.setattr(artifacts, "open", None)
    with pytest.raises(WrongContent, match="larger than"):
        drawn(artifacts, PLOTLY)
