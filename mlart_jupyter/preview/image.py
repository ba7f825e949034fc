"""Pictures, told by their signature; a picture too large to be drawn is told by its head."""

from __future__ import annotations

import struct

from mlart_jupyter.preview.converted import TIFF
from mlart_jupyter.preview.previews import Fact, Image, Preview, Unknown
from mlart_jupyter.preview.source import Source

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}
TIFF_TYPE = "image/tiff"
"""Converted on its own, and only as much of it as its first page has."""
MOST_PIXELS = 64_000_000
"""A browser needs four bytes for each."""
LARGEST_SIDE = 30_000
LARGEST_BYTES = 32 * 2**20
Sides = tuple[int, int] | None


def image(source: Source) -> Preview | None:
    """Preview a picture; None for anything else."""
    head = source.head
    media_type = _media_type(head)
    if media_type is None:
        return None
    width, height = _sides(head, media_type) or (None, None)
    facts = (Fact("picture", media_type), Fact("pixels", f"{width or '?'} × {height or '?'}"))
    if (width or 0) * (height or 0) > MOST_PIXELS or max(width or 0, height or 0) > LARGEST_SIDE:
        return Unknown("This picture has too many pixels to be drawn here; download it.", source.size, facts)
    if source.size > LARGEST_BYTES and media_type != TIFF_TYPE:
        return Unknown("This picture is too large to be drawn here; download it.", source.size, facts)
    return Image(media_type, source.size, width, height)


def _media_type(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if is_svg(head):
        return "image/svg+xml"
    if head.startswith(TIFF):
        return TIFF_TYPE
    kind = next((kind for mark, kind in SIGNATURES.items() if head.startswith(mark)), None)
    # two letters alone are too little: a bitmap also has four zeros at a fixed place
    return None if kind == "image/bmp" and head[6:10] != b"\0\0\0\0" else kind


def is_svg(head: bytes) -> bool:
    """Whether a text is an SVG."""
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!DOCTYPE svg", b"<!--")) and b"<svg" in start)


def _sides(head: bytes, media_type: str) -> Sides:
    try:
        return _READERS[media_type](head) if media_type in _READERS else None
    except (struct.error, IndexError):  # cut off
        return None


def _png(head: bytes) -> Sides:
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _gif(head: bytes) -> Sides:
    width, height = struct.unpack("<HH", head[6:10])
    return width, height


def _bmp(head: bytes) -> Sides:
    width, height = struct.unpack("<ii", head[18:26])
    return abs(width), abs(height)


def _jpeg(head: bytes) -> Sides:
    """Walk the segments to the frame's header, T.81 table B.1."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], struct.unpack(">H", head[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _webp(head: bytes) -> Sides:
    """The three forms of RFC 9649, section 2."""
    form = head[12:16]
    if form == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


_READERS = {"image/png": _png, "image/gif": _gif, "image/bmp": _bmp, "image/jpeg": _jpeg, "image/webp": _webp}
