"""MIME bundles: which file of them is kept, and as what."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits, Skipped, kind_of, shown_renderer
from mlart_jupyter.renderers import bundle as bundles
from mlart_jupyter.renderers.bundle import bundle_of, choice, render, render_player

LIMITS = Limits()
PNG = base64.b64encode(b"\x89PNG").decode()
ALL: dict[str, Any] = {
    "image/png": PNG,
    "image/jpeg": PNG,
    "application/json": {"a": 1},
    "text/html": "<p>x</p>",
    "image/svg+xml": "<svg/>",
    "text/markdown": "# x",
    "text/latex": "$x$",
    "text/plain": "x",
}


def kept(made: Any) -> Rendered:
    assert isinstance(made, Rendered)
    return made


@pytest.mark.parametrize(
    ("without", "suffix", "folder"),
    [
        (0, ".png", "media"),
        (1, ".jpg", "media"),
        (2, ".json", "outputs"),
        (3, ".html", "outputs"),
        (4, ".svg", "media"),
        (5, ".md", "outputs"),
        (6, ".tex", "outputs"),
    ],
)
def test_the_richest_file_is_kept(without: int, suffix: str, folder: str) -> None:
    bundle = dict(list(ALL.items())[without:])
    chosen = choice(bundle)
    assert chosen is not None
    made = kept(chosen[1](None, bundle, LIMITS))
    assert ([file.suffix for file in made.files], made.folder, chosen[0]) == ([suffix], folder, folder)


@pytest.mark.parametrize(
    ("bundle", "setting"),
    [
        ({"application/vnd.plotly.v1+json": {}, **ALL}, "charts"),
        ({"application/vnd.vegalite.v5.20.1+json": {}, "image/png": PNG}, "charts"),
        ({"application/vnd.vega.v5+json": {}, "text/html": ""}, "charts"),
        ({"application/vnd.bokehjs_exec.v0+json": "", "application/javascript": "1"}, "charts"),
        ({"application/vnd.holoviews_load.v0+json": "", "application/javascript": "1"}, "charts"),
        ({"text/plain": "x"}, None),
        ({}, None),
        ({"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "x"}, None),
        ({"application/javascript": "1", "text/plain": "x"}, "outputs"),
        ({"application/vnd.unknown+json": {}, "text/plain": "x"}, None),
        ({"text/html": None, "text/plain": "x"}, None),
    ],
)
def test_the_setting_of_a_bundle(bundle: dict[str, Any], setting: str | None) -> None:
    assert kind_of(None, bundle) == setting


def test_what_a_type_tells_comes_before_its_bundle() -> None:
    import pandas as pd

    assert kind_of(pd.DataFrame(), {"text/html": "<table>"}) == "frames"


@pytest.mark.parametrize("obj", [{"a": 1}, [1], "text", 3])
def test_plain_values_are_not_kept_for_their_text(obj: Any) -> None:
    assert shown_renderer(obj, {"text/plain": repr(obj)}) is None


def test_pictures_are_the_bytes_shown() -> None:
    assert kept(render(None, {"image/png": PNG}, LIMITS)).files[0].data == b"\x89PNG"
    assert kept(render(None, {"image/png": b"\x89PNG"}, LIMITS)).files[0].data == b"\x89PNG"


def test_json_is_valid_whatever_form_it_has() -> None:
    for shown in ({"a": "größe"}, '{"a": "größe"}'):
        made = kept(render(None, {"application/json": shown}, LIMITS))
        assert json.loads(bytes(made.files[0].data)) == {"a": "größe"}


@pytest.mark.parametrize(
    ("page", "note"),
    [
        ('<img src="https://example.org/a.png">', "linked, not kept: https://example.org/a.png"),
        ("<video src=film.mp4 controls></video>", "linked, not kept: film.mp4"),
        ('<iframe width=1 src="https://a/"></iframe><script src="//b/c.js">', "linked, not kept: https://a/, //b/c.js"),
        ('<link rel="stylesheet" href="a.css"><p>x', "linked, not kept: a.css"),
        ('<img src="data:image/png;base64,xx"><a href="https://a/">x</a><use href="#i"/>', None),
        ("<p>x</p>", None),
    ],
)
def test_what_a_page_only_links_is_noted(page: str, note: str | None) -> None:
    assert kept(render(None, {"text/html": page}, LIMITS)).note == note


@pytest.mark.parametrize(
    "page",
    [
        "<script>1</script>",
        '<div id="x" data-root-id="p1"></div>',
        "<style>a{}</style><div>Loading BokehJS ...</div>",
    ],
)
def test_what_libraries_show_before_they_show_something_is_skipped(page: str) -> None:
    assert isinstance(render(None, {"text/html": page}, LIMITS), Skipped)


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        ({"application/javascript": "1", "text/plain": "x"}, "a script, which"),
        ({"text/html": "<style>a{}</style>"}, "a style sheet alone"),
        ({"text/html": "<SCRIPT>1</SCRIPT>"}, "scripts alone"),
    ],
)
def test_what_is_skipped_says_what_it_is(bundle: dict[str, Any], reason: str) -> None:
    made = render(None, bundle, LIMITS)
    assert isinstance(made, Skipped)
    assert made.reason.startswith(reason)


@pytest.mark.parametrize(
    ("page", "suffix", "data"),
    [
        ('<audio><source src="data:audio/wav;base64,UklGRg==" type="audio/wav"/></audio>', ".wav", b"RIFF"),
        ("<video controls src='data:video/mp4;base64,ZmlsbQ=='></video>", ".mp4", b"film"),
        ('<video src="data:video/webm;codecs=vp9;base64,ZmlsbQ=="></video>', ".webm", b"film"),
        ('<audio src="data:audio/strange;base64,UklGRg==">', ".bin", b"RIFF"),
    ],
)
def test_sound_and_film_are_taken_out_of_the_page(page: str, suffix: str, data: bytes) -> None:
    made = kept(render_player(None, {"text/html": page}, LIMITS))
    assert (made.files[0].suffix, made.files[0].data, made.folder) == (suffix, data, "media")


def test_a_film_that_is_linked_is_a_page_with_a_note() -> None:
    made = kept(render_player(None, {"text/html": '<video src="film.mp4"></video>'}, LIMITS))
    assert (made.files[0].suffix, made.note) == (".html", "linked, not kept: film.mp4")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "F", "I", "HSV"])
def test_a_picture_of_any_mode_can_be_given(mode: str) -> None:
    image = pytest.importorskip("PIL.Image")
    renderer = shown_renderer(image.new(mode, (3, 2)))
    assert renderer is not None
    made = kept(renderer[1](image.new(mode, (3, 2)), {}, LIMITS))
    assert image.open(io.BytesIO(bytes(made.files[0].data))).size == made.shape == (3, 2)


class Rich:
    def _repr_html_(self) -> str:
        return "<b>x</b>"

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        return b"\x89PNG", {"width": 1}

    def _repr_svg_(self) -> None:
        return None


class Whole:
    def _repr_mimebundle_(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"text/markdown": "*x*"}, {}


def test_an_object_that_is_given_shows_itself() -> None:
    assert bundle_of(Rich()) == {"image/png": b"\x89PNG", "text/html": "<b>x</b>"}
    assert bundle_of(Whole()) == {"text/markdown": "*x*"}
    assert bundles.can_show_itself(Rich())
    assert not bundles.can_show_itself(3)
    assert not bundles.can_show_itself(Rich)
