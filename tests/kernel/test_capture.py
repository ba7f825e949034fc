"""What a real kernel shows is in its run: figures by their bytes, frames by their table."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel

ROADS = {
    "plt.show": "plt.plot([1, 2]); plt.title('t'); plt.show()",
    "last expression": "fig = plt.figure(); plt.plot([1, 2]); plt.title('t'); plt.close(fig); fig",
    "display": "fig = plt.figure(); plt.plot([1, 2]); plt.title('t'); plt.close(fig); display(fig)",
    "inline flush": "plt.plot([1, 2]); plt.title('t');",
    "expression and flush": "fig = plt.figure(); plt.plot([1, 2]); plt.title('t'); fig",
    "pandas.plot": "pd.Series([1, 2]).plot(title='t');",
    "error after show": "plt.plot([1, 2]); plt.title('t'); plt.show(); 1 / 0",
}


@pytest.mark.parametrize("road", ROADS)
def test_a_figure_is_kept_once_with_the_bytes_shown(kernel, stored, read, road):
    result = kernel.run(ROADS[road])
    assert stored() == ["figures/t.png"]
    assert {read("figures/t.png")} == set(result.pictures)


def test_each_figure_of_a_cell_is_kept(kernel, stored, read):
    result = kernel.ok("for i in range(3):\n    plt.figure(); plt.plot([i, 1]); plt.title(f'n {i}')")
    assert stored() == ["figures/n-0.png", "figures/n-1.png", "figures/n-2.png"]
    assert [read(path) for path in stored()] == result.pictures


def test_an_untitled_figure_is_named_after_its_cell_and_a_rerun_is_a_version(kernel, stored):
    first = kernel.ok("plt.plot([1, 2]);", "cell-a")
    kernel.ok("plt.plot([1, 3]);", "cell-a")
    name = f"figures/cell-{first.count}"
    assert stored() == [f"{name}.png", f"{name}_v2.png"]


def test_a_rerun_with_the_same_content_adds_nothing(kernel, stored):
    for _ in range(2):
        kernel.ok("plt.plot([1, 2]); plt.title('same');")
    assert stored() == ["figures/same.png"]


def test_the_output_says_where_its_artifact_is(kernel):
    result = kernel.ok("plt.plot([1, 2]); plt.title('t');", "the-cell")
    [mark] = result.marks
    assert (mark["path"], mark["version"], mark["cell_id"]) == ("figures/t.png", 1, "the-cell")


def test_a_frame_whose_columns_are_called_like_a_figures_is_kept(kernel, stored):
    kernel.ok("tricky = pd.DataFrame({'figure': [1], 'savefig': [2]}); display(tricky); tricky.iloc[0]")
    assert len(stored()) == 2


FRAMES = {
    "last expression": "df",
    "display": "display(df)",
    "series": "df['a']",
    "twice": "display(df); df",
}


@pytest.mark.parametrize("road", FRAMES)
def test_a_frame_reads_back_equal(kernel, stored, road):
    kernel.ok("df = pd.DataFrame({'a': [1, 2], 'b': ['x', None]}, index=pd.Index([3, 4], name='i'))")
    kernel.ok(FRAMES[road])
    [path] = stored()
    expected = "df['a']" if road == "series" else "df"
    assert kernel.evaluate(f"mlart_jupyter.artifacts(run.info.run_id).frame({path!r}).equals({expected})") == "True"


def test_a_frame_is_named_by_its_expression(kernel, stored):
    kernel.ok("df = pd.DataFrame({'a': [1, 2]})\ndf.describe()")
    assert stored() == ["frames/df-describe.parquet"]


def test_a_large_frame_is_kept_as_it_was_when_shown(kernel, stored):
    kernel.ok("big = pd.DataFrame(np.zeros((200_000, 4)), columns=list('abcd'))\ndisplay(big)\nbig.loc[:, 'a'] = 1.0")
    assert stored() == ["frames/big.parquet"]
    total = "mlart_jupyter.artifacts(run.info.run_id).frame('frames/big.parquet')['a'].sum()"
    assert float(kernel.evaluate(f"float({total})")) == 0.0


def test_what_is_swallowed_is_not_kept(kernel, stored):
    kernel.ok("%%capture\nplt.plot([1]); plt.show(); display(pd.DataFrame({'a': [1]}))")
    assert stored() == []


def test_text_and_plain_values_are_not_kept(kernel, stored):
    kernel.ok("display('text', 3, [1], {'a': 1}); 5")
    assert stored() == []


def test_a_cell_sees_the_same_output_with_and_without_us(kernel):
    code = "pd.DataFrame({'a': [1, 2]})"
    with_us = kernel.ok(code).displays[0]
    kernel.ok("%mlart off")
    without = kernel.ok(code).displays[0]
    kernel.ok("%mlart on")
    assert with_us["data"] == without["data"]


@pytest.mark.parametrize(("setting", "code"), [("figures", "plt.plot([1]); plt.show()"), ("frames", "pd.Series([1])")])
def test_each_kind_has_a_switch(kernel, stored, setting, code):
    kernel.ok(f"%config Mlart.{setting} = False")
    kernel.ok(code)
    kernel.ok(f"%config Mlart.{setting} = True")
    assert stored() == []


def test_a_renderer_that_raises_is_one_line_and_breaks_no_cell(kernel, stored):
    kernel.ok(
        "from mlart_jupyter import renderers\n"
        "class Odd(pd.DataFrame): pass\n"
        "def fail(*args): raise RuntimeError('odd frame')\n"
        "renderers.SHOWN['__main__.Odd'] = ('frames', fail)\n"
        "odd = Odd({'a': [1]})"
    )
    result = kernel.run("odd")
    assert result.status == "ok"
    ours = [line for line in result.text.splitlines() if line.startswith("mlart: ")]
    assert len(ours) == 1  # MLflow 2 sets up logging, and then the log's warning shows too
    assert "odd frame" in ours[0]
    assert result.displays
    kernel.ok("pd.DataFrame({'a': [1]})")
    assert len(stored()) == 1


def test_a_figure_is_not_kept_alive(kernel, stored):
    kernel.ok(
        "import gc, weakref\nfig = plt.figure(); plt.plot([1]); gone = weakref.ref(fig); plt.show(); plt.close('all')"
    )
    stored()
    kernel.ok("del fig; _ = gc.collect()")
    assert kernel.evaluate("gone() is None") == "True"


def test_what_was_deleted_in_the_browser_is_kept_again_when_shown_again(kernel, stored, read):
    show = "plt.figure(); plt.plot([1, 2]); plt.title('gone and back'); plt.show()"
    kernel.ok(show)
    assert stored() == ["figures/gone-and-back.png"]
    before = read("figures/gone-and-back.png")
    kernel.ok(
        "from mlart_jupyter.answers import Answers; from mlart_jupyter.services import current\n"
        "from mlart_jupyter.shapes import alias_of\n"
        "alias = alias_of(current().last_run.tracking_uri)\n"
        "Answers(current()).delete(alias, run.info.run_id, 'figures/gone-and-back.png')"
    )
    assert stored() == []
    kernel.ok(show)
    assert stored() == ["figures/gone-and-back.png"]
    assert read("figures/gone-and-back.png") == before
