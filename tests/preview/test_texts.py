"""Texts, values, pages and notebooks."""

from __future__ import annotations

import gzip
import json

import pytest
from nbformat import v4

LOG = "\x1b[32mepoch 1\x1b[0m ok\n 10%\r 50%\r100%\n\x1b[1;31mfailed\x1b[0m\x1b[2K\x1b]0;title\x07\n"


def test_a_long_text_comes_in_parts_that_end_with_lines(see):
    data = b"".join(b"line %06d\n" % i for i in range(60_000))
    parts, at = [], 0
    while at is not None:
        part = see(data, "a.log", at)
        parts.append(part.text)
        at = part.more
    assert "".join(parts).encode() == data
    assert len(parts) == 3
    assert all(part.endswith("\n") for part in parts)


def test_colours_of_a_log_become_words_and_progress_keeps_its_last_state(see):
    tokens = see(LOG.encode(), "train.log").tokens
    assert ("ansi-green", "epoch 1") in tokens
    assert ("ansi-bold ansi-red", "failed") in tokens
    shown = "".join(text for _, text in tokens)
    assert shown == "epoch 1 ok\n100%\nfailed\n"


def test_code_has_its_words_told_apart(see):
    shown = see(b"def f():\n    return 'x'  # why\n", "f.py")
    assert {"keyword", "string", "comment"} <= {kind for kind, _ in shown.tokens}
    assert "".join(text for _, text in shown.tokens) == shown.text


def test_a_single_line_of_a_gibibyte_is_read_no_further_than_a_page(see):
    shown = see(b"x" * 3_000_000, "a.txt")
    assert (len(shown.text), shown.more) == (256 * 1024, 256 * 1024)
    assert see(b'{"a": [' + b"1," * 1_000_000 + b"1]}", "a.json").kind == "text"


@pytest.mark.parametrize(
    ("name", "data"),
    [("v.json", b'{"a": [1, {"b": null}]}'), ("v.yaml", b"a: [1, {b: null}]"), ("v.yml", b"a: [1, {b: null}]")],
)
def test_values_are_a_tree(see, name, data):
    shown = see(data, name)
    assert (shown.kind, shown.value, shown.truncated) == ("tree", {"a": [1, {"b": None}]}, False)


def test_toml_is_a_tree_and_its_dates_are_words(see):
    assert see(b"d = 2026-01-02\n[t]\nx = 1\n", "v.toml").value == {"d": "2026-01-02", "t": {"x": 1}}


def test_what_does_not_parse_is_text(see):
    assert see(b'{"a": 1}\n{"b": 2}\n', "v.json").kind == "text"


BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{last}'] * 9)}]\n" for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {"b.yaml": BILLION.encode(), "deep.json": b"[" * 100_000 + b"]" * 100_000, "deep.yaml": b"[" * 5_000}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_of_values_are_bounded(see, name):
    shown = see(BOMBS[name], name)
    length = len(json.dumps(shown.value)) if shown.kind == "tree" else len(shown.text)
    assert length < 1_000_000
    assert shown.kind == "text" or shown.truncated


def test_yaml_makes_no_objects(see):
    assert see(b"!!python/object/apply:os.system ['true']", "v.yaml").kind == "text"


def test_markdown_is_a_page_without_scripts_to_start(see):
    shown = see(b"# head\n\n| a |\n|---|\n| 1 |\n", "a.md")
    assert (shown.kind, shown.scripts) == ("markdown", False)
    assert "<h1>head</h1>" in shown.html
    assert "<table>" in shown.html


def test_html_is_a_page_whose_scripts_may_be_started(see):
    shown = see(b"<p>x</p>", "a.html")
    assert (shown.kind, shown.html, shown.scripts) == ("html", "<p>x</p>", True)


def test_a_gzipped_log_is_read_as_the_log(see):
    assert see(gzip.compress(b"hello\n"), "a.log.gz").text == "hello\n"


def test_a_gzip_bomb_is_unpacked_no_further_than_a_page(see):
    shown = see(gzip.compress(b"x" * 50_000_000), "a.txt.gz")
    assert len(shown.text) == 256 * 1024


PICTURE = "iVBORw0KGgo="


@pytest.fixture
def notebook() -> bytes:
    cells = [
        v4.new_markdown_cell("# Title\n\n<script>m()</script>"),
        v4.new_code_cell(
            "print('<b>')",
            execution_count=7,
            outputs=[
                v4.new_output("stream", text="\x1b[31m<i>red</i>\x1b[0m"),
                v4.new_output("display_data", {"image/png": PICTURE, "text/plain": "fig"}),
                v4.new_output("display_data", {"image/svg+xml": "<svg onload='x()'/>", "text/plain": "s"}),
                v4.new_output("display_data", {"application/javascript": "evil()", "text/plain": "plain"}),
                v4.new_output("error", traceback=["\x1b[0;31mBoom\x1b[0m", "line"]),
            ],
        ),
    ]
    return json.dumps(v4.new_notebook(cells=cells)).encode()


def test_a_notebook_is_rendered_with_its_outputs(see, notebook):
    html = see(notebook, "n.ipynb").html
    assert "<h1>Title</h1>" in html
    assert '<span class="n">[7]</span>' in html
    assert f"data:image/png;base64,{PICTURE}" in html
    assert '<span class="ansi-red">&lt;i&gt;red&lt;/i&gt;</span>' in html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert "evil" not in html
    assert "data:image/svg+xml,%3Csvg" in html
    assert "Boom" in html


def test_a_notebook_has_no_scripts_to_start(see, notebook):
    shown = see(notebook, "n.ipynb")
    assert (shown.kind, shown.scripts, shown.truncated) == ("notebook", False, False)


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"cells": 3}', b'{"cells": [1, {"outputs": 2}]}'])
def test_what_is_hardly_a_notebook_is_no_error(see, data):
    assert see(data, "n.ipynb").kind in ("notebook", "text")


def test_a_long_notebook_ends_and_says_so(see):
    data = json.dumps({"cells": [{"cell_type": "code", "source": "1", "outputs": []}] * 400}).encode()
    shown = see(data, "n.ipynb")
    assert shown.truncated
    assert shown.html.count("<section>") == 300


def test_code_whose_words_take_too_long_to_tell_apart_stays_plain_and_whole():
    from mlart_jupyter.preview.text import highlighted

    tokens = highlighted("import a\n" * 50, "python", seconds=-1)
    assert "".join(text for _, text in tokens) == "import a\n" * 50
    assert len(tokens) == 2
