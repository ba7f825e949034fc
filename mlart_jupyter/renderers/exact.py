"""Pandas tables to Arrow and back, so that what comes back is equal.

What Arrow or Parquet would change (labels, categories, Python objects) is told in the schema's metadata
under ``mlart`` and undone by `from_arrow`; what cannot be undone is told in a note.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers.plain_table import is_plain, plain_table

if TYPE_CHECKING:
    import pyarrow as pa

META = b"mlart"
How = dict[str, Any]
"""How a column is brought back: one of json, object, dtype, categories, arrow."""


def to_arrow(obj: Any) -> tuple[pa.Table, str | None]:
    """Turn a pandas frame or series into a table, with a note where a part is not kept exactly."""
    import pyarrow as pa

    if obj.ndim == 2 and is_plain(obj):
        return plain_table(obj), None
    meta: dict[str, Any] = {}
    notes: list[str] = []
    frame = obj.to_frame(name="0" if obj.name is None else obj.name) if obj.ndim == 1 else obj.copy(deep=False)
    if obj.ndim == 1:
        meta["series"] = _labels([obj.name], notes)[0]
    _plain_attributes(frame, notes)
    names = list(frame.columns)
    _plain_columns(frame, meta, notes)
    _plain_index(frame, meta, notes)
    meta["values"] = _plain_values(frame, names, notes)
    table = pa.Table.from_pandas(frame, nthreads=1, preserve_index=None if frame.shape[1] else True)
    return _with_meta(table, {key: value for key, value in meta.items() if value or key == "series"}), _note(notes)


def from_arrow(table: pa.Table) -> Any:
    """Bring a frame or series back as it was shown."""
    meta = json.loads((table.schema.metadata or {}).get(META, b"{}"))
    frame = table.to_pandas()
    for i, how in meta.get("values", {}).items():
        frame.isetitem(int(i), _back(frame.iloc[:, int(i)], how, table.column(int(i))))
    if "index" in meta:
        frame.index = _index_back(frame.index, meta["index"], table)
    if "columns" in meta:
        frame.columns = _columns_back(meta["columns"])
    return frame.iloc[:, 0].rename(_unlabel(meta["series"])) if "series" in meta else frame


def _note(notes: Sequence[str]) -> str | None:
    texts = [note.removeprefix("json:") for note in notes if note.startswith("json:")]
    others = [note for note in notes if not note.startswith("json:")]
    return "; ".join(([f"stored as JSON text: {', '.join(texts)}"] if texts else []) + others) or None


def _with_meta(table: pa.Table, meta: dict[str, Any]) -> pa.Table:
    """Add our metadata, and take out of pandas' own the dtypes that it cannot read back."""
    if not meta and b"[pyarrow]" not in table.schema.metadata[b"pandas"]:
        return table
    noted = json.loads(table.schema.metadata[b"pandas"])
    for column in noted["columns"]:
        if str(column["numpy_type"]).endswith("[pyarrow]"):
            column["numpy_type"] = "object"
    own = {META: json.dumps(meta).encode()} if meta else {}
    return table.replace_schema_metadata({b"pandas": json.dumps(noted).encode(), **own})


def _plain_attributes(frame: Any, notes: list[str]) -> None:
    try:
        json.dumps(frame.attrs)
    except (TypeError, ValueError):
        frame.attrs = {}
        notes.append("attrs are not kept")
    if not frame.flags.allows_duplicate_labels:
        notes.append("the flag against duplicate labels is not kept")


# -- labels ---------------------------------------------------------------------------------------


def _label(value: Any) -> Any:
    """A label as JSON: what JSON does not have is told by its wrapping."""
    import pandas as pd

    if isinstance(value, tuple):
        return {"tuple": [_label(part) for part in value]}
    if isinstance(value, pd.Timestamp) and value is not pd.NaT:
        return {"time": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    value = value.item() if hasattr(value, "item") else value
    return value if value is None or isinstance(value, (str, bool, int, float)) else str(value)


def _unlabel(value: Any) -> Any:
    import pandas as pd

    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "tuple":
        return tuple(_unlabel(part) for part in inner)
    return pd.Timestamp(inner) if kind == "time" else dt.date.fromisoformat(inner)


def _labels(values: Iterable[Any], notes: list[str]) -> list[Any]:
    values = list(values)
    labels = [_label(value) for value in values]
    if any(new != old and new == new and old == old for new, old in zip(map(_unlabel, labels), values, strict=True)):
        notes.append("labels of other types are kept as text")
    return labels


def _texts(labels: Iterable[Any]) -> list[str]:
    """Unique names for labels: as they read, or their numbers where these meet."""
    texts = [str(label) for label in labels]
    clear = len(set(texts)) == len(texts) and not any(text.startswith("__index_level_") for text in texts)
    return texts if clear else [str(i) for i in range(len(texts))]


def _level(index: Any, notes: list[str]) -> dict[str, Any]:
    """All labels of one level of an index, with their dtype."""
    if index.dtype == object:
        return {"labels": _labels(index, notes)}
    table, note = to_arrow(index.to_series(index=range(len(index)), name="0"))
    notes += [note] if note else []
    return {"parquet": base64.b64encode(_parquet(table)).decode()}


def _level_back(level: dict[str, Any]) -> Any:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if "labels" in level:
        return pd.Index([_unlabel(v) for v in level["labels"]], dtype=object, tupleize_cols=False)
    table = pq.read_table(pa.BufferReader(base64.b64decode(level["parquet"])))
    return pd.Index(from_arrow(table).rename(None))


def _parquet(table: pa.Table) -> bytes:
    import io

    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _plain_columns(frame: Any, meta: dict[str, Any], notes: list[str]) -> None:
    """Give columns plain names where Parquet could not tell them apart or restore them."""
    import pandas as pd

    columns = frame.columns
    if _is_plain(columns):
        return
    meta["columns"] = {
        "levels": [_level(columns.get_level_values(i), notes) for i in range(columns.nlevels)],
        "names": _labels(columns.names, notes),
        "multi": isinstance(columns, pd.MultiIndex),
    }
    frame.columns = _texts(columns)


def _is_plain(columns: Any) -> bool:
    import numpy as np
    import pandas as pd

    if isinstance(columns, pd.MultiIndex) or not columns.is_unique or not isinstance(columns.name, (str, type(None))):
        return False
    if columns.dtype.kind in "iu" and isinstance(columns.dtype, np.dtype):
        return True
    names = all(isinstance(c, str) and not c.startswith("__index_level_") for c in columns)
    return names and columns.dtype == pd.Index(["a"]).dtype


def _columns_back(meta: dict[str, Any]) -> Any:
    import pandas as pd

    levels = [_level_back(level) for level in meta["levels"]]
    names = [_unlabel(name) for name in meta["names"]]
    return pd.MultiIndex.from_arrays(levels, names=names) if meta["multi"] else levels[0].rename(names[0])


def _plain_index(frame: Any, meta: dict[str, Any], notes: list[str]) -> None:
    import numpy as np
    import pandas as pd

    index = frame.index
    multi = isinstance(index, pd.MultiIndex)
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    plain: list[Any] = []
    hows: dict[str, How] = {}
    for i, level in enumerate(levels):
        exact = len(index) > 0 and level.dtype.kind in "biuf" and isinstance(level.dtype, np.dtype)
        exact = exact or isinstance(level, pd.RangeIndex)
        values, how = (level, None) if exact else _plain_level(level, f"index {level.name or i}", notes)
        plain.append(values)
        hows |= {str(i): how} if how else {}
    strange = len(set(index.names)) < index.nlevels or not all(isinstance(n, (str, type(None))) for n in index.names)
    if not hows and not strange and not (multi and index.nlevels == 1):
        return
    names = _labels(index.names, notes)
    meta["index"] = {"values": hows, "names": names, "multi": multi}
    given = [None] * index.nlevels if strange else list(index.names)
    if hows:
        index = pd.MultiIndex.from_arrays(plain) if index.nlevels > 1 else pd.Index(plain[0])
    frame.index = index.set_names(given)


def _plain_level(level: Any, name: str, notes: list[str]) -> tuple[Any, How | None]:
    values = level.to_series(index=range(len(level)))
    if level.dtype == object:  # levels have one kind of gap
        values = values.where(values.notna(), None)
    values, how = _plain(values, name, notes, as_text=lambda v: json.dumps(_label(v)))
    if how is None and level.dtype.kind in "biuf":
        how = {"dtype": str(level.dtype)}  # pandas reads nullable levels of an index as floats
    return values, how


def _index_back(index: Any, meta: dict[str, Any], table: pa.Table) -> Any:
    import pandas as pd

    fields = json.loads(table.schema.metadata[b"pandas"])["index_columns"]
    levels = []
    for i in range(index.nlevels):
        level = index.get_level_values(i)
        if how := meta["values"].get(str(i)):
            level = _level_of(level, how, table.column(fields[i]))
        levels.append(level)
    names = [_unlabel(name) for name in meta["names"]]
    return pd.MultiIndex.from_arrays(levels, names=names) if meta["multi"] else levels[0].rename(names[0])


def _level_of(level: Any, how: How, column: pa.ChunkedArray) -> Any:
    import pandas as pd

    if "json" in how:
        return pd.Index([_unlabel(json.loads(text)) for text in level], dtype=object, tupleize_cols=False)
    values = _back(level.to_series(index=range(len(level))), how, column)
    return pd.Index(values, dtype=values.dtype, tupleize_cols=False)


# -- values ---------------------------------------------------------------------------------------


def _plain_values(frame: Any, names: Sequence[Any], notes: list[str]) -> dict[str, How]:
    """Replace the columns that Arrow or Parquet would change; tell how to bring each back."""
    import numpy as np

    hows = {}
    for i, dtype in enumerate(frame.dtypes):
        if dtype.kind in "biufm" and isinstance(dtype, np.dtype) and dtype.isnative:  # most columns
            continue
        values, how = _plain(frame.iloc[:, i], str(names[i]), notes)
        if how is not None:
            frame.isetitem(i, values)
            hows[str(i)] = how
    return {i: how for i, how in hows.items() if how}


def _plain(
    values: Any, name: str, notes: list[str], as_text: Callable[[Any], str] | None = None
) -> tuple[Any, How | None]:
    import pandas as pd

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain_categories(values, notes)
    if isinstance(dtype, pd.SparseDtype):
        return values.sparse.to_dense(), {"sparse": str(dtype.subtype), "fill": _label(dtype.fill_value)}
    if isinstance(dtype, pd.ArrowDtype):
        return values, {"arrow": True}
    if dtype.kind == "O" and dtype.name == "object":
        return _plain_objects(values, name, notes, as_text or _as_json)
    if dtype.kind == "c":
        notes.append(f"complex numbers are records of real and imag: {name}")
        return _pairs(values), {"complex": str(dtype)}
    if dtype.kind in "biuf" and not getattr(dtype, "isnative", True):
        return values.astype(dtype.newbyteorder("=")), {"dtype": dtype.str}
    lost = dtype.kind == "M" and getattr(dtype, "unit", "") == "s"
    lost = lost or str(dtype).startswith("datetime64[s") or repr(dtype) in PYTHON_TEXT
    return values, {"dtype": "string[python]" if repr(dtype) in PYTHON_TEXT else str(dtype)} if lost else None


PYTHON_TEXT = ("string[python]", "<StringDtype(storage='python', na_value=<NA>)>")


def _plain_categories(values: Any, notes: list[str]) -> tuple[Any, How | None]:
    categories = values.cat.categories
    if len(values) and len(categories) and all(isinstance(c, str) for c in categories):
        return values, None
    how = {"categories": _level(categories, notes), "ordered": bool(values.cat.ordered)}
    return values.cat.rename_categories(_texts(categories)).cat.as_unordered().astype("object"), how


def _pairs(values: Any) -> Any:
    """Complex numbers as Arrow records: neither Arrow nor Parquet has them."""
    import pandas as pd
    import pyarrow as pa

    numbers = values.to_numpy()
    numbers = numbers.astype(numbers.dtype.newbyteorder("="), copy=False)
    parts = pa.StructArray.from_arrays([pa.array(numbers.real), pa.array(numbers.imag)], ["real", "imag"])
    return pd.Series(pd.arrays.ArrowExtensionArray(parts), index=values.index)


def _plain_objects(values: Any, name: str, notes: list[str], as_text: Callable[[Any], str]) -> tuple[Any, How]:
    """Python objects that Arrow gives back as they are go as they are; others as JSON text."""
    if _is_exact(values):
        return values, {"object": True}
    notes.append(f"json:{name}")
    import pandas as pd

    return pd.Series([as_text(v) for v in values], index=values.index, dtype=object), {"json": True}


def _is_exact(values: Any) -> bool:
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    if set(map(type, values)) <= {str, type(None)}:
        return True
    return "struct<>" not in str(array.type) and _same(array.to_pylist(), values.tolist())


def _same(left: Any, right: Any) -> bool:
    right = right.tolist() if hasattr(right, "tolist") and getattr(right, "ndim", 0) == 1 else right
    if isinstance(left, list) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and bool(left == right)


def _back(values: Any, how: How, column: pa.ChunkedArray) -> Any:
    import pandas as pd

    if "json" in how:
        return pd.Series([json.loads(text) for text in values], index=values.index, dtype=object)
    if "object" in how:
        return pd.Series(column.to_pylist(), index=values.index, dtype=object)
    if "arrow" in how:
        return pd.Series(pd.arrays.ArrowExtensionArray(column), index=values.index)
    if "categories" in how:
        categories = _level_back(how["categories"])
        codes = pd.Categorical(values.astype(object), categories=_texts(categories)).codes
        kept = pd.Categorical.from_codes(codes, categories=categories, ordered=how["ordered"])
        return pd.Series(kept, index=values.index)
    if "sparse" in how:
        return values.astype(pd.SparseDtype(how["sparse"], _unlabel(how["fill"])))
    if "complex" in how:
        parts = column.combine_chunks()
        numbers = parts.field("real").to_numpy(zero_copy_only=False).astype(how["complex"])
        numbers.imag = parts.field("imag").to_numpy(zero_copy_only=False)
        return pd.Series(numbers, index=values.index)
    return values.astype(how["dtype"])


def _as_json(value: Any) -> str:
    return json.dumps(value, default=_plain_or_text)


def _plain_or_text(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else str(value)
