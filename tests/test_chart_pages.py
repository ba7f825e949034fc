"""Charts on their way: recorded, delivered with their script, downloaded."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import Skipped, chart, libraries
from mlart_jupyter.spool import Spool
from mlart_jupyter.store import MemoryStore, read_catalogue
from mlart_jupyter.uploads import Courier

RUN = RunRef("r1", "sqlite:////x.db")
CODE = b"/** plotly.js v9.8.7 */"
TAG = b'<script src="%s"></script>'


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Plotly, as far as its script goes."""
    place = tmp_path / "plotly"
    (place / "package_data").mkdir(parents=True)
    (place / "package_data" / "plotly.min.js").write_bytes(CODE)
    monkeypatch.setattr(libraries, "_place", lambda module: place)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def recorder(spool: Spool) -> Recorder:
    return Recorder(spool, "s1")


def show(recorder: Recorder, number: int = 1, *, name: str = "", **where: Any) -> Any:
    bundle = {chart.PLOTLY: {"data": [{"y": [number]}], "layout": {"title": {"text": name or f"chart {number}"}}}}
    return recorder.record(Shown(None, RUN, Cell("x", "c1", 3), bundle, **where), chart.render_plotly)


def deliver(spool: Spool, store: MemoryStore) -> None:
    Courier(spool, lambda run: store).deliver([claim for name in spool.mine() if (claim := spool.claim(name))])


class CountingStore(MemoryStore):
    """Remembers what was put."""

    def __init__(self) -> None:
        super().__init__()
        self.puts: list[str] = []

    def put(self, path: str, data: Any) -> None:
        self.puts.append(path)
        super().put(path, data)


def test_fifty_charts_share_one_script(recorder: Recorder, spool: Spool) -> None:
    store = CountingStore()
    for number in range(50):
        show(recorder, number)
    deliver(spool, store)
    assert [path for path in store.puts if path.startswith("lib/")] == ["lib/plotly-9.8.7.min.js"]
    assert sum(path.endswith(".html") for path in store.puts) == 50
    assert store.read("lib/plotly-9.8.7.min.js") == CODE


def test_a_later_session_finds_the_script_there(recorder: Recorder, spool: Spool) -> None:
    store = CountingStore()
    show(recorder, 1)
    deliver(spool, store)
    show(Recorder(spool, "s2"), 2)
    deliver(spool, store)
    assert store.puts.count("lib/plotly-9.8.7.min.js") == 1


def test_the_script_is_in_the_catalogue(recorder: Recorder, spool: Spool) -> None:
    store = MemoryStore()
    show(recorder)
    deliver(spool, store)
    entry = read_catalogue(store).entries["lib/plotly-9.8.7.min.js"]
    assert (entry.kind, entry.media_type, entry.size) == ("script", "text/javascript", len(CODE))


def test_names_and_versions_of_a_chart(recorder: Recorder) -> None:
    assert show(recorder, 1, name="Loss").paths == ("charts/loss.plotly.json", "charts/loss.html")
    assert show(recorder, 2, name="Loss").paths == ("charts/loss_v2.plotly.json", "charts/loss_v2.html")
    assert not show(recorder, 2, name="Loss").kept


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b/best.plotly.json", ("a/b/best.plotly.json", "a/b/best.html")),
        ("best.html", ("best.plotly.json", "best.html")),
        ("best", ("best.plotly.json", "best.html")),
    ],
)
def test_a_chart_under_a_path_of_its_own(recorder: Recorder, path: str, expected: tuple[str, ...]) -> None:
    assert show(recorder, path=path).paths == expected


def test_a_page_deep_in_the_run_finds_its_script(recorder: Recorder, spool: Spool) -> None:
    store = MemoryStore()
    show(recorder, path="a/b/best.html")
    deliver(spool, store)
    assert TAG % b"../../lib/plotly-9.8.7.min.js" in store.read("a/b/best.html")


def test_what_a_renderer_skips_has_its_reason(recorder: Recorder) -> None:
    receipt = recorder.record(Shown(object(), RUN, Cell(), {}), lambda obj, bundle, limits: Skipped("because"))
    assert (receipt.kept, receipt.reason, receipt.mark) == (False, "because", {})


# -- downloads --------------------------------------------------------------------------------------


@pytest.fixture
def artifacts(recorder: Recorder, spool: Spool) -> Artifacts:
    store = MemoryStore()
    show(recorder, name="Loss")
    show(recorder, path="charts/deep/other.html")
    deliver(spool, store)
    store.put("charts/foreign.html", TAG % b"../lib/plotly-9.8.7.min.js")
    return Artifacts(dataclasses.replace(RUN, name="r"), store)


def test_a_page_downloaded_alone_has_its_script_inside(artifacts: Artifacts, tmp_path: Path) -> None:
    local = artifacts.download("charts/loss.html", tmp_path / "to")
    assert b"<script>" + CODE in local.read_bytes()
    with artifacts.opened("charts/loss.html") as (row, file):
        assert (row.size, file.read()) == (local.stat().st_size, local.read_bytes())


def test_a_folder_downloaded_has_its_scripts_once_beside_the_pages(artifacts: Artifacts, tmp_path: Path) -> None:
    local = artifacts.download("charts", tmp_path / "to")
    assert TAG % b"lib/plotly-9.8.7.min.js" in (local / "loss.html").read_bytes()
    assert (local / "lib" / "plotly-9.8.7.min.js").read_bytes() == CODE
    assert (local / "deep" / "lib" / "plotly-9.8.7.min.js").read_bytes() == CODE


def test_the_whole_run_is_downloaded_as_it_is(artifacts: Artifacts, tmp_path: Path) -> None:
    local = artifacts.download("", tmp_path / "to")
    assert (local / "charts" / "loss.html").read_bytes() == artifacts.read("charts/loss.html")
    assert (local / "lib" / "plotly-9.8.7.min.js").exists()


def test_pages_of_others_are_not_changed(artifacts: Artifacts, tmp_path: Path) -> None:
    foreign = artifacts.read("charts/foreign.html")
    assert artifacts.download("charts/foreign.html", tmp_path / "a").read_bytes() == foreign
    assert (artifacts.download("charts", tmp_path / "b") / "foreign.html").read_bytes() == foreign
    with artifacts.opened("charts/foreign.html") as (_, file):
        assert file.read() == foreign


def test_other_files_are_opened_as_they_are(artifacts: Artifacts) -> None:
    with artifacts.opened("charts/loss.plotly.json") as (row, file):
        assert (row, file.read()) == (artifacts.info("charts/loss.plotly.json"), artifacts.read(row.path))


def contents(artifacts: Artifacts, path: str) -> dict[str, bytes]:
    found = {}
    for name, opened in artifacts.complete(path):
        with opened as file:
            assert name not in found
            found[name] = file.read()
    return found


def test_a_folder_is_complete_with_the_scripts_beside_its_pages(artifacts: Artifacts, tmp_path: Path) -> None:
    local = artifacts.download("charts", tmp_path / "to")
    on_disk = {path.relative_to(local).as_posix(): path.read_bytes() for path in local.rglob("*") if path.is_file()}
    assert contents(artifacts, "charts") == on_disk


def test_the_whole_run_is_complete_as_it_is(artifacts: Artifacts) -> None:
    assert contents(artifacts, "") == {path: artifacts.read(path) for path in artifacts}


def test_a_page_whose_script_is_gone_is_downloaded_all_the_same(artifacts: Artifacts, tmp_path: Path) -> None:
    artifacts._store = only(artifacts._store, "charts/loss.html")
    assert artifacts.download("charts/loss.html", tmp_path / "to").read_bytes() == artifacts.read("charts/loss.html")
    assert artifacts.download("charts", tmp_path / "all").is_dir()


def only(store: Any, path: str) -> MemoryStore:
    kept = MemoryStore()
    kept.put(path, store.read(path))
    return kept
