"""Outputs that a cell has lost, because its tab was closed while it ran: told, shown again, and handed to the notebook.

The notebook asks over a comm and puts them back itself (jupyterlab #4237); there they come in untrusted.
"""

from __future__ import annotations

import sys
from typing import Any

from IPython.display import display

from mlart_jupyter.errors import UnknownArtifact
from mlart_jupyter.kernel.transcript import Transcript, size_of
from mlart_jupyter.models import Cell
from mlart_jupyter.sizes import readable_size

TARGET = "mlart"
PROTOCOL = 1
FIRST_LINE = 60
"""Characters of a cell's first line that are told."""

Shown = list[dict[str, Any]]


class Restore:
    """Answers with what this session remembers; `install` and `uninstall` are inverses."""

    def __init__(self, shell: Any, transcript: Transcript) -> None:
        self._comms = getattr(getattr(shell, "kernel", None), "comm_manager", None)
        self._transcript = transcript

    def install(self) -> None:
        """Let the notebook ask."""
        if self._comms is not None:
            self._comms.register_target(TARGET, self._on_open)

    def uninstall(self) -> None:
        """Answer no more."""
        if self._comms is not None and self._comms.targets.get(TARGET) == self._on_open:
            self._comms.unregister_target(TARGET, self._on_open)

    def _on_open(self, comm: Any, message: dict[str, Any]) -> None:
        """The request comes with the opening; the answer is the one message, in whatever thread this is."""
        asked = message["content"]["data"]
        wanted = set(asked.get("cells", ())) if isinstance(asked, dict) else set()
        rows = [row(cell, outputs) for cell, outputs in self._transcript.last_of_cells() if cell.cell_id in wanted]
        comm.send({"mlart": PROTOCOL, "cells": rows})

    def lines(self) -> list[str]:
        """What can be shown again, a line for each cell."""
        return [line(cell, outputs) for cell, outputs in self._transcript.last_of_cells()]

    def show(self, count: int) -> None:
        """Show the outputs of a cell again, here.

        Raises
        ------
        UnknownArtifact
            Nothing is remembered of it.
        """
        outputs = self._transcript.outputs(count)
        if not outputs:
            raise UnknownArtifact(f"No output of cell [{count}] is remembered", "List the others with %mlart restore")
        for output in outputs:
            _show(output)


def row(cell: Cell, outputs: Shown) -> dict[str, Any]:
    """What the notebook gets of a cell."""
    facts = {"cell": cell.cell_id, "source": cell.source, "count": cell.execution_count}
    return {**facts, "outputs": outputs}


def line(cell: Cell, outputs: Shown) -> str:
    """Tell of a cell: ``[3]  2 outputs  20.0 kB  model.fit(x)``."""
    first = next((text for text in cell.source.strip().splitlines() if text.strip()), "")
    size = sum(size_of(output.get("data") or output.get("text") or output.get("traceback")) for output in outputs)
    number = f"{len(outputs)} output" + ("s" if len(outputs) > 1 else "")
    return f"{f'[{cell.execution_count}]':>5}  {number:>10}  {readable_size(size):>8}  {first[:FIRST_LINE]}"


def _show(output: dict[str, Any]) -> None:
    kind = output["output_type"]
    if kind == "stream":
        print("".join(output["text"]), end="", file=getattr(sys, output["name"]))
    elif kind == "error":
        print("\n".join(output["traceback"]), file=sys.stderr)
    else:
        display(output["data"], raw=True, metadata=output["metadata"])
