"""What is kept beside the head of a frame that is over its budget: schema and statistics, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File
from mlart_jupyter.renderers.plain import strict_json

if TYPE_CHECKING:
    import numpy as np

HEAD_ROWS = 1000
"""Rows that are kept of a frame over its budget."""
NAMED_DTYPES = 500
"""Tables of more columns have no dtypes in the catalogue."""
SAMPLE_ROWS, SAMPLE_CELLS = 10_000, 200_000
"""The sample that statistics are made of: its copy is paid in the cell."""


def cut_note(kept: int, rows: int) -> str:
    """The words on a frame of which only the head is kept."""
    return f"over the size budget: only the first {kept:,} of {rows:,} rows are kept"


def sampled_places(rows: int, columns: int) -> np.ndarray[Any, Any]:
    """Evenly spread row numbers, few enough that their rows are copied in the cell."""
    import numpy as np

    count = min(rows, SAMPLE_ROWS, max(100, SAMPLE_CELLS // max(1, columns)))
    return np.linspace(0, rows - 1, count).astype("int64")


def statistics_file(sample: Any, shape: tuple[int, ...], dtypes: dict[str, str]) -> File:
    """Shape, schema, and pandas' description of sampled rows.

    Parameters
    ----------
    sample
        Pandas frame or series.
    """
    words = {
        "rows": shape[0],
        "columns": shape[1] if len(shape) > 1 else 1,
        "schema": dtypes,
        "sample": {"rows": len(sample), "how": "evenly spread over the table"},
        "statistics": _described(sample),
    }
    text, _ = strict_json(words)
    return File(".stats.json", "application/json", text.encode())


def _described(sample: Any) -> dict[str, Any]:
    """Each column's description; a column that pandas cannot describe has none."""
    frame = sample.to_frame() if sample.ndim == 1 else sample
    told = {}
    for i, name in enumerate(frame.columns):
        try:
            described = frame.iloc[:, i].describe()
            told[str(name)] = json.loads(described.to_json(date_format="iso", default_handler=str))
            told[str(name)]["missing"] = int(frame.iloc[:, i].isna().sum())
        except Exception:  # cells may be anything, and the rows are kept without this
            told[str(name)] = {}
    return told
