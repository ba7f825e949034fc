"""Texts: logs with their colours, code with its words told apart, anything else as it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from mlart_jupyter.preview.ansi import spans
from mlart_jupyter.preview.previews import Text
from mlart_jupyter.preview.source import Source, decoded

LANGUAGES = {
    ".py": "python",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".sql": "sql",
    ".r": "r",
    ".sh": "bash",
    ".js": "javascript",
    ".css": "css",
    ".html": "html",
    ".xml": "xml",
    ".ini": "ini",
    ".dockerfile": "docker",
}
LARGEST_CODE = 64 * 1024
"""Characters of code whose words are told apart."""
HIGHLIGHT_SECONDS = 0.3
LONGEST_LINE = 5_000
"""Characters; patterns of a highlighter can be slow on a longer line."""
KINDS = {"Keyword": "keyword", "String": "string", "Comment": "comment", "Number": "number", "Function": "name"}


def text(source: Source) -> Text:
    """Preview a part of a text."""
    data = source.chunk()
    truncated = not source.ends(data)
    if truncated and b"\n" in data:  # a part ends with a line where it can
        data = data[: data.rindex(b"\n") + 1]
    end = source.at + len(data)
    content = decoded(data, cut=truncated)
    language = LANGUAGES.get(source.suffix)
    tokens = spans(content) or highlighted(content, language)
    return Text(content, truncated, source.size, "text", language, tokens, end if truncated and data else None)


def highlighted(content: str, language: str | None, seconds: float = HIGHLIGHT_SECONDS) -> tuple[tuple[str, str], ...]:
    """Code in parts, each after what it is; empty where that would be slow, or says nothing.

    A highlighter's patterns can be made slow by a hostile text (62 s for 60 kB of blank lines was measured):
    what is left after the given time stays plain.
    """
    if language is None or len(content) > LARGEST_CODE:
        return ()
    if max(map(len, content.splitlines()), default=0) > LONGEST_LINE:
        return ()
    from pygments.lexers import get_lexer_by_name

    content = content.replace("\r\n", "\n").replace("\r", "\n")
    tokens = get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(content)
    return tuple(_merged(_in_time(tokens, content, time.monotonic() + seconds)))


def _in_time(tokens: Iterable[tuple[object, str]], content: str, until: float) -> Iterator[tuple[object, str]]:
    taken = 0
    for token, value in tokens:
        yield token, value
        taken += len(value)
        if time.monotonic() > until:
            yield "", content[taken:]
            return


def _merged(tokens: Iterator[tuple[object, str]]) -> Iterator[tuple[str, str]]:
    """Neighbours of the same kind as one part."""
    last, part = "", ""
    for token, value in tokens:
        kind = next((KINDS[name] for name in str(token).split(".") if name in KINDS), "")
        if kind != last and part:
            yield last, part
            part = ""
        last, part = kind, part + value
    if part:
        yield last, part
