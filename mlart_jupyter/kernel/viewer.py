"""Shows one artifact in the notebook; nothing in it can run there."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from IPython.display import Image, display

from mlart_jupyter.sizes import readable_size

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts

RASTER = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif"}
HEAD_ROWS = 20
HEAD_CHARACTERS = 20_000


def view(artifacts: Artifacts, path: str) -> None:
    """Show a picture, the head of a frame, or the head of a text.

    SVG and HTML are shown as their text: as pictures they could run scripts in the page.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in RASTER:
        display(Image(artifacts.read(path), format=RASTER[suffix]))
    elif suffix == ".parquet":
        frame = artifacts.frame(path)
        display(frame.head(HEAD_ROWS))
        print(f"{len(frame):,} rows")
    else:
        _view_text(artifacts.read(path), path)


def _view_text(data: bytes, path: str) -> None:
    if b"\0" in data[:HEAD_CHARACTERS]:
        print(f"{path}: {readable_size(len(data))} of binary data; %mlart get downloads it")
        return
    text = data.decode(errors="replace")
    print(text[:HEAD_CHARACTERS])
    if len(text) > HEAD_CHARACTERS:
        print(f"… {len(text) - HEAD_CHARACTERS:,} more characters; %mlart get downloads all")
