"""What every renderer does alike: add one with a small object in MAKERS."""

from __future__ import annotations

import gc
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlart_jupyter.models import Cell, Rendered, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import GIVEN, SHOWN, Deferred, Limits, file, finish, renderer_for
from mlart_jupyter.renderers.base import Bundle, Renderer
from mlart_jupyter.spool import Spool

HARD_NAMES = ["Größe: 50 % #1?", "a/b\\c", "..", "x" * 500, "图", "line\nbreak", "%41", "<b>", "CON.txt", "  "]


class Canvas:
    """An ipympl canvas, as a renderer sees it."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure


Canvas.__module__, Canvas.__qualname__ = "ipympl.backend_nbagg", "Canvas"


class Bytes(bytes):
    """Not the very object that the payload is."""


class Text(str):
    """Not shared with other constants of the process."""

    __slots__ = ()


def figure() -> Figure:
    made = Figure(figsize=(2, 1), dpi=50)
    made.add_subplot().plot([1, 2])
    return made


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1, "mixed"]})


def series() -> pd.Series[Any]:
    return pd.Series([1.5, None], name="s")


MAKERS: dict[str, Callable[[], Any]] = {
    "matplotlib.figure.Figure": figure,
    "ipympl.backend_nbagg.Canvas": lambda: Canvas(figure()),
    "pandas.DataFrame": frame,
    "pandas.Series": series,
    "pandas.core.frame.DataFrame": frame,
    "pandas.core.series.Series": series,
    "builtins.dict": lambda: {"a": [1, {"b": np.float64(1.5)}]},
    "builtins.list": lambda: [1, ["b"]],
    "builtins.tuple": lambda: tuple("ab"),
    "builtins.str": lambda: Text("größe"),
    "builtins.bytes": lambda: Bytes(b"\x00\x01"),
    "builtins.bytearray": lambda: bytearray(b"\x00\x01"),
    "numpy.ndarray": lambda: np.arange(6).reshape(2, 3),
    "file": lambda: Path("table.csv"),
}
PICTURE = {"image/png": b"\x89PNG", "image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
INLINE, LATER, CUT = Limits(2**30, 2**30), Limits(0, 2**30), Limits(0, 0)
FIGURES = {"given": ({}, INLINE), "shown": (PICTURE, INLINE)}
FRAMES = {"inline": ({}, INLINE), "later": ({}, LATER), "cut": ({}, CUT)}
OTHERS = {"given": ({}, INLINE)}
WAYS: dict[str | None, dict[str, tuple[Bundle, Limits]]] = {"figures": FIGURES, "frames": FRAMES, None: OTHERS}
"""How an object of a kind can come to its renderer: bundle and limits."""


def ways() -> Iterator[Any]:
    for name in MAKERS:
        for way, values in WAYS[SHOWN[name][0] if name in SHOWN else None].items():
            yield pytest.param(name, *values, id=f"{name}-{way}")


each_way = pytest.mark.parametrize(("name", "bundle", "limits"), list(ways()))


@pytest.fixture(autouse=True)
def table_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that the file's renderer is given."""
    monkeypatch.chdir(tmp_path)
    Path("table.csv").write_text("a,b\n1,2\n")


@pytest.fixture
def obj(name: str) -> Any:
    return MAKERS[name]()


def renderer_of(obj: Any) -> Renderer:
    return file.render if isinstance(obj, Path) else renderer_for(obj)


def made(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    rendered = renderer_of(obj)(obj, bundle, limits)
    rendered = rendered.render() if isinstance(rendered, Deferred) else rendered
    assert rendered is not None
    return rendered


def stored(rendered: Rendered) -> list[bytes]:
    return [bytes(finish(each.encoding, each.data[:])) for each in rendered.files]


def state(obj: Any) -> Any:
    """What a renderer must leave as it is."""
    if not isinstance(obj, (Figure, Canvas)):
        return pickle.dumps(obj)
    figure = obj if isinstance(obj, Figure) else obj.figure
    places = [axes.get_position().bounds for axes in figure.axes]
    return figure.get_size_inches().tolist(), figure.dpi, figure.canvas, figure.get_facecolor(), places


def test_every_renderer_passes_this_contract() -> None:
    assert set(MAKERS) == {*SHOWN, *GIVEN, "file"}


@each_way
def test_equal_objects_give_the_same_payload(name: str, bundle: Bundle, limits: Limits) -> None:
    payloads = [[each.data[:] for each in made(MAKERS[name](), bundle, limits).files] for _ in range(2)]
    assert payloads[0] == payloads[1]


@each_way
def test_equal_objects_give_the_same_files(name: str, bundle: Bundle, limits: Limits) -> None:
    files = [stored(made(MAKERS[name](), bundle, limits)) for _ in range(2)]
    assert files[0] == files[1]


@each_way
def test_every_file_has_a_suffix_and_a_media_type(obj: Any, bundle: Bundle, limits: Limits) -> None:
    rendered = made(obj, bundle, limits)
    assert rendered.files
    for each in rendered.files:
        assert re.fullmatch(r"\.[a-z0-9]+", each.suffix)
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", each.media_type)


@each_way
def test_everything_has_a_kind_and_a_folder(obj: Any, bundle: Bundle, limits: Limits) -> None:
    rendered = made(obj, bundle, limits)
    assert re.fullmatch("[a-z]+", rendered.kind)
    assert re.fullmatch("[a-z]+", rendered.folder)


@each_way
def test_files_of_one_object_differ_in_their_suffix(obj: Any, bundle: Bundle, limits: Limits) -> None:
    suffixes = [each.suffix for each in made(obj, bundle, limits).files]
    assert len(set(suffixes)) == len(suffixes)


@each_way
def test_a_promise_has_the_folder_and_title_of_what_it_becomes(obj: Any, bundle: Bundle, limits: Limits) -> None:
    promise = renderer_of(obj)(obj, bundle, limits)
    assert promise is not None
    rendered = made(obj, bundle, limits)
    assert (promise.folder, promise.title) == (rendered.folder, rendered.title)


@each_way
def test_the_object_is_not_kept_alive(obj: Any, bundle: Bundle, limits: Limits) -> None:
    renderer = renderer_of(obj)
    renderer(obj, bundle, limits)  # what libraries keep from their first time
    gc.freeze()  # a collection looks at what is made from here only
    before = sys.getrefcount(obj)
    rendered = renderer(obj, bundle, limits)
    gc.collect()
    after = sys.getrefcount(obj)
    gc.unfreeze()
    assert rendered is not None
    assert after <= before


@each_way
def test_the_object_is_not_changed(obj: Any, bundle: Bundle, limits: Limits) -> None:
    before = state(obj)
    made(obj, bundle, limits)
    assert state(obj) == before


@pytest.mark.parametrize("name", MAKERS)
def test_generated_names_can_be_downloaded_everywhere(name: str, tmp_path: Path) -> None:
    recorder = Recorder(Spool(tmp_path / "spool"), "s1", limits=INLINE)
    for hint in HARD_NAMES:
        shown = called(MAKERS[name](), hint)
        for path in recorder.record(shown, renderer_of(shown.obj)).paths:
            assert re.fullmatch(r"[a-z]+/[A-Za-z0-9_][A-Za-z0-9_-]*\.[a-z0-9]+", path)
            assert len(path) < 100


def called(obj: Any, name: str) -> Shown:
    """An object with a name of its own, where it can have one, and the expression of that name."""
    if isinstance(obj, (Figure, Canvas)):
        getattr(obj, "figure", obj).suptitle(name)
    if isinstance(obj, pd.Series):
        obj.name = name
    bundle = PICTURE if isinstance(obj, (Figure, Canvas)) else {}
    return Shown(obj, RunRef("r1", "sqlite:////x.db"), Cell("x", "c1", 3), bundle, name)
