"""Pictures that browsers do not draw, as PNG: TIFF, and AVIF for browsers without it.

Pillow decodes them; it is optional.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from mlart_jupyter.errors import MlartError, WrongContent
from mlart_jupyter.preview.previews import Fact
from mlart_jupyter.sizes import readable_size

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 32_000_000
"""Of the picture as it is; four bytes each in memory."""
MOST_READ = 64 * 2**20
"""Bytes of the file: of an uncompressed TIFF only the first page is read."""
LONGEST_SIDE = 1600
"""Pixels of the PNG; a larger picture is shown smaller."""
ONE_AT_A_TIME = threading.Lock()
"""A large picture takes some hundred megabytes while it is converted."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The two orders of bytes, and both again for BigTIFF."""
PLAIN = {"1": "L", "P": "RGBA", "PA": "RGBA", "YCbCr": "RGB", "I;16": "I", "I;16L": "I", "I;16B": "I", "I;16N": "I"}
"""What is made of modes that cannot be made smaller."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A picture as PNG, and what became of it on the way."""

    png: bytes
    facts: tuple[Fact, ...]


def as_png(file: BinaryIO) -> Converted:
    """The first page of a TIFF, or an AVIF, as PNG.

    Raises
    ------
    WrongContent
        It is neither, is broken, or is larger than may be decoded here.
    MlartError
        Pillow is not installed, or cannot decode it.
    """
    head = file.read(12)
    file.seek(0)
    try:
        with ONE_AT_A_TIME:
            return _png(_opener(head)(cast("BinaryIO", _Metered(file))))
    except MlartError:
        raise
    except Exception as error:  # a hostile or broken picture must give a sentence, whatever its decoder raises
        problem = f"Pillow cannot read this picture ({type(error).__name__})"
        raise WrongContent(problem, "Download it to look into it") from error


def _opener(head: bytes) -> Callable[[BinaryIO], Image.Image]:
    """The decoder itself: `PIL.Image.open` tries them all, and warns of large pictures."""
    try:
        if head.startswith(TIFF):
            from PIL.TiffImagePlugin import TiffImageFile

            return TiffImageFile
        if head[4:8] == b"ftyp":
            from PIL.AvifImagePlugin import AvifImageFile

            return AvifImageFile
    except ImportError:
        needed = "pillow" if head.startswith(TIFF) else "pillow>=11.3"
        raise MlartError(
            f"To show this picture {needed} is needed, which is not installed here",
            f"Install it with `pip install '{needed}'` where Jupyter runs (for a panel: where its kernel runs)",
        ) from None
    raise WrongContent("This picture is of no form that is converted", "Download it")


def _png(picture: Image.Image) -> Converted:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        problem = f"This picture has {width:,} × {height:,} pixels, too many to be converted here"
        raise WrongContent(problem, "Download it")
    facts = [Fact("picture", picture.format or ""), Fact("pixels", f"{width} × {height}")]
    values = _values(picture)
    shown = _grey(_smaller(picture), values) if values else _smaller(picture)
    if shown.size != picture.size:
        facts.append(Fact("shown with", f"{shown.width} × {shown.height}"))
    if values:
        facts.append(Fact("values", f"{values[0]:,g} (black) to {values[1]:,g} (white)"))
    shown.info = {}  # no profile and no text of the file's goes with it
    out = io.BytesIO()
    shown.save(out, "PNG", compress_level=1)
    return Converted(out.getvalue(), (*facts, *_pages(picture)))


def _values(picture: Image.Image) -> tuple[float, float] | None:
    """The least and the greatest of values that are more than 255 greys; None of an ordinary picture."""
    if not picture.mode.startswith(("I", "F")):
        return None
    low, high = cast("tuple[float, float]", picture.getextrema())
    if not math.isfinite(high - low):
        raise WrongContent("This picture has values without bounds", "Download it")
    return float(low), float(high)


def _smaller(picture: Image.Image) -> Image.Image:
    mode = PLAIN.get(picture.mode)
    plain = picture.convert(mode) if mode else picture
    factor = math.ceil(max(plain.size) / LONGEST_SIDE)
    small = plain.reduce(factor) if factor > 1 else plain
    return small if small.mode in ("L", "LA", "RGB", "RGBA", "I", "F") else small.convert("RGB")


def _grey(picture: Image.Image, values: tuple[float, float]) -> Image.Image:
    low, high = values
    scale = 255 / (high - low or 1)
    return picture.convert("F").point(lambda value: value * scale + -low * scale).convert("L")


def _pages(picture: Image.Image) -> tuple[Fact, ...]:
    """Whether there are more; how many, only reading all of the file would tell."""
    try:
        picture.seek(1)
    except EOFError:
        return ()
    return (Fact("shown", "the first of several pages"),)


class _Metered(io.RawIOBase):
    """A file of which only so much is read, however often a decoder asks."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._left = file, MOST_READ

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Seek as the file does."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Tell as the file does."""
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        """Read as the file does.

        Raises
        ------
        WrongContent
            Now it is too much.
        """
        data = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            problem = f"To show this picture more than {readable_size(MOST_READ)} would have to be read"
            raise WrongContent(problem, "Download it")
        return data
