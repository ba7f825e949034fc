"""HTML pages: what was shown as a document, and charts whose library is stored once per run.

A chart's page names its script relatively (``../lib/plotly-4.1.1.min.js``), so that it needs no
internet; a page that is downloaded alone gets the script inlined. The page is made when its item is
delivered: the cell pays for the specification only.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from subprocess import SubprocessError
from typing import Any

from mlart_jupyter.models import File
from mlart_jupyter.renderers.alike import PAGE_IDS, alike
from mlart_jupyter.renderers.libraries import FOLDER, LIBRARIES
from mlart_jupyter.trouble import trouble

ENCODING = "page"
HTML = "text/html"
MARK = b'<meta name="generator" content="mlart">'
"""Tells our own pages: no other page is changed."""
HEAD_BYTES = 2000
SCRIPT = re.compile(rb'<script src="(?:\.\./)*(lib/[A-Za-z0-9._-]+\.js)"></script>')


@dataclass(frozen=True, slots=True)
class Script:
    """A library's script and its path in the run."""

    path: str
    find: Callable[[], bytes]

    def read(self) -> bytes | None:
        """The script, which may take seconds; None where the library's package does not give it.

        Its page is stored all the same, and says what is missing.
        """
        try:
            return self.find()
        except (OSError, SubprocessError):
            trouble("The script %s cannot be read", self.path)
            return None


def html_file(text: str, title: str = "", same: str = "") -> File:
    """A shown piece of HTML as a document: without its character set a browser guesses one.

    Parameters
    ----------
    same
        Equal for texts that show the same, see `File.alike`; ``""`` finds it out.
    """
    same = same or alike(text, PAGE_IDS)
    if re.match(r"\s*<(!doctype|html)\b", text, re.IGNORECASE):
        return File(".html", HTML, text.encode(errors="replace"), alike=same)
    head = f'<!doctype html>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
    return File(".html", HTML, (head + text).encode(errors="replace"), alike=same)


def chart_file(library: str, spec: bytes, title: str = "", version: str = "", same: str = "") -> File:
    """A page to be made at delivery.

    Parameters
    ----------
    spec
        JSON in UTF-8 (for ``shap`` HTML).
    version
        Of the library, as the chart asks for it; ``""`` takes the one that is here.
    same
        Equal for specifications that show the same, see `File.alike`.
    """
    head = json.dumps({"library": library, "title": title, "version": version})
    return File(".html", HTML, b"%b\n%b" % (head.encode(), spec), ENCODING, same)


def build(payload: bytes | memoryview, path: str) -> bytes:
    """Make the page of a spooled chart; the same payload and folder give the same bytes.

    Parameters
    ----------
    path
        Where the page will be in the run.
    """
    words, spec = _opened(payload)
    script = _script(words)
    up = "../" * path.count("/")
    tag = f'<script src="{up}{script.path}"></script>\n' if script else ""
    return _composed(words["library"], words["title"], spec, tag.encode())


def alone(library: str, spec: bytes, code: bytes) -> bytes:
    """Make a page of a specification with the library's script inside."""
    return _composed(library, "", spec, b"<script>" + _inert(code) + b"</script>\n")


def _composed(library: str, title: str, spec: bytes, tag: bytes) -> bytes:
    body = LIBRARIES[library].body
    if "application/json" in body:  # a "<" can only be in a string there, and must not end the element
        spec = spec.replace(b"<", b"\\u003c")
    before, _, after = body.partition("{spec}")
    head = f'<!doctype html>\n<html><head>\n<meta charset="utf-8">\n{MARK.decode()}\n'
    head += f"<title>{html.escape(title)}</title>\n"
    start = head.encode(errors="replace") + tag + b"</head><body>\n" + before.encode()
    return start + spec + after.encode() + b"</body></html>\n"


def scripts(payload: bytes | memoryview) -> tuple[Script, ...]:
    """The scripts that the page of a payload needs in its run; none where this interpreter has none."""
    script = _script(_opened(payload)[0])
    return (script,) if script else ()


def _opened(payload: bytes | memoryview) -> tuple[dict[str, Any], bytes]:
    head, _, spec = bytes(payload).partition(b"\n")
    return json.loads(head), spec


def _script(words: dict[str, Any]) -> Script | None:
    library = LIBRARIES[words["library"]]
    try:
        name, read = library.find(words["version"])
    except (OSError, ImportError):  # the page says what is missing
        return None
    return Script(f"{FOLDER}/{name}", read)


# -- a page on its own --------------------------------------------------------------------------------


def script_of(page: bytes) -> str | None:
    """The path in the run of the script that a page of ours reads; None for any other file."""
    head = page[:HEAD_BYTES]
    found = SCRIPT.search(head) if MARK in head else None
    return found[1].decode() if found else None


def inline(page: bytes, read_script: Callable[[str], bytes]) -> bytes:
    """Put the script that a page reads into it, so that it draws alone; any other page stays as it is.

    Parameters
    ----------
    read_script
        Reads a file of the page's run, by its path there.
    """
    path = script_of(page)
    if path is None:
        return page
    code = _inert(read_script(path))
    return SCRIPT.sub(lambda found: b"<script>" + code + b"</script>", page, count=1)


def _inert(code: bytes) -> bytes:
    """A script without what would end its element."""
    return re.sub(rb"<(/script|!--)", rb"<\\\1", code, flags=re.IGNORECASE)


def refer(page: bytes, source: str) -> bytes:
    """Let a page of ours read its script from elsewhere."""
    return SCRIPT.sub(lambda found: b'<script src="%b"></script>' % source.encode(), page, count=1)
