"""Pages: made at delivery, with a script beside them, and on their own with it inside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.renderers import finish, libraries, scripts
from mlart_jupyter.renderers.page import chart_file, html_file, inline, refer, script_of

SPEC = b'{"data": [{"text": "</script><b>\\u00e9"}]}'
CODE = b"/**\n* plotly.js v9.8.7\n*/ window.Plotly = '</script><!-- x';"


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of every library's package."""
    (tmp_path / "package_data").mkdir()
    (tmp_path / "package_data" / "plotly.min.js").write_bytes(CODE)
    monkeypatch.setattr(libraries, "_place", lambda module: tmp_path)
    return tmp_path


def page(path: str = "charts/x.html", title: str = "T") -> bytes:
    file = chart_file("plotly", SPEC, title)
    return bytes(finish(file.encoding, file.data[:], path).data)


def test_a_page_reads_the_script_of_its_run_relatively() -> None:
    assert b'<script src="../lib/plotly-9.8.7.min.js"></script>' in page()
    assert b'<script src="../../../lib/plotly-9.8.7.min.js"></script>' in page("a/b/c/x.html")
    assert b'<script src="lib/plotly-9.8.7.min.js"></script>' in page("x.html")


def test_a_page_names_nothing_on_the_internet() -> None:
    assert not re.search(rb"https?:|//[a-z]", page())


def test_the_specification_cannot_end_its_element() -> None:
    (found,) = re.findall(rb'<script type="application/json" id="spec">(.*?)</script>', page(), re.DOTALL)
    assert json.loads(found) == json.loads(SPEC)


def test_a_title_is_text() -> None:
    assert b"<title>&lt;script&gt;</title>" in page(title="<script>")


def test_the_script_is_told_with_its_version() -> None:
    file = chart_file("plotly", SPEC)
    (script,) = scripts(file.encoding, file.data[:])
    assert (script.path, script.read()) == ("lib/plotly-9.8.7.min.js", CODE)


def test_other_files_need_no_script() -> None:
    assert scripts("raw", b"x") == ()


def test_where_the_library_has_gone_the_page_says_what_is_missing(packages: Path) -> None:
    (packages / "package_data" / "plotly.min.js").unlink()
    file = chart_file("plotly", SPEC)
    assert scripts(file.encoding, file.data[:]) == ()
    assert b"<script src=" not in page()
    assert b"is not beside the page" in page()


def test_inlining_puts_the_script_where_it_was_read() -> None:
    alone = inline(page(), {"lib/plotly-9.8.7.min.js": CODE}.__getitem__)
    assert b"<script src=" not in alone
    assert rb"window.Plotly = '<\/script><\!-- x'" in alone
    assert alone.count(b"</script>") == page().count(b"</script>")


def test_inlining_twice_changes_nothing() -> None:
    alone = inline(page(), lambda path: CODE)
    assert inline(alone, lambda path: CODE) == alone


@pytest.mark.parametrize(
    "other",
    [b"", b"<p>x</p>", b'<script src="../lib/plotly-1.min.js"></script>', b"\x00\xff"],
    ids=["empty", "plain", "another's page", "binary"],
)
def test_a_page_of_others_stays_as_it_is(other: bytes) -> None:
    assert script_of(other) is None
    assert inline(other, pytest.fail) == other


def test_a_page_can_read_its_script_elsewhere() -> None:
    assert b'<script src="lib/p.js"></script>' in refer(page(), "lib/p.js")


def test_the_script_of_a_page_is_its_path_in_the_run() -> None:
    assert script_of(page("a/b/x.html")) == "lib/plotly-9.8.7.min.js"


# -- documents --------------------------------------------------------------------------------------


def test_a_piece_of_html_becomes_a_document_in_utf8() -> None:
    data = bytes(html_file("<p>größe</p>", "A & B").data)
    assert data.startswith(b'<!doctype html>\n<meta charset="utf-8">\n<title>A &amp; B</title>\n')
    assert data.endswith("<p>größe</p>".encode())


@pytest.mark.parametrize("text", ["<!DOCTYPE html><p>x", "\n <html lang=de></html>"])
def test_a_document_stays_as_it_is(text: str) -> None:
    assert bytes(html_file(text).data) == text.encode()


def test_broken_characters_do_not_break_a_page() -> None:
    assert b"<p>?</p>" in bytes(html_file("<p>\ud800</p>").data)


# -- the libraries that are installed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "module", "word"),
    [
        ("plotly", "plotly", b"plotly.js"),
        ("bokeh", "bokeh", b"Bokeh"),
        ("vega", "vl_convert", b"vegaEmbed"),
    ],
)
def test_an_installed_library_has_its_script(monkeypatch: Any, name: str, module: str, word: bytes) -> None:
    pytest.importorskip(module)
    monkeypatch.undo()
    file, read = libraries.LIBRARIES[name].find("5.20.1")
    assert file.startswith(libraries.LIBRARIES[name].script)
    assert re.fullmatch(r"[a-z0-9.-]+\.js", file)
    assert word in read()
