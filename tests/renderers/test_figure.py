"""Figures: which bytes are kept, and under which title."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from matplotlib.figure import Figure

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits
from mlart_jupyter.renderers.figure import as_bytes, render, title

PNG = b"\x89PNG\r\n\x1a\nshown"
SVG = "<svg>größer</svg>"
LOC = ("center", "left", "right")


def rendered(obj: Any, **bundle: Any) -> Rendered | None:
    kinds = {"png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg", "webp": "image/webp"}
    kinds |= {"pdf": "application/pdf", "text": "text/plain", "html": "text/html"}
    return render(obj, {kinds[name]: data for name, data in bundle.items()}, Limits())


@pytest.fixture
def figure() -> Figure:
    figure = Figure(figsize=(4, 3), dpi=100)
    figure.add_subplot().plot([1, 2])
    return figure


def test_the_very_bytes_shown_are_kept(figure: Figure) -> None:
    made = rendered(figure, png=base64.b64encode(PNG).decode(), text="<Figure>")
    assert made is not None
    assert [(f.data, f.suffix, f.media_type, f.encoding) for f in made.files] == [(PNG, ".png", "image/png", "raw")]


def test_every_picture_of_the_bundle_is_kept(figure: Figure) -> None:
    made = rendered(figure, svg=SVG, png=base64.b64encode(PNG).decode())
    assert made is not None
    assert [(file.suffix, file.data) for file in made.files] == [(".png", PNG), (".svg", SVG.encode())]


@pytest.mark.parametrize(("name", "suffix"), [("jpg", ".jpg"), ("webp", ".webp"), ("pdf", ".pdf")])
def test_other_pictures_have_their_own_suffix(figure: Figure, name: str, suffix: str) -> None:
    made = rendered(figure, **{name: base64.b64encode(PNG).decode()})
    assert made is not None
    assert [(file.suffix, file.data) for file in made.files] == [(suffix, PNG)]


def test_base64_may_be_broken_into_lines(figure: Figure) -> None:
    made = rendered(figure, png=base64.encodebytes(PNG * 20).decode())
    assert made is not None
    assert made.files[0].data == PNG * 20


def test_bytes_in_a_bundle_are_taken_as_they_are() -> None:
    assert as_bytes("image/png", PNG) == PNG


def test_a_figure_shown_as_text_alone_is_nothing_to_keep(figure: Figure) -> None:
    assert rendered(figure, text="<Figure size 400x300>") is None


def test_an_empty_picture_is_nothing_to_keep(figure: Figure) -> None:
    assert rendered(figure, png="", html="<img>") is None


def test_a_figure_given_by_hand_is_drawn(figure: Figure) -> None:
    made = rendered(figure)
    assert made is not None
    assert [file.suffix for file in made.files] == [".png"]
    assert bytes(made.files[0].data).startswith(b"\x89PNG\r\n\x1a\n")


def test_a_shown_figure_is_not_drawn_again(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda *args, **options: drawn.append(args))
    rendered(figure, png=base64.b64encode(PNG).decode())
    assert drawn == []


def test_the_shape_is_in_pixels(figure: Figure) -> None:
    made = rendered(figure, png=base64.b64encode(PNG).decode())
    assert made is not None
    assert made.shape == (400, 300)


def test_figures_have_a_folder_of_their_own(figure: Figure) -> None:
    made = rendered(figure, svg=SVG)
    assert made is not None
    assert (made.kind, made.folder) == ("figure", "figures")


def test_a_canvas_stands_for_its_figure(figure: Figure) -> None:
    figure.suptitle("On a canvas")
    made = rendered(figure.canvas, png=base64.b64encode(PNG).decode())
    assert made is not None
    assert (made.title, made.shape) == ("On a canvas", (400, 300))


def test_a_canvas_given_by_hand_is_drawn(figure: Figure) -> None:
    made = rendered(figure.canvas)
    assert made is not None
    assert bytes(made.files[0].data).startswith(b"\x89PNG")


def test_the_suptitle_goes_before_the_axes(figure: Figure) -> None:
    figure.axes[0].set_title("axes")
    figure.suptitle("all")
    assert title(figure) == "all"


@pytest.mark.parametrize("loc", LOC)
def test_a_title_of_the_axes_is_found_wherever_it_stands(figure: Figure, loc: Any) -> None:
    figure.axes[0].set_title("axes", loc=loc)
    assert title(figure) == "axes"


def test_the_first_axes_with_a_title_name_the_figure() -> None:
    figure = Figure()
    figure.add_subplot(1, 2, 1)
    figure.add_subplot(1, 2, 2).set_title("second")
    assert title(figure) == "second"


def test_axes_in_subfigures_name_the_figure() -> None:
    figure = Figure()
    figure.subfigures(1, 2)[1].add_subplot().set_title("inner")
    assert title(figure) == "inner"


def test_the_label_is_the_last_resort(figure: Figure) -> None:
    figure.set_label("label")
    assert title(figure) == "label"


def test_a_title_of_blanks_is_none(figure: Figure) -> None:
    figure.suptitle("  ")
    figure.axes[0].set_title("axes")
    assert title(figure) == "axes"


def test_a_figure_without_a_title_says_so(figure: Figure) -> None:
    assert title(figure) == ""
