"""HTML and Markdown as pages: never for the browser's own page, only for a sandbox."""

from __future__ import annotations

from mlart_jupyter.preview.previews import Page, Preview
from mlart_jupyter.preview.source import Source, decoded

HTML = (".html", ".htm", ".xhtml")
MARKDOWN = (".md", ".markdown")
LARGEST_HTML = 8 * 2**20
LARGEST_MARKDOWN = 128 * 1024


def page(source: Source) -> Preview | None:
    """Preview HTML or Markdown."""
    if source.suffix in HTML:
        content = decoded(source.chunk(LARGEST_HTML), cut=source.size > LARGEST_HTML)
        return Page(content, source.size > LARGEST_HTML, source.size, "html", scripts=True)
    if source.suffix in MARKDOWN:
        content = decoded(source.head[:LARGEST_MARKDOWN], cut=True)
        return Page(markdown(content), source.size > LARGEST_MARKDOWN, source.size, "markdown")
    return None


def markdown(content: str) -> str:
    """Markdown as HTML. What HTML it has stays: the sandbox runs none of it."""
    import mistune

    made = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "task_lists"])
    return str(made(content))
