"""Sizes as people read them."""

from __future__ import annotations


def readable_size(size: int | None) -> str:
    """Bytes in words.

    >>> readable_size(2048)
    '2.0 kB'
    """
    if size is None:
        return "?"
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < (1000 if unit == "B" else 999.95):  # what rounds to 1000.0 goes to the next unit
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
