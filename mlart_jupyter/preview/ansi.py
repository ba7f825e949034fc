"""Terminal colours in logs: SGR sequences become words, everything else that drives a terminal is dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
CLEARED = {0: (), 22: ("bold", "faint"), 23: ("italic",), 24: ("underline",), 39: ("colour",), 49: ("ground",)}
"""Codes that end a look; 0 ends all."""
STYLES = {1: "bold", 2: "faint", 3: "italic", 4: "underline"}
MOST_TOKENS = 20_000

_SEQUENCE = re.compile(
    r"\x1b(?:\[(?P<codes>[\d;]{0,64})m|\[[\d;?]{0,64}[A-Za-z]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|.)"
)


def spans(text: str) -> tuple[tuple[str, str], ...]:
    """A text's parts, each after the words for its look; empty where nothing is coloured.

    A line that was written over, as progress bars do, keeps its last state.
    """
    if "\x1b" not in text and "\r" not in text:
        return ()
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return tuple(_spans("\n".join(lines)))


def _spans(text: str) -> Iterator[tuple[str, str]]:
    look: dict[str, str] = {}
    at = 0
    for count, match in enumerate(_SEQUENCE.finditer(text)):
        if count >= MOST_TOKENS:
            break
        if match.start() > at:
            yield _named(look), text[at : match.start()]
        if match["codes"] is not None:
            _change(look, match["codes"])
        at = match.end()
    if at < len(text):
        yield _named(look), text[at:]


def _named(look: dict[str, str]) -> str:
    return " ".join(f"ansi-{word}" for word in look.values())


def _change(look: dict[str, str], codes: str) -> None:
    """ECMA-48, section 8.3.117; a 256-colour code is passed over with its argument."""
    numbers = iter(int(code or 0) for code in codes.split(";") if len(code) < 4)
    for number in numbers:
        if number in (38, 48):
            for _ in range(1 if next(numbers, 0) == 5 else 3):
                next(numbers, 0)
        else:
            _set(look, number)


def _set(look: dict[str, str], number: int) -> None:
    if number in CLEARED:
        for name in CLEARED[number] or list(look):
            look.pop(name, None)
    elif number in STYLES:
        look[STYLES[number]] = STYLES[number]
    elif 30 <= number <= 37 or 90 <= number <= 97:
        look["colour"] = COLOURS[number % 10]
    elif 40 <= number <= 47:
        look["ground"] = f"on-{COLOURS[number % 10]}"
