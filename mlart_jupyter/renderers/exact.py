"""Pandas tables to Arrow and back, so that what comes back is equal.

What Arrow or Parquet would change (labels, categories, Python objects) is told in the schema's metadata
under ``mlart`` and undone by `from_arrow`; what cannot be undone is told in a note.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers import cells
from mlart_jupyter.renderers.labels import ARROWS_OWN, label, labels, levels_of, text_dtype, text_of, texts, unlabel
from mlart_jupyter.renderers.objects import How, objects_back, plain_objects
from mlart_jupyter.renderers.parquet import as_type, parquet_bytes, schema_of, schema_text

if TYPE_CHECKING:
    import pyarrow as pa

META = b"mlart"


def to_arrow(obj: Any) -> tuple[pa.Table, str | None]:
    """Turn a pandas frame or series into a table, with a note where a part is not kept exactly."""
    import pyarrow as pa

    meta: dict[str, Any] = {}
    notes: list[str] = []
    frame = obj.to_frame(name="0" if obj.name is None else obj.name) if obj.ndim == 1 else obj.copy(deep=False)
    if obj.ndim == 1:
        meta["series"] = labels([obj.name], notes)[0]
    meta["attrs"] = _plain_attributes(frame, notes)
    meta["freq"] = _freq_of(frame.index, notes)
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
    _tell_freq(frame.index, meta)
    if "attrs" in meta:
        frame.attrs = meta["attrs"]
    return frame.iloc[:, 0].rename(unlabel(meta["series"])) if "series" in meta else frame


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


def _plain_attributes(frame: Any, notes: list[str]) -> dict[str, Any]:
    """The attributes as JSON has them, for only newer versions of pyarrow keep them."""
    told: dict[str, Any] = {}
    try:
        told = json.loads(json.dumps(frame.attrs))
        notes += ["attrs are kept as JSON has them"] if repr(told) != repr(frame.attrs) else []
    except (TypeError, ValueError, RecursionError):
        frame.attrs = {}
        notes.append("attrs are not kept")
    if not frame.flags.allows_duplicate_labels:
        notes.append("the flag against duplicate labels is not kept")
    return told


# -- labels ---------------------------------------------------------------------------------------


def _freq_of(index: Any, notes: list[str]) -> str | None:
    """The frequency of an index of times, which Arrow does not have, where its name tells all of it."""
    from pandas.tseries.frequencies import to_offset

    freq = getattr(index, "freq", None) if index.dtype.kind in "mM" else None
    if freq is None:
        return None
    with suppress(ValueError):
        if to_offset(freq.freqstr) == freq:
            return str(freq.freqstr)
    notes.append(f"the frequency {freq.freqstr} is not kept")
    return None


def _tell_freq(index: Any, told: dict[str, Any]) -> None:
    """Give times their frequency back, unless some of them are not there, or this pandas has another name for it."""
    if "freq" in told:
        with suppress(ValueError):
            index.freq = told["freq"]


def _series_of(level: Any, name: Any) -> Any:
    """The labels of a level as they are: `Index.to_series` makes times and texts of objects."""
    import pandas as pd

    return pd.Series(level, index=range(len(level)), dtype=level.dtype, name=name)


def _level(index: Any, notes: list[str]) -> dict[str, Any]:
    """All labels of one level of an index, with their dtype."""
    if index.dtype == object:
        return {"labels": labels(index, notes)}
    if index.dtype in (text_dtype(), "int64"):
        return {"labels": index.tolist(), "dtype": str(index.dtype)}
    table, note = to_arrow(_series_of(index, "0"))
    notes += [note] if note else []
    freq = _freq_of(index, notes)
    return {"parquet": base64.b64encode(parquet_bytes(table)).decode()} | ({"freq": freq} if freq else {})


def _level_back(level: dict[str, Any]) -> Any:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if "labels" in level:
        told = [unlabel(value) for value in level["labels"]]
        return pd.Index(told, dtype=level.get("dtype", object), tupleize_cols=False)
    table = pq.read_table(pa.BufferReader(base64.b64decode(level["parquet"])))
    index = pd.Index(from_arrow(table).rename(None))
    _tell_freq(index, level)
    return index


def _plain_columns(frame: Any, meta: dict[str, Any], notes: list[str]) -> None:
    """Give columns plain names where Parquet could not tell them apart or restore them."""
    import pandas as pd

    columns = frame.columns
    if _is_plain(columns):
        return
    meta["columns"] = {
        "levels": [_level(level, notes) for level in levels_of(columns)],
        "names": labels(columns.names, notes),
        "multi": isinstance(columns, pd.MultiIndex),
    }
    frame.columns = texts(columns)


def _is_plain(columns: Any) -> bool:
    import pandas as pd

    if isinstance(columns, pd.MultiIndex) or not columns.is_unique or not isinstance(columns.name, (str, type(None))):
        return False
    if columns.dtype.kind in "iu" and _is_arrows(columns.dtype):
        return True
    names = all(isinstance(c, str) and not c.startswith(ARROWS_OWN) for c in columns)
    return names and columns.dtype == text_dtype()


def _columns_back(meta: dict[str, Any]) -> Any:
    import pandas as pd

    levels = [_level_back(level) for level in meta["levels"]]
    names = [unlabel(name) for name in meta["names"]]
    return pd.MultiIndex.from_arrays(levels, names=names) if meta["multi"] else levels[0].rename(names[0])


def _plain_index(frame: Any, meta: dict[str, Any], notes: list[str]) -> None:
    import pandas as pd

    index = frame.index
    multi = isinstance(index, pd.MultiIndex)
    levels = levels_of(index)
    plain: list[Any] = []
    hows: dict[str, How] = {}
    for i, level in enumerate(levels):
        exact = len(index) > 0 and level.dtype.kind in "biuf" and _is_arrows(level.dtype)
        exact = exact or isinstance(level, pd.RangeIndex)
        name = i if level.name is None else text_of(level.name)
        values, how = (level, None) if exact else _plain_level(level, f"index {name}", notes)
        plain.append(values)
        hows |= {str(i): how} if how else {}
    strange = len(set(index.names)) < index.nlevels or not all(map(_is_plain_name, index.names))
    if not hows and not strange and not (multi and index.nlevels == 1):
        return
    names = labels(index.names, notes)
    meta["index"] = {"values": hows, "names": names, "multi": multi}
    given = [None] * index.nlevels if strange else list(index.names)
    if hows:
        index = pd.MultiIndex.from_arrays(plain) if index.nlevels > 1 else pd.Index(plain[0], dtype=plain[0].dtype)
    frame.index = index.set_names(given)


def _is_plain_name(name: Any) -> bool:
    return name is None or (isinstance(name, str) and not name.startswith(ARROWS_OWN))


def _plain_level(level: Any, name: str, notes: list[str]) -> tuple[Any, How | None]:
    values = _series_of(level, level.name)
    values, how = _plain(values, name, notes, as_text=lambda v: json.dumps(label(v)))
    if how is None and (level.dtype.kind in "biuf" or str(level.dtype) == "string"):
        how = {"dtype": str(level.dtype)}  # pandas reads nullable levels of an index as floats, and texts as its own
    return values, how


def _index_back(index: Any, meta: dict[str, Any], table: pa.Table) -> Any:
    import pandas as pd

    fields = json.loads(table.schema.metadata[b"pandas"])["index_columns"]
    levels = levels_of(index)
    for i, how in meta["values"].items():
        levels[int(i)] = _level_of(levels[int(i)], how, table.column(fields[int(i)]))
    names = [unlabel(name) for name in meta["names"]]
    return pd.MultiIndex.from_arrays(levels, names=names) if meta["multi"] else levels[0].rename(names[0])


def _level_of(level: Any, how: How, column: pa.ChunkedArray) -> Any:
    import pandas as pd

    if "json" in how:
        return pd.Index([unlabel(json.loads(text)) for text in level], dtype=object, tupleize_cols=False)
    dtype = pd.api.types.pandas_dtype(how.get("dtype", object))
    if hasattr(dtype, "__from_arrow__"):
        return pd.Index(dtype.__from_arrow__(column))
    values = _back(_series_of(level, level.name), how, column)
    return pd.Index(values, dtype=values.dtype, tupleize_cols=False)


# -- values ---------------------------------------------------------------------------------------


def _plain_values(frame: Any, names: Sequence[Any], notes: list[str]) -> dict[str, How]:
    """Replace the columns that Arrow or Parquet would change; tell how to bring each back."""
    hows = {}
    for i, dtype in enumerate(frame.dtypes):
        if dtype.kind in "biufm" and _is_arrows(dtype):  # most columns
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
    import pyarrow as pa

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain_categories(values, notes)
    if isinstance(dtype, pd.SparseDtype):
        return values.sparse.to_dense(), {"sparse": str(dtype.subtype), "fill": label(dtype.fill_value)}
    if isinstance(dtype, pd.ArrowDtype):
        return values, {"arrow": schema_text(pa.schema([("", dtype.pyarrow_dtype)]))}
    if isinstance(dtype, (pd.Float32Dtype, pd.Float64Dtype)) and _has_both_gaps(values):
        notes.append(f"NaN come back as NA: {name}")
    if dtype.kind == "O" and dtype.name == "object":
        return plain_objects(values, name, notes, as_text)
    if dtype.kind in "biufc" and not _is_arrows(dtype):
        return _plain_numbers(values, name, notes)
    lost = dtype.kind == "M" and getattr(dtype, "unit", "") == "s"
    lost = lost or str(dtype).startswith("datetime64[s") or repr(dtype) in PYTHON_TEXT
    return values, {"dtype": "string[python]" if repr(dtype) in PYTHON_TEXT else str(dtype)} if lost else None


def _plain_numbers(values: Any, name: str, notes: list[str]) -> tuple[Any, How | None]:
    """Numbers in another order of bytes, wider ones than Arrow has, and pairs of them."""
    dtype = values.dtype
    if dtype.itemsize > WIDEST[dtype.kind]:
        notes.append(f"numbers of {dtype} are rounded: {name}")
    if dtype.kind == "c":
        notes.append(f"complex numbers are records of real and imag: {name}")
        return _pairs(values), {"complex": str(dtype)}
    if dtype.itemsize > WIDEST[dtype.kind]:
        return values.astype("float64"), {"dtype": str(dtype)}
    if not getattr(dtype, "isnative", True):
        return values.astype(dtype.newbyteorder("=")), {"dtype": dtype.str}
    return values, None  # nullable ones


def _has_both_gaps(values: Any) -> bool:
    """Whether there are NaN beside what is missing, which pandas makes of them when it reads."""
    import numpy as np

    return bool(np.isnan(values.to_numpy("float64", na_value=0.0)).any())


def _is_arrows(dtype: Any) -> bool:
    """Whether Arrow has a NumPy dtype's numbers."""
    import numpy as np

    return isinstance(dtype, np.dtype) and dtype.isnative and dtype.kind != "c" and dtype.itemsize <= WIDEST[dtype.kind]


WIDEST = {"b": 1, "i": 8, "u": 8, "m": 8, "f": 8, "c": 16}
"""Bytes of the widest numbers that Arrow has, by kind; complex ones are two real ones."""
PYTHON_TEXT = ("string[python]", "<StringDtype(storage='python', na_value=<NA>)>")


def _plain_categories(values: Any, notes: list[str]) -> tuple[Any, How | None]:
    categories = values.cat.categories
    if len(values) and len(categories) and all(isinstance(c, str) for c in categories):
        return values, None
    how = {"categories": _level(categories, notes), "ordered": bool(values.cat.ordered)}
    return values.cat.rename_categories(texts(categories)).cat.as_unordered().astype("object"), how


def _pairs(values: Any) -> Any:
    """Complex numbers as Arrow records: neither Arrow nor Parquet has them."""
    import pandas as pd
    import pyarrow as pa

    numbers = values.to_numpy()
    numbers = numbers.astype(f"=c{min(numbers.dtype.itemsize, WIDEST['c'])}", copy=False)
    parts = pa.StructArray.from_arrays([pa.array(numbers.real), pa.array(numbers.imag)], ["real", "imag"])
    return pd.Series(pd.arrays.ArrowExtensionArray(parts), index=values.index)


def _of_type(column: pa.ChunkedArray, told: str | bool) -> pa.ChunkedArray:
    """A column of Arrow's own as it was; true is told in files of before."""
    return column if told is True else as_type(column, schema_of(told).field(0).type)  # type: ignore[arg-type]


def _back(values: Any, how: How, column: pa.ChunkedArray) -> Any:
    import pandas as pd

    if "json" in how:
        letters = how["json"] if isinstance(how["json"], str) else ""  # true in files of before
        return pd.Series(cells.read(values, letters), index=values.index, dtype=object)
    if "object" in how:
        return pd.Series(objects_back(how, column), index=values.index, dtype=object)
    if "arrow" in how:
        return pd.Series(pd.arrays.ArrowExtensionArray(_of_type(column, how["arrow"])), index=values.index)
    if "categories" in how:
        categories = _level_back(how["categories"])
        codes = pd.Categorical(values.astype(object), categories=texts(categories)).codes
        kept = pd.Categorical.from_codes(codes, categories=categories, ordered=how["ordered"])
        return pd.Series(kept, index=values.index)
    if "sparse" in how:
        return values.astype(pd.SparseDtype(how["sparse"], unlabel(how["fill"])))
    if "complex" in how:
        parts = column.combine_chunks()
        numbers = parts.field("real").to_numpy(zero_copy_only=False).astype(how["complex"])
        numbers.imag = parts.field("imag").to_numpy(zero_copy_only=False)
        return pd.Series(numbers, index=values.index)
    return values.astype(how["dtype"])
