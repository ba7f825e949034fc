"""Texts: plain, JSON, Markdown, HTML."""

from __future__ import annotations

import json

from mlart_jupyter.preview.previews import Preview, Text

KINDS = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
LANGUAGES = {
    ".py": "python",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".sql": "sql",
    ".r": "r",
    ".ipynb": "json",
    ".sh": "bash",
}
LARGEST_PRETTY = 100_000
"""Bytes of JSON that are laid out anew."""


def text(head: bytes, size: int, suffix: str) -> Preview:
    """Preview the head of a text."""
    truncated = len(head) < size
    content = head.decode("utf-8-sig", errors="replace")
    if truncated:  # a character may be cut in the middle
        content = content.rstrip("\ufffd")
    kind = KINDS.get(suffix, "text")
    if kind == "json" and not truncated and size <= LARGEST_PRETTY:
        content = _pretty(content)
    return Text(content, truncated, size, kind, LANGUAGES.get(suffix))


def _pretty(content: str) -> str:
    try:
        return json.dumps(json.loads(content), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return content
