"""Texts that show the same although names in them are drawn by lot or counted up."""

from __future__ import annotations

import hashlib
import re

PAGE_IDS = re.compile(r"""\bid=["']?([A-Za-z][\w:.-]*\d[\w:.-]*)""")
"""Names of a page's elements, as sklearn counts them and pandas draws them."""
BOKEH_IDS = re.compile(r"\bp\d{3,}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOST_NAMES, MOST_CHARACTERS = 200, 1_000_000
"""A text with more of either is told by its bytes alone: the cell would pay for more."""


def alike(text: str, names: re.Pattern[str]) -> str:
    """Digest of a text in which names are numbered in their order; ``""`` where there are none, or too many.

    Two texts that show the same and differ in such names have one digest.
    """
    if len(text) > MOST_CHARACTERS:
        return ""
    found = list(dict.fromkeys(names.findall(text)))
    if not found or len(found) > MOST_NAMES:
        return ""
    numbers = {name: f"#{i}" for i, name in enumerate(found)}
    longest_first = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    plain = re.sub(longest_first, lambda match: numbers[match[0]], text)
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()
