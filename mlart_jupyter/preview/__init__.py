"""A file's head → a typed, bounded, safe preview. Never opens a store, never unpickles.

The form is told by the content where it has a signature; the name decides only among texts.
"""

from mlart_jupyter.preview.converted import as_png
from mlart_jupyter.preview.look import look
from mlart_jupyter.preview.model import SIBLINGS
from mlart_jupyter.preview.previews import (
    Chart,
    Column,
    Fact,
    Image,
    Media,
    Model,
    Page,
    Preview,
    Table,
    Text,
    Tree,
    Unknown,
)

__all__ = [
    "SIBLINGS",
    "Chart",
    "Column",
    "Fact",
    "Image",
    "Media",
    "Model",
    "Page",
    "Preview",
    "Table",
    "Text",
    "Tree",
    "Unknown",
    "as_png",
    "look",
]
