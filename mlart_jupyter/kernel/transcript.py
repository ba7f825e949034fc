"""What this session's cells have shown, for a notebook that no file will hold and for outputs that were lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mlart_jupyter.kernel.printed import Printed
from mlart_jupyter.models import Cell

BUDGET = 64 * 2**20
"""Bytes of shown things that are remembered where no file will hold them; the oldest give way to the text alone."""
ABOUT_A_NUMBER = 8
"""Bytes."""


@dataclass
class Ran:
    """One run of a cell, and what it has shown; `size` in bytes, about."""

    cell: Cell
    outputs: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    size: int = 0

    def show(self, output: dict[str, Any], display_id: str | None) -> None:
        """Add an output, in the place of the one with its display id."""
        if display_id is not None and display_id in self.ids:
            at = self.ids.index(display_id)
            self.outputs[at] = {**self.outputs[at], "data": output["data"], "metadata": output["metadata"]}
            return
        self.outputs.append(output)
        self.ids.append(display_id)

    def clear(self) -> None:
        """Forget what was shown."""
        self.outputs, self.ids, self.size = [], [], 0

    def shrink(self) -> int:
        """Keep the text alone; return how many bytes that frees."""
        self.outputs = [_text_alone(output) for output in self.outputs]
        left = sum(size_of(output["data"]) for output in self.outputs)
        freed, self.size = self.size - left, left
        return freed


class Transcript:
    """Remembers what cells have shown.

    Attributes
    ----------
    budget
        Bytes that what was shown may have in memory; a little more while a cell runs.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._ran: dict[int, Ran] = {}
        self._size = 0
        self._whole: list[int] = []
        self.budget = BUDGET
        in_kernel = getattr(shell, "kernel", None) is not None  # a terminal's streams carry the results too
        self._printed = Printed(shell) if in_kernel and not hasattr(shell.history_manager, "outputs") else None

    def begin(self, cell: Cell) -> None:
        """A cell begins to run."""
        if cell.execution_count is not None:
            self._ran[cell.execution_count] = Ran(cell)
            if self._printed and self.budget:
                self._printed.begin(cell.execution_count)

    def end(self, cell: Cell, error: BaseException | None = None) -> None:
        """A cell has ended; without one the streams are let go of all the same."""
        if self._printed:
            self._printed.end(cell.execution_count, error)

    def saw(
        self,
        cell: Cell,
        bundle: Mapping[str, Any],
        *,
        is_result: bool,
        display_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Remember one output."""
        count = cell.execution_count
        if count is None or not bundle:
            return
        kind: dict[str, Any] = {"output_type": "display_data"}
        if is_result:
            kind = {"output_type": "execute_result", "execution_count": count}
        ran = self._ran.setdefault(count, Ran(cell))
        owner = self._owner(display_id) or ran
        before = owner.size
        owner.show({**kind, "data": dict(bundle), "metadata": dict(metadata or {})}, display_id)
        owner.size = (
            sum(size_of(output["data"]) for output in owner.outputs) if display_id else before + size_of(bundle)
        )
        self._size += owner.size - before
        if not self._whole or self._whole[-1] != count:
            self._whole.append(count)
        self._shrink()

    def cleared(self, count: int | None) -> None:
        """A cell has cleared its output."""
        if count in self._ran:
            self._size -= self._ran[count].size
            self._ran[count].clear()
            if self._printed:
                self._printed.cleared(count)

    def _owner(self, display_id: str | None) -> Ran | None:
        """The cell that has a display, which another one may update."""
        if display_id is None:
            return None
        return next((ran for ran in reversed(self._ran.values()) if display_id in ran.ids), None)

    def _shrink(self) -> None:
        while self._size > self.budget and self._whole:
            self._size -= self._ran[self._whole.pop(0)].shrink()

    # -- what is asked for ----------------------------------------------------------------------

    def last_of_cells(self) -> list[tuple[Cell, list[dict[str, Any]]]]:
        """Each cell that has shown something, as it was run last, with its outputs; in the order of the runs."""
        last = {ran.cell.identity: count for count, ran in list(self._ran.items())}
        shown = [(self._ran[count].cell, self.outputs(count)) for count in sorted(last.values())]
        return [(cell, outputs) for cell, outputs in shown if outputs]

    def outputs(self, count: int) -> list[dict[str, Any]]:
        """A run's outputs as a notebook has them: the printed text, what was shown, the error."""
        ran = self._ran.get(count)
        shown = [{**output, "data": _plain(output["data"])} for output in list(ran.outputs)] if ran else []
        if self._printed:
            streams, error = self._printed.outputs(count)
            return [*streams, *shown, *error]
        return [*self._streams(count), *shown, *self._errors(count)]

    def notebook(self, file: bytes | None = None) -> bytes:
        """The notebook as it was run.

        Parameters
        ----------
        file
            The notebook's file, without outputs: its cells get them. Without it each run cell is one.
        """
        ran = list(self._cells())
        book: dict[str, Any] = {"cells": ran, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        with suppress(ValueError, TypeError, AttributeError):
            book = filled(json.loads(file), ran) if file else book
        return (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")

    def _cells(self) -> Iterator[dict[str, Any]]:
        history = self._shell.history_manager
        for count, source in enumerate(list(history.input_hist_raw)):
            if count and source.strip():
                cell = {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True)}
                yield {**cell, "execution_count": count, "outputs": self.outputs(count)}

    def _streams(self, count: int) -> Iterator[dict[str, Any]]:
        """Printed text, as IPython remembers it; see `Printed`."""
        for output in list(getattr(self._shell.history_manager, "outputs", {}).get(count, ())):
            name = {"out_stream": "stdout", "err_stream": "stderr"}.get(output.output_type)
            if name:
                text = "".join(output.bundle.get("stream", ()))
                yield {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}

    def _errors(self, count: int) -> Iterator[dict[str, Any]]:
        error = getattr(self._shell.history_manager, "exceptions", {}).get(count)
        if error:
            yield {"output_type": "error", **{name: error[name] for name in ("ename", "evalue", "traceback")}}


def filled(book: dict[str, Any], ran: list[dict[str, Any]]) -> dict[str, Any]:
    """A notebook of cells without outputs, with those of the cells that were run in its order."""
    rest = iter(ran)
    for cell in book["cells"]:
        if cell["cell_type"] == "code" and (source := "".join(cell["source"]).strip()):
            match = next((done for done in rest if "".join(done["source"]).strip() == source), None)
            if match is None:
                break
            cell.update(outputs=match["outputs"], execution_count=match["execution_count"])
    return book


def size_of(value: Any) -> int:
    """About how many bytes a bundle has; of a list the first is looked at, for a cell waits for this.

    >>> size_of({"text/plain": "four", "application/json": [1.5, 2.5, 3.5]})
    28
    """
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(size_of, value.values()))
    if isinstance(value, list | tuple):
        return len(value) * size_of(value[0]) if value else 0
    return ABOUT_A_NUMBER


def _text_alone(output: dict[str, Any]) -> dict[str, Any]:
    text = output["data"].get("text/plain", "(not remembered)")
    return {**output, "data": {"text/plain": text}, "metadata": {}}


def _plain(bundle: Mapping[str, Any]) -> dict[str, Any]:
    coded = ((name, base64.b64encode(v).decode() if isinstance(v, bytes) else v) for name, v in bundle.items())
    return dict(coded)
