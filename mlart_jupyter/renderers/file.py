"""Files on the local disk, given by hand or written by a cell."""

from __future__ import annotations

import mimetypes
import mmap
from pathlib import Path

from mlart_jupyter.errors import UnknownFile
from mlart_jupyter.models import FILE_KIND, File, Rendered
from mlart_jupyter.renderers.base import Bundle, Limits

UNKNOWN = "application/octet-stream"


def render(obj: Path, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a file as it is, through a memory map: a large one costs no memory.

    Raises
    ------
    UnknownFile
        It cannot be read.
    """
    media_type = mimetypes.guess_type(obj.name)[0] or UNKNOWN
    try:
        file = File(obj.suffix, media_type, _contents(obj))
    except OSError as error:
        raise UnknownFile(f"The file {obj} cannot be read ({error.strerror})", "Check its name and rights") from error
    return Rendered(FILE_KIND, "files", (file,))


def _contents(path: Path) -> bytes | mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
