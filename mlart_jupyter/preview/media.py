"""Sound, video and PDF: told by their signature, shown by the browser's own players."""

from __future__ import annotations

from mlart_jupyter.preview.previews import Media, Preview
from mlart_jupyter.preview.source import Source

SIGNATURES = {
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
    b"\xff\xf3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"\x1aE\xdf\xa3": "video/webm",
    b"%PDF-": "application/pdf",
}
AUDIO_SUFFIXES = (".m4a", ".oga", ".opus", ".ogg", ".weba")
OGG_VIDEO = (b"\x80theora", b"\x01video")


def media(source: Source) -> Preview | None:
    """Preview what plays; None for anything else."""
    media_type = _media_type(source.head, source.suffix)
    if media_type is None:
        return None
    kind = "pdf" if media_type == "application/pdf" else media_type.partition("/")[0]
    return Media(media_type, source.size, kind)


def _media_type(head: bytes, suffix: str) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    sounds = suffix in AUDIO_SUFFIXES
    if head[4:8] == b"ftyp":
        return "audio/mp4" if sounds else "video/mp4"
    if head.startswith(b"OggS"):
        return "video/ogg" if any(mark in head[:4096] for mark in OGG_VIDEO) else "audio/ogg"
    found = next((kind for mark, kind in SIGNATURES.items() if head.startswith(mark)), None)
    return "audio/webm" if found == "video/webm" and sounds else found
