"""A notebook as one page for the sandbox: its cells, their outputs, nothing that runs."""

from __future__ import annotations

import json
import time
from html import escape
from typing import Any

from mlart_jupyter.preview.ansi import spans
from mlart_jupyter.preview.page import markdown
from mlart_jupyter.preview.previews import Page, Preview
from mlart_jupyter.preview.source import Source, decoded
from mlart_jupyter.preview.text import highlighted

LARGEST = 32 * 2**20
MOST_CELLS = 300
CELL_CHARACTERS = 20_000
PAGE_CHARACTERS = 8 * 2**20
"""Of the page that is made; what comes after is left out, and the page says so."""
SECONDS = 1.0
"""For Markdown and for telling code's words apart; what is left then is shown plainly."""
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
TEXTS = ("text/latex", "text/plain")


def notebook(source: Source) -> Preview | None:
    """Preview a notebook; None where the file is none."""
    if source.suffix != ".ipynb" or source.size > LARGEST or source.at:
        return None
    try:
        cells = json.loads(decoded(source.chunk(LARGEST), cut=False))["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    html, truncated = _bounded(cells if isinstance(cells, list) else [], time.monotonic() + SECONDS)
    return Page(html, truncated, source.size, "notebook")


def _bounded(cells: list[Any], until: float) -> tuple[str, bool]:
    parts: list[str] = []
    length = 0
    for cell in cells[:MOST_CELLS]:
        part = _cell(cell, until) if isinstance(cell, dict) else ""
        length += len(part)
        if length > PAGE_CHARACTERS:
            return "".join(parts), True
        parts.append(part)
    return "".join(parts), len(cells) > MOST_CELLS


def _cell(cell: dict[str, Any], until: float) -> str:
    content = _joined(cell.get("source"))[:CELL_CHARACTERS]
    left = until - time.monotonic()
    if cell.get("cell_type") == "markdown" and left > 0:
        return f'<section class="md">{markdown(content)}</section>'
    if cell.get("cell_type") != "code":
        return f"<section><pre>{escape(content)}</pre></section>"
    count = cell.get("execution_count")
    label = escape(f"[{count}]") if isinstance(count, int) else "[ ]"
    outputs = cell.get("outputs")
    shown = "".join(_output(each) for each in outputs if isinstance(each, dict)) if isinstance(outputs, list) else ""
    code = _spans(highlighted(content, "python", left) if left > 0 else ()) or escape(content)
    return f'<section><span class="n">{label}</span><pre class="in">{code}</pre>{shown}</section>'


def _output(output: dict[str, Any]) -> str:
    if output.get("output_type") == "stream":
        kind = "err" if output.get("name") == "stderr" else "out"
        return _text(_joined(output.get("text")), kind)
    if output.get("output_type") == "error":
        return _text(_joined(output.get("traceback"), "\n"), "err")
    data = output.get("data")
    return _richest(data) if isinstance(data, dict) else ""


def _richest(data: dict[str, Any]) -> str:
    """The richest form that needs no script: a picture, a page, a text."""
    for kind in PICTURES:
        if kind in data:
            return f'<img src="data:{kind};base64,{escape(_joined(data[kind]))}" alt="">'
    if "image/svg+xml" in data:
        return f'<img src="{_svg(_joined(data["image/svg+xml"]))}" alt="">'
    if "text/html" in data:
        return f'<div class="html">{_joined(data["text/html"])}</div>'
    if "text/markdown" in data:
        return f'<div class="md">{markdown(_joined(data["text/markdown"])[:CELL_CHARACTERS])}</div>'
    return next((_text(_joined(data[kind]), "out") for kind in TEXTS if kind in data), "")


def _svg(content: str) -> str:
    """An SVG as a picture's address: in a picture its scripts do not run."""
    from urllib.parse import quote

    return f"data:image/svg+xml,{quote(content)}"


def _joined(lines: Any, between: str = "") -> str:
    """A notebook has its texts as one string or as lines."""
    return between.join(map(str, lines)) if isinstance(lines, list) else str(lines or "")


def _text(content: str, kind: str) -> str:
    content = content[:CELL_CHARACTERS]
    return f'<pre class="{kind}">{_spans(spans(content)) or escape(content)}</pre>'


def _spans(tokens: tuple[tuple[str, str], ...]) -> str:
    return "".join(_span(*token) for token in tokens)


def _span(look: str, content: str) -> str:
    return f'<span class="{look}">{escape(content)}</span>' if look else escape(content)
