"""A notebook on its way out: redacted, its outputs kept, stripped or capped, and a page made of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mlart_jupyter.redaction.models import Redacted, Rules
from mlart_jupyter.redaction.texts import Where, redact_document


def redact_notebook(data: bytes, rules: Rules) -> Redacted:
    """Make a notebook fit to leave; the very bytes when nothing has to change.

    Raises
    ------
    ValueError
        It is not JSON.
    """
    book = json.loads(data)
    cells = book.get("cells", []) if isinstance(book, dict) else []
    digest = source_hash(cells)
    changed = _lighten(cells, rules)
    findings = redact_document(book, rules, _place) if rules.secrets else ()
    if changed or findings:
        data = (json.dumps(book, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
    return Redacted(data, findings, digest, _page(data) if rules.html else None)


def source_hash(cells: list[Any]) -> str:
    """SHA-256 of what the user wrote: the cells' types and sources."""
    written = [[cell.get("cell_type"), _joined(cell.get("source", ""))] for cell in cells]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def _joined(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _lighten(cells: list[Any], rules: Rules) -> bool:
    """Leave outputs out as the rules say; tell whether any was."""
    changed = False
    for cell in cells:
        outputs = cell.get("outputs") or []
        if rules.outputs == "strip":
            changed = changed or bool(outputs) or cell.get("execution_count") is not None
            cell.update({"outputs": [], "execution_count": None} if cell.get("cell_type") == "code" else {})
        elif rules.output_bytes:
            for number, output in enumerate(outputs):
                size = len(json.dumps(output))
                if size > rules.output_bytes:
                    outputs[number] = _left_out(size)
                    changed = True
    return changed


def _left_out(size: int) -> dict[str, Any]:
    words = f"An output of {size / 1e6:.1f} MB is left out here (Mlart.notebook_output_bytes)\n"
    return {"output_type": "stream", "name": "stdout", "text": [words]}


def _place(where: Where) -> str:
    if where[0] != "cells" or len(where) < 2:
        return "the notebook's metadata"
    output = f", output {where[3] + 1}" if where[2:3] == ("outputs",) and len(where) > 3 else ""
    return f"cell {where[1] + 1}{output}"


def _page(data: bytes) -> bytes:
    """A page that needs no network and runs no script of the notebook's."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter(sanitize_html=True, embed_images=True)  # type: ignore[no-untyped-call]
    for name in exporter.trait_names():
        if name.endswith("_url"):
            setattr(exporter, name, "")
    book = nbformat.reads(data.decode(), as_version=4)
    page: str = exporter.from_notebook_node(book)[0]
    return page.encode()
