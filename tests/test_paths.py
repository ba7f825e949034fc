"""Names inside a run."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlart_jupyter.errors import BadPath
from mlart_jupyter.paths import SLUG_LENGTH, inside, join, parent, slug, suffix_of, told_apart, versioned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Loss per épocha: 3/4", "loss-per-epocha-3-4"),
        ("df.describe()", "df-describe"),
        ("snake_case", "snake_case"),
        ("100 % #1?", "100-1"),
        ("../../etc/passwd", "etc-passwd"),
        ("__init__", "init"),
        ("損失", ""),
        ("…", ""),
        ("", ""),
    ],
)
def test_a_slug_says_what_the_text_says(text: str, expected: str) -> None:
    assert slug(text) == expected


@settings(deadline=None)
@given(st.text())
def test_a_slug_has_only_letters_that_every_store_can_download(text: str) -> None:
    assert re.fullmatch(r"([a-z0-9]([a-z0-9_-]*[a-z0-9])?)?", slug(text))


@settings(deadline=None)
@given(st.text())
def test_a_slug_stays_as_it_is(text: str) -> None:
    assert slug(slug(text)) == slug(text)


def test_a_slug_is_cut_without_a_hanging_dash() -> None:
    assert slug("a" * (SLUG_LENGTH - 1) + " tail") == "a" * (SLUG_LENGTH - 1)


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        ("figures/loss.png", 1, "figures/loss.png"),
        ("figures/loss.png", 2, "figures/loss_v2.png"),
        ("loss", 3, "loss_v3"),
        ("data/a.tar.gz", 12, "data/a.tar_v12.gz"),
        ("v1.0/notes", 2, "v1.0/notes_v2"),
    ],
)
def test_a_version_stands_before_the_suffix(path: str, version: int, expected: str) -> None:
    assert versioned(path, version) == expected


def test_a_told_apart_name_carries_the_content() -> None:
    assert told_apart("figures/loss.png", "3fa2c1d8" + "0" * 56) == "figures/loss-3fa2c1d8.png"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("", ""),
        ("figures/loss.png", "figures/loss.png"),
        ("figures//loss.png", "figures/loss.png"),
        ("./figures/./loss.png", "figures/loss.png"),
        ("figures/", "figures"),
        ("a..b/...", "a..b/..."),
        ("ratio 3:4.png", "ratio 3:4.png"),
    ],
)
def test_a_path_in_the_run_gets_its_plain_form(path: str, plain: str) -> None:
    assert inside(path) == plain


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "//server/share",
        "..",
        "../other-run/model.pkl",
        "figures/../../other-run",
        "figures/..",
        "..\\other-run",
        "figures\\loss.png",
        "C:/Windows",
        "c:loss.png",
        "./C:/Windows",
        "loss.png\0.txt",
    ],
)
def test_a_path_that_leaves_the_run_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        inside(path)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", ".", "..", "...", "a", "C:", "\\", " "]), max_size=5))
@example([".", "C:"])
def test_the_plain_form_passes_the_guard_again(parts: list[str]) -> None:
    try:
        plain = inside("/".join(parts))
    except BadPath:
        return
    assert inside(plain) == plain


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("figures", "loss.png"), "figures/loss.png"),
        (("", "loss.png"), "loss.png"),
        (("a/", "/b/", "", "/", "c"), "a/b/c"),
        ((), ""),
    ],
)
def test_join_leaves_out_what_is_empty(parts: tuple[str, ...], expected: str) -> None:
    assert join(*parts) == expected


@pytest.mark.parametrize(("path", "folder"), [("a/b/c.png", "a/b"), ("c.png", ""), ("", "")])
def test_the_parent_of_a_top_level_path_is_the_run(path: str, folder: str) -> None:
    assert parent(path) == folder


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("charts/loss.plotly.json", ".plotly.json"),
        ("a.b/loss.vl.json", ".vl.json"),
        ("frames/x.stats.json", ".stats.json"),
        ("data/model.v1.json", ".json"),
        ("charts/.vl.json", ".json"),
        ("a.b/c", ""),
    ],
)
def test_suffixes_that_say_more_have_two_parts(path, suffix):
    assert suffix_of(path) == suffix


def test_versions_stand_before_the_whole_suffix():
    assert versioned("charts/loss.plotly.json", 2) == "charts/loss_v2.plotly.json"
    assert told_apart("charts/loss.vl.json", "3fa2c1d8e0") == "charts/loss-3fa2c1d8.vl.json"
    assert versioned("a.b/c", 2) == "a.b/c_v2"
