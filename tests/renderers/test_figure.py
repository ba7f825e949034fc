"""Figures: which bytes are kept, and under which title."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits
from mlart_jupyter.renderers.figure import as_bytes, look, render, render_animation, subject_of, title

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


# -- what counts as the same picture --------------------------------------------------------------


def drawn(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind)
    return buffer.getvalue()


def identity(figure: Figure, kind: str, data: bytes) -> str:
    made = rendered(figure, **{kind: data.decode() if kind == "svg" else base64.b64encode(data).decode()})
    assert made is not None
    assert made.files[0].data == data
    return made.files[0].identity


@pytest.fixture
def busy(figure: Figure) -> Figure:
    """Markers, clips, hatches, a picture, and many paths: all that has an id drawn by lot."""
    axes = figure.axes[0]
    axes.plot([1, 2], marker="o")
    axes.bar([1, 2], [3, 4], hatch="/")
    axes.imshow([[0, 1], [1, 0]])
    axes.add_collection(PolyCollection([[(i, 0), (i, 1), (i + 1, 1)] for i in range(80)]))
    return figure


def test_an_svg_drawn_twice_is_the_same_although_its_ids_differ(busy: Figure) -> None:
    first, second = drawn(busy, "svg"), drawn(busy, "svg")
    assert first != second
    assert identity(busy, "svg", first) == identity(busy, "svg", second)
    assert look({"image/svg+xml": first.decode()}) == look({"image/svg+xml": second.decode()})


def test_an_svg_with_another_line_is_another(busy: Figure) -> None:
    first = drawn(busy, "svg")
    busy.axes[0].plot([2, 1])
    assert identity(busy, "svg", first) != identity(busy, "svg", drawn(busy, "svg"))


def test_a_pdf_written_later_is_the_same(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    first = drawn(figure, "pdf")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "100000000")
    second = drawn(figure, "pdf")
    assert first != second
    assert identity(figure, "pdf", first) == identity(figure, "pdf", second)
    bundles = [{"application/pdf": base64.b64encode(data).decode()} for data in (first, second)]
    assert look(bundles[0]) == look(bundles[1])


def test_a_png_is_the_same_by_its_bytes(figure: Figure) -> None:
    assert look({"image/png": "a"}) == look({"image/png": "a", "image/svg+xml": "other"}) != look({"image/png": "b"})


def moving() -> FuncAnimation:
    figure = Figure(figsize=(1, 1))
    [line] = figure.subplots().plot([1, 2])
    figure.axes[0].set_title("moves")
    FigureCanvasAgg(figure)

    def step(i: int) -> list[Any]:
        line.set_ydata([i, 1])
        return [line]

    return FuncAnimation(figure, step, frames=2)


def test_an_animation_is_the_page_that_was_shown() -> None:
    animation = moving()
    page = animation.to_jshtml()
    made, again = (render_animation(animation, {"text/html": text}, Limits()) for text in (page, moving().to_jshtml()))
    assert made is not None
    assert again is not None
    assert (made.files[0].data, made.files[0].suffix, made.title) == (page.encode(), ".html", "moves")
    assert made.files[0].data != again.files[0].data
    assert made.files[0].identity == again.files[0].identity
    assert subject_of(animation) is animation


def test_an_animation_shown_as_text_is_not_kept() -> None:
    animation = moving()
    animation.to_jshtml()  # matplotlib warns of one that was never drawn
    assert render_animation(animation, {"text/plain": "<FuncAnimation>"}, Limits()) is None


def test_a_subfigures_title_names_its_figure() -> None:
    figure = Figure()
    figure.subfigures(1, 2)[1].suptitle("right")
    assert title(figure) == "right"
