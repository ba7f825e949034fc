"""Texts that show the same although names in them are drawn by lot or counted up."""

from __future__ import annotations

import hashlib
import re

DRAWN = r"T_[0-9a-f]{5,32}(?![0-9a-z])|i[A-Z\d]{20}\b|top_div[A-Z\d]{15}\b"
"""What pandas (a Styler's name starts those of its cells), SHAP and LIME draw, which may have no digit."""
PAGE_IDS = re.compile(rf""" id=["']?({DRAWN}|[A-Za-z][\w:.-]*\d[\w:.-]*)""")
"""Names of a page's elements: drawn ones, and counted ones as sklearn's.

The space in front is faster than any other sign of a word's start: the search skips to the literal.
"""
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
