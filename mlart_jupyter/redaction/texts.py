"""Takes secrets out of texts: plain ones, and all strings of a JSON document at once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from mlart_jupyter.redaction.models import Finding, Rules
from mlart_jupyter.redaction.patterns import Spot, spots

BETWEEN = "\n\0\n"
"""Stands between the strings of a document while they are searched together."""
BINARY = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "audio/", "video/")

Where = tuple[Any, ...]
"""Keys and indices from a document's root to a string in it."""


def redact_text(text: str, rules: Rules) -> tuple[str, tuple[Finding, ...]]:
    """Redact a text; each finding names its line."""
    found = spots(text, rules)
    lines = (text.count("\n", 0, start) + 1 for start, _, _ in found)
    findings = [Finding(kind, f"line {line}", text[a:b]) for line, (a, b, kind) in zip(lines, found, strict=True)]
    return _replaced(text, found), tuple(findings)


def redact_document(document: Any, rules: Rules, place: Callable[[Where], str]) -> tuple[Finding, ...]:
    """Redact all strings of a JSON document in place; `place` names where one stands."""
    leaves = list(_leaves(document, ()))
    starts = list(accumulate((len(leaf.text) + len(BETWEEN) for leaf in leaves), initial=0))
    found: defaultdict[int, list[Spot]] = defaultdict(list)
    for first, last, kind in spots(BETWEEN.join(leaf.text for leaf in leaves), rules):
        number = bisect_right(starts, first) - 1
        offset = starts[number]
        found[number].append(Spot((first - offset, min(last - offset, len(leaves[number].text)), kind)))
    findings = []
    for number, among in found.items():
        leaf = leaves[number]
        findings += [Finding(kind, place(leaf.where), leaf.text[start:end]) for start, end, kind in among]
        leaf.replace(_replaced(leaf.text, among))
    return tuple(findings)


@dataclass(slots=True)
class Leaf:
    """One string of a document, or a list of lines."""

    holder: Any
    key: Any
    text: str
    where: Where
    is_lines: bool = False

    def replace(self, text: str) -> None:
        """Put another text in its place."""
        self.holder[self.key] = text.splitlines(keepends=True) if self.is_lines else text


def _leaves(node: Any, where: Where) -> Iterator[Leaf]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        if isinstance(value, str):
            if not _is_binary(key):
                yield Leaf(node, key, value, (*where, key))
        elif isinstance(value, list) and _is_text(value):
            if not _is_binary(key):
                yield Leaf(node, key, "".join(value), (*where, key), is_lines=True)
        elif isinstance(value, dict | list):
            yield from _leaves(value, (*where, key))


def _is_text(value: list[Any]) -> bool:
    """Whether a list is one text by lines, as notebooks hold sources."""
    return bool(value) and all(isinstance(v, str) for v in value) and all(v.endswith("\n") for v in value[:-1])


def _is_binary(key: Any) -> bool:
    return isinstance(key, str) and key.startswith(BINARY)


def _replaced(text: str, found: list[Spot]) -> str:
    pieces, before = [], 0
    for start, end, kind in found:
        pieces += [text[before:start], f"[redacted: {kind}]"]
        before = end
    return "".join([*pieces, text[before:]])
