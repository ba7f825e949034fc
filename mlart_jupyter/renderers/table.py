"""Tables of polars and pyarrow: through Arrow to Parquet, and back to the library that made them.

The schema's metadata under ``mlart`` tells the library and the exact Arrow schema, which Parquet rounds
(seconds to milliseconds, 64-bit dates to 32-bit ones). Lazy frames are never collected: no renderer
knows them, and what they show is a plan.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, joined
from mlart_jupyter.renderers.exact import META
from mlart_jupyter.renderers.parquet import as_type, schema_of, schema_text, table_file
from mlart_jupyter.renderers.statistics import HEAD_ROWS, NAMED_DTYPES, cut_note, sampled_places, statistics_file

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "frames"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows of a foreign table that no later write reaches.

    Attributes
    ----------
    data
        A polars frame or an Arrow table.
    back
        What it becomes again: polars.DataFrame, polars.Series, pyarrow.Table or pyarrow.RecordBatch.
    sample
        Rows for the statistics of a table that is cut.
    """

    data: Any
    back: str
    shape: tuple[int, ...]
    title: str
    sample: Any = None

    def render(self) -> Rendered:
        """Make the files."""
        table, notes = _arrow(self.data)
        file, note = table_file(_told(table, self.back))
        rows = self.shape[0]
        notes += [note] if note else []
        notes += [cut_note(table.num_rows, rows)] if table.num_rows < rows else []
        dtypes = self._dtypes()
        beside: tuple[File, ...] = ()
        if self.sample is not None:
            beside = (statistics_file(_arrow(self.sample)[0].to_pandas(), self.shape, dtypes),)
        named = dtypes if len(dtypes) <= NAMED_DTYPES else None
        return Rendered("frame", FOLDER, (file, *beside), self.title, self.shape, named, joined(notes))

    def _dtypes(self) -> dict[str, str]:
        if self.back.startswith("polars"):
            return {name: str(dtype) for name, dtype in self.data.schema.items()}
        return {field.name: str(field.type) for field in self.data.schema}


def render_polars(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep an eager polars frame or series. `clone` shares the memory, and polars copies on write."""
    is_series = not hasattr(obj, "columns")
    frame = obj.to_frame() if is_series else obj.clone()
    back, title = ("polars.Series", obj.name) if is_series else ("polars.DataFrame", "")
    return _kept(frame, back, obj.shape, title, frame.estimated_size(), limits)


def render_arrow(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a pyarrow table or record batch; both never change."""
    import pyarrow as pa

    is_batch = isinstance(obj, pa.RecordBatch)
    table = pa.Table.from_batches([obj]) if is_batch else obj.slice()
    return _kept(table, "pyarrow.RecordBatch" if is_batch else "pyarrow.Table", obj.shape, "", table.nbytes, limits)


def _kept(data: Any, back: str, shape: tuple[int, ...], title: str, size: int, limits: Limits) -> Rendered | Deferred:
    rows, width = data.shape
    sample = None
    if size > limits.budget and rows > HEAD_ROWS:
        places = sampled_places(rows, width)
        sample = data.take(places) if back.startswith("pyarrow") else data[places]
        data = data.slice(0, HEAD_ROWS)
    snapshot = Snapshot(data, back, shape, title, sample)
    if size <= limits.inline and width <= limits.columns:
        return snapshot.render()
    return Deferred(snapshot.render, min(size, limits.budget), FOLDER, title)


def _arrow(data: Any) -> tuple[pa.Table, list[str]]:
    """A table of unique column names, and what had to be changed for it."""
    import pyarrow as pa

    if not isinstance(data, pa.Table):
        return _of_polars(data)
    names = data.column_names
    if len(set(names)) == len(names):
        return data, []
    return data.rename_columns([f"{i}_{name}" for i, name in enumerate(names)]), ["columns of one name are numbered"]


NO_ARROW = ("Object", "Int128", "UInt128")
"""Dtypes of polars that pyarrow cannot hold: its export of objects is their addresses."""


def _of_polars(frame: Any) -> tuple[pa.Table, list[str]]:
    import polars as pl

    strange = [name for name, dtype in frame.schema.items() if any(word in str(dtype) for word in NO_ARROW)]
    if not strange:
        return frame.to_arrow(), []
    texts = [pl.Series(name, [None if v is None else str(v) for v in frame[name]], dtype=pl.String) for name in strange]
    return frame.with_columns(texts).to_arrow(), [f"stored as text: {', '.join(strange)}"]


def _told(table: pa.Table, back: str) -> pa.Table:
    """The table with a word on what it becomes again."""
    words = {"library": back, "schema": schema_text(table.schema)}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), META: json.dumps(words).encode()})


# -- back -------------------------------------------------------------------------------------------


def library_of(table: pa.Table) -> str | None:
    """The library that a stored table belongs to; None for pandas and for files of others."""
    words = json.loads((table.schema.metadata or {}).get(META, b"{}"))
    library: str | None = words.get("library")
    return library


def from_table(table: pa.Table) -> Any:
    """Bring a table back as it was shown; as an Arrow table where polars is not installed."""
    words = json.loads(table.schema.metadata[META])
    table = _restored(table, schema_of(words["schema"]))
    if words["library"] == "pyarrow.RecordBatch":
        return _batch(table)
    if not words["library"].startswith("polars"):
        return table
    with suppress(ImportError):
        import polars as pl

        frame = pl.from_arrow(table)
        return frame.to_series() if words["library"] == "polars.Series" else frame  # type: ignore[union-attr]
    return table


def _batch(table: pa.Table) -> Any:
    import pyarrow as pa

    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _restored(table: pa.Table, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [as_type(column, field.type) for column, field in zip(table.columns, schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)
