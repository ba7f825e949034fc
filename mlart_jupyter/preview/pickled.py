"""Pickles by the listing of their opcodes. Nothing here loads one: loading a pickle can run any code."""

from __future__ import annotations

import io
import pickletools
from dataclasses import dataclass, field
from typing import Any

from mlart_jupyter.preview.columns import CELL_CHARACTERS
from mlart_jupyter.preview.previews import Column, Fact, Preview, Table
from mlart_jupyter.preview.source import Source

SUFFIXES = (".pkl", ".pickle", ".joblib", ".p")
MOST_OPCODES = 2_000
SHOWN = 500
NOTE = "A pickle is listed, never loaded: loading one can run any code. Load it only if you trust who made it."
COLUMNS = (Column("position", "int64"), Column("opcode", "text"), Column("argument", "text"))
STRINGS = ("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8")


@dataclass
class _Reading:
    """What a pickle's machine would have: the strings it pushed, and those it remembers."""

    strings: list[str] = field(default_factory=list)
    memo: dict[int, str] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)

    def take(self, name: str, argument: Any) -> None:
        """Follow one opcode, as far as imports need it."""
        if name in STRINGS:
            self.strings.append(str(argument))
        elif name == "MEMOIZE" or "PUT" in name:
            key = len(self.memo) if argument is None else int(argument)
            self.memo[key] = self.strings[-1] if self.strings else ""
        elif "GET" in name and argument is not None:
            self.strings.append(self.memo.get(int(argument), "?"))
        elif name in ("GLOBAL", "INST"):
            self.imports[str(argument).replace(" ", ".")] = None
        elif name == "STACK_GLOBAL":
            self.imports[".".join(self.strings[-2:])] = None


def pickled(source: Source) -> Preview | None:
    """Preview a pickle."""
    is_marked = source.head[:1] == b"\x80" and source.head[1:2] in (b"\2", b"\3", b"\4", b"\5")
    if not is_marked and not (source.suffix in SUFFIXES and source.is_binary):
        return None
    rows, reading, is_whole = _listed(source.head)
    if not rows:
        return None
    protocol = next((row[2] for row in rows if row[1] == "PROTO"), "0 or 1")
    imports = ", ".join(list(reading.imports)[:30]) or "nothing"
    facts = (Fact("pickle protocol", str(protocol)), Fact("imports when loaded", imports[:CELL_CHARACTERS]))
    total = len(rows) if is_whole else None
    cut = not is_whole or len(rows) > SHOWN
    return Table(COLUMNS, tuple(rows[:SHOWN]), total, cut, source.size, 3, facts=facts, note=NOTE)


def _listed(head: bytes) -> tuple[list[tuple[int, str, str]], _Reading, bool]:
    rows: list[tuple[int, str, str]] = []
    reading = _Reading()
    try:
        for opcode, argument, position in pickletools.genops(io.BytesIO(head)):
            reading.take(opcode.name, argument)
            rows.append((position or 0, opcode.name, _short(argument)))
            if len(rows) >= MOST_OPCODES:
                return rows, reading, False
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):  # the head ends, or raw arrays begin
        return rows, reading, False
    return rows, reading, True


def _short(argument: Any) -> str:
    if isinstance(argument, int) and argument.bit_length() > 256:
        return "a very long number"
    return "" if argument is None else repr(argument)[:80]
