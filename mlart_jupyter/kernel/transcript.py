"""A notebook rebuilt from what this session has run: its cells, with the outputs that were seen."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

BUDGET = 64 * 2**20
"""Bytes of shown things that are remembered; of what comes after, the text alone."""


class Transcript:
    """Remembers what cells have shown, for a notebook that no file will hold."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        self._left = BUDGET

    def saw(self, count: int | None, bundle: Mapping[str, Any], *, is_result: bool) -> None:
        """Remember one output."""
        data = {name: _plain(value) for name, value in bundle.items()}
        size = sum(len(str(value)) for value in data.values())
        if size > self._left:
            data = {name: value for name, value in data.items() if name == "text/plain"}
        self._left -= min(size, self._left)
        kind: dict[str, Any] = {"output_type": "display_data"}
        if is_result:
            kind = {"output_type": "execute_result", "execution_count": count}
        if count is not None and data:
            self._shown[count].append({**kind, "data": data, "metadata": {}})

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
                outputs = [*self._streams(count), *self._shown.get(count, ()), *self._errors(count)]
                cell = {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True)}
                yield {**cell, "execution_count": count, "outputs": outputs}

    def _streams(self, count: int) -> Iterator[dict[str, Any]]:
        """Printed text, which IPython remembers from version 9 on."""
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


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
