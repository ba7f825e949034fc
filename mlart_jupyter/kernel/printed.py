"""What cells print and raise, remembered where IPython does not do so itself: it does from version 9 on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any

MOST_OF_A_CELL = 2**20
"""Characters: a cell may print for hours."""
MOST = 16 * 2**20
"""Characters of all cells; the oldest are forgotten."""

Output = dict[str, Any]
"""As a notebook has it."""


class Text:
    """What one run of a cell has printed, up to a limit."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str]] = []
        self.length = 0
        self.error: Output | None = None

    def add(self, name: str, text: str) -> None:
        """Add what was written to a stream."""
        if self.length < MOST_OF_A_CELL:
            self.parts.append((name, text[: MOST_OF_A_CELL - self.length]))
            self.length += len(text)

    def streams(self) -> Iterator[Output]:
        """Each stream's text, in the order in which they took turns."""
        for name, parts in groupby(list(self.parts), lambda part: part[0]):
            text = "".join(text for _, text in parts)
            yield {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


class Tap:
    """Listens at one stream, in the way of IPython 9: ipykernel asks for the class of a stream, so it stays itself.

    `close` is the inverse of making one; what somebody has put over it meanwhile stays, and this hears no more.
    """

    def __init__(self, name: str, text: Text) -> None:
        self._stream: Any = getattr(sys, name)
        self._before = vars(self._stream).get("write")
        self._is_open = True
        original = self._stream.write

        def write(data: str, *more: Any) -> Any:
            done = original(data, *more)
            if self._is_open:
                text.add(name, data)
            return done

        self._stream.write = self._write = write

    def close(self) -> None:
        """Listen no more."""
        self._is_open = False
        if vars(self._stream).get("write") is not self._write:
            return
        if self._before is None:
            del self._stream.write
        else:
            self._stream.write = self._before


class Printed:
    """The printed text and the errors of a session's cells, by execution count."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._texts: dict[int, Text] = {}
        self._taps: list[Tap] = []

    def begin(self, count: int) -> None:
        """A cell begins to run."""
        self.close()
        while sum(text.length for text in self._texts.values()) > MOST:
            del self._texts[next(iter(self._texts))]
        text = self._texts[count] = Text()
        for name in ("stdout", "stderr"):
            with suppress(AttributeError, TypeError):  # a terminal's streams take nothing
                self._taps.append(Tap(name, text))

    def end(self, count: int | None, error: BaseException | None) -> None:
        """A cell has ended."""
        self.close()
        if error is not None and count in self._texts:
            lines = getattr(self._shell, "_last_traceback", None) or []
            facts = {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}
            self._texts[count].error = {"output_type": "error", **facts}

    def close(self) -> None:
        """Leave the streams as they were."""
        while self._taps:
            self._taps.pop().close()

    def cleared(self, count: int) -> None:
        """A cell has cleared its output."""
        if text := self._texts.get(count):
            text.parts, text.length = [], 0

    def outputs(self, count: int) -> tuple[list[Output], list[Output]]:
        """What a cell has printed, and the error that it has raised."""
        text = self._texts.get(count, Text())
        return list(text.streams()), [text.error] if text.error else []
