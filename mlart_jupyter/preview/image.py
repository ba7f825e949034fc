"""Pictures, told by their signature."""

from __future__ import annotations

import struct

from mlart_jupyter.preview.previews import Image

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
LARGEST_SIDE = 20_000
"""Pixels; a browser that decodes a larger picture may run out of memory."""


def image(head: bytes, size: int) -> Image | None:
    """Preview a picture that a browser shows; None for anything else."""
    media_type = _media_type(head)
    if media_type is None:
        return None
    width, height = _png_sides(head) if media_type == "image/png" else (None, None)
    if max(width or 0, height or 0) > LARGEST_SIDE:
        raise ValueError("the picture's sides are too long")
    return Image(media_type, size, width, height)


def _media_type(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if _is_svg(head):
        return "image/svg+xml"
    return next((kind for mark, kind in SIGNATURES.items() if head.startswith(mark)), None)


def _is_svg(head: bytes) -> bool:
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<svg") or (start.startswith((b"<?xml", b"<!DOCTYPE svg")) and b"<svg" in start)


def _png_sides(head: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", head[16:24])
    return width, height
