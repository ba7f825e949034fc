"""A file's head → a typed, bounded, safe preview. Never opens a store, never unpickles.

The form is told by the content where it has a signature; the name decides only among texts.
"""

from mlart_jupyter.preview.look import look
from mlart_jupyter.preview.previews import Image, Preview, Table, Text, Unknown

__all__ = ["Image", "Preview", "Table", "Text", "Unknown", "look"]
