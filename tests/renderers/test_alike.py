"""Texts that show the same are known by one digest."""

from __future__ import annotations

import pandas as pd
import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits, shown_renderer, styled
from mlart_jupyter.renderers.alike import BOKEH_IDS, MOST_NAMES, PAGE_IDS, alike

PAGE = '<div id="sk-1"><p id="sk-10">{}</p></div><style>#sk-1 {{}} #sk-10 {{}}</style>'


def test_counted_names_do_not_tell_pages_apart() -> None:
    later = PAGE.replace("sk-10", "sk-25").replace("sk-1", "sk-9")
    assert alike(PAGE.format("x"), PAGE_IDS) == alike(later.format("x"), PAGE_IDS) != ""


@pytest.mark.parametrize("name", ["i" + "ABCDE" * 4, "top_div" + "XYZ" * 5, "T_abcde"])
def test_drawn_names_without_a_digit_do_not_either(name: str) -> None:
    page = "<div id='{0}'></div><script>show('#{0}')</script>"
    same = {alike(page.format(drawn), PAGE_IDS) for drawn in (name, name[:-1] + ("f" if name[0] == "T" else "F"))}
    assert len(same) == 1
    assert "" not in same


def test_other_words_do() -> None:
    assert alike(PAGE.format("x"), PAGE_IDS) != alike(PAGE.format("y"), PAGE_IDS)


@pytest.mark.parametrize(
    "text", ["<p>x</p>", '<p id="name">', "".join(f'<p id="i{i}">' for i in range(MOST_NAMES + 1))]
)
def test_texts_without_such_names_or_with_too_many_are_told_by_their_bytes(text: str) -> None:
    assert alike(text, PAGE_IDS) == ""


def test_the_names_of_bokeh() -> None:
    document = '{{"{0}": {{"roots": ["{1}"], "refs": ["{1}", "p1"]}}}}'
    first = document.format("0f8fad5b-d9cb-469f-a165-70867728950e", "p1001")
    second = document.format("7c9e6679-7425-40de-944b-e07fc1f90ae7", "p2077")
    assert alike(first, BOKEH_IDS) == alike(second, BOKEH_IDS) != ""


def identities(obj: object) -> list[str]:
    chosen = shown_renderer(obj, {"text/html": obj._repr_html_()})  # type: ignore[attr-defined]
    assert chosen is not None
    made = chosen[1](obj, {"text/html": obj._repr_html_()}, Limits())  # type: ignore[attr-defined]
    assert isinstance(made, Rendered)
    return [file.identity for file in made.files]


def test_an_estimator_shown_again_is_the_same() -> None:
    model = pytest.importorskip("sklearn.linear_model").Ridge()
    assert model._repr_html_() != model._repr_html_()
    assert identities(model) == identities(model)


def test_a_styler_whose_page_was_drawn_under_another_name_is_told_by_it() -> None:
    styler = pd.DataFrame({"a": [1]}).style
    pages = [styled.render(styler, {"text/html": text}, Limits()) for text in ("<p>1</p>", "<p>2</p>")]
    first, second = (made.files[1].identity for made in pages if isinstance(made, Rendered))
    assert first != second


def test_a_styler_made_again_is_the_same() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    assert identities(frame.style.highlight_max()) == identities(frame.style.highlight_max())
    assert identities(frame.style.highlight_max()) != identities(frame.style.highlight_min())


@pytest.mark.parametrize("lot", ["12345", "abcde", "0a1b2", "f" * 32])
def test_a_styler_made_again_is_the_same_whatever_name_it_draws(lot: str) -> None:
    frame = pd.DataFrame({"a": range(MOST_NAMES)})
    assert identities(frame.style.set_uuid(lot)) == identities(frame.style.set_uuid("9d8e7"))
    assert identities(frame.style.set_uuid(lot)) != identities((frame + 1).style.set_uuid(lot))
