"""Finding rows: by words and kind, in an order."""

from __future__ import annotations

import pytest

from mlart_jupyter.finding import found, kind_of, ordered
from mlart_jupyter.models import ArtifactInfo


def row(path: str, size: int = 1, time: float | None = None, *, is_dir: bool = False) -> ArtifactInfo:
    return ArtifactInfo(path, is_dir, size, time=time)


ROWS = [row("figures", is_dir=True), row("figures/Loss.png", 5, 3.0), row("a/loss.csv", 9, 1.0), row("b.txt", 7, 2.0)]


@pytest.mark.parametrize(
    ("text", "kind", "paths"),
    [
        ("", "", ["figures/Loss.png", "a/loss.csv", "b.txt"]),
        ("LOSS", "", ["figures/Loss.png", "a/loss.csv"]),
        ("loss fig", "", ["figures/Loss.png"]),
        ("loss", "table", ["a/loss.csv"]),
        ("", "model", []),
    ],
)
def test_files_are_found_by_all_words_in_whatever_case_and_by_kind(text, kind, paths):
    assert [each.path for each in found(ROWS, text, kind)] == paths


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.csv.gz", "table"), ("m/MLmodel", "model"), ("x.SVG", "picture"), ("none", "other"), ("n.ipynb", "page")],
)
def test_the_name_tells_the_kind(name, kind):
    assert kind_of(row(name)) == kind


@pytest.mark.parametrize(
    ("order", "paths"),
    [
        ("name", ["figures", "a/loss.csv", "b.txt", "figures/Loss.png"]),
        ("size", ["figures", "a/loss.csv", "b.txt", "figures/Loss.png"]),
        ("time", ["figures", "figures/Loss.png", "b.txt", "a/loss.csv"]),
        ("anything", ["figures", "a/loss.csv", "b.txt", "figures/Loss.png"]),
    ],
)
def test_folders_stand_first_in_every_order(order, paths):
    assert [each.path for each in ordered(ROWS, order)] == paths
