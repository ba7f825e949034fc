"""JSON, YAML and TOML as their values, bounded in number, depth and length."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

from mlart_jupyter.preview.previews import Tree
from mlart_jupyter.preview.source import HEAD_BYTES, Source, decoded

MOST_VALUES = 20_000
DEEPEST = 60
STRING_CHARACTERS = 5_000
LARGEST_YAML = 32 * 1024
"""Bytes; YAML is parsed in Python, half a second for so much: the C parser crashes where values are nested deeply."""


def tree(source: Source) -> Tree | None:
    """Preview a whole small file of values; None for a larger one or where it does not parse."""
    reader = READERS.get(source.suffix)
    if reader is None or not source.is_whole or source.at:
        return None
    language, limit, parse = reader
    if source.size > limit:
        return None
    try:
        value = parse(decoded(source.head, cut=False))
    except Exception:  # no such file after all, as each parser says in its own way: it is shown as text
        return None
    bound = _Bound()
    return Tree(bound.of(value), source.size, language, bound.is_cut)


class _Bound:
    """Copies values until there are too many: anchors in YAML can make a few lines into billions."""

    def __init__(self) -> None:
        self._left = MOST_VALUES
        self.is_cut = False

    def of(self, value: Any, depth: int = 0) -> Any:
        """The value as JSON holds it."""
        self._left -= 1
        if isinstance(value, (dict, list)) and (depth >= DEEPEST or self._left < 0):
            return self._cut("…")
        if isinstance(value, dict):
            return {str(key)[:200]: self.of(each, depth + 1) for key, each in self._counted(value.items())}
        if isinstance(value, list):
            return [self.of(each, depth + 1) for each in self._counted(value)]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)) and abs(value) < 2**53:
            return value
        return self._short(str(value))

    def _counted(self, values: Any) -> Any:
        for each in values:
            if self._left <= 0:
                self._cut("")
                return
            yield each

    def _short(self, text: str) -> str:
        return text if len(text) <= STRING_CHARACTERS else self._cut(text[:STRING_CHARACTERS] + "…")

    def _cut(self, value: str) -> str:
        self.is_cut = True
        return value


def _yaml(content: str) -> Any:
    import yaml

    return yaml.load(content, Loader=yaml.SafeLoader)


Reader = tuple[str, int, Callable[[str], Any]]
READERS: dict[str, Reader] = {
    ".json": ("json", HEAD_BYTES, json.loads),
    ".yaml": ("yaml", LARGEST_YAML, _yaml),
    ".yml": ("yaml", LARGEST_YAML, _yaml),
    ".toml": ("toml", HEAD_BYTES, tomllib.loads),
}
