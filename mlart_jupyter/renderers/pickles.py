"""A small frame on its way: pickled in the cell, in 0.1 to 0.4 ms, and laid out when it is delivered.

A pickle is a copy of all that a frame holds, lists in its cells included. Arrow takes up to 40 ms for the same; a
pickle is slow only where cells are Python objects (`frame` leaves many of them to a snapshot). It is made only of
what pandas, NumPy, Arrow and Python itself define: of other types the code would run in the cell, and need not be
there at delivery. A spool is its user's own (mode 0700), and says which interpreter delivers: what it holds is
trusted as much.
"""

from __future__ import annotations

import io
import json
import pickle
import sys
from collections.abc import Callable
from types import BuiltinMethodType
from typing import TYPE_CHECKING, Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import File
from mlart_jupyter.renderers.parquet import PARQUET, has_place
from mlart_jupyter.renderers.salvage import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

ENCODING = "pickle"
PROTOCOL = 5
FAMILIAR = frozenset(
    ("builtins", "copyreg", "datetime", "dateutil", "decimal", "numpy", "pandas", "pyarrow", "pytz", "uuid", "zoneinfo")
)
"""Packages whose types are pickled."""
PADDED = ("LongDoubleDType", "CLongDoubleDType", "VoidDType")
"""NumPy's dtypes with bytes that no number uses: equal arrays may differ in them."""
LOOKED_UP = ("_cache", "_readonly")
"""Attributes of pandas' arrays and dtypes that come and go with their use."""
MOST_BYTES = 2 * 2**20
"""Of a frame, or of its pickle: more is better read where it lies, as Arrow."""


def pickled_file(obj: Any) -> File | None:
    """Copy a frame or series; None where a type in it is of somebody else, or has no place in Parquet.

    Equal ones give equal bytes, unless their numbers lie in another order: by rows, or by columns.
    """
    if not _is_familiar(obj):
        return None
    try:
        payload = pickled(_joined(obj))
    except Exception:  # any object in a cell, name or attribute may refuse
        return None
    return File(".parquet", PARQUET, payload, ENCODING) if len(payload) <= MOST_BYTES else None


def _joined(obj: Any) -> Any:
    """The same with its columns of one type in one block, as pandas joins them sooner or later."""
    return obj if obj.attrs or obj._mgr.is_consolidated() else obj.copy()  # noqa: SLF001  attrs would be copied by their own code


def pickled(obj: Any) -> bytes:
    """Pickle what is of familiar types, its arrays behind the rest: so they are copied once.

    The first line tells the length of each part, see https://docs.python.org/3/library/pickle.html#out-of-band-buffers.

    Raises
    ------
    pickle.PicklingError
        Something is not.
    """
    stream, arrays = io.BytesIO(), list[pickle.PickleBuffer]()
    _Pickler(stream, arrays.append).dump(obj)
    parts = [stream.getbuffer(), *(array.raw() for array in arrays)]
    return b"".join([json.dumps([part.nbytes for part in parts]).encode(), b"\n", *parts])


def unpickled(payload: bytes | memoryview) -> Any:
    """What `pickled` has pickled."""
    stream = io.BytesIO(payload)
    parts = [bytearray(stream.read(length)) for length in json.loads(stream.readline())]
    return pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301  of the user's own spool


class _Pickler(pickle.Pickler):
    """Asks before each object that is not Python's plainest."""

    def __init__(self, stream: io.BytesIO, on_array: Callable[[pickle.PickleBuffer], None]) -> None:
        super().__init__(stream, PROTOCOL, buffer_callback=on_array)
        self.fast = True  # without references, which tell whether two equal parts are one object
        self._types: set[type] = set()
        self._names: set[Any] = set()

    def reducer_override(self, obj: Any) -> Any:
        """Refuse what is not familiar, and leave out what is not content; see `pickle.Pickler.reducer_override`."""
        kind = type(obj)
        if kind.__name__ == "ndarray" and not (obj.flags.c_contiguous or obj.flags.f_contiguous):
            return obj.copy(order="K").__reduce_ex__(PROTOCOL)  # a view is pickled in another way than its copy
        if kind in self._types or (_is_named(obj) and obj in self._names):  # seen before, of many cells
            return NotImplemented
        if not _is_familiar(obj):
            raise pickle.PicklingError(f"{kind} is not familiar")
        if _is_extension(obj):
            return _bare(obj.__reduce_ex__(PROTOCOL))
        self._remember(obj, kind)
        return NotImplemented

    def _remember(self, obj: Any, kind: type) -> None:
        if _is_named(obj):
            self._names.add(obj)
        elif not kind.__module__.startswith("pyarrow"):  # of its types each counts
            self._types.add(kind)


def _is_named(obj: Any) -> bool:
    """Whether this is a class or a function, whose own module counts, not its type's."""
    return isinstance(obj, type) or "__qualname__" in vars(type(obj))


def _is_extension(obj: Any) -> bool:
    from pandas.api.extensions import ExtensionArray, ExtensionDtype

    return isinstance(obj, (ExtensionArray, ExtensionDtype))


def _bare(made: tuple[Any, ...]) -> tuple[Any, ...]:
    """How an object is made again, without what it has only looked up: equal ones must be pickled alike."""
    make, args, *states = made
    return make, args, *map(_content, states)


def _content(state: Any) -> Any:
    """The state without such attributes; Cython's classes give a tuple that may end with them."""
    if isinstance(state, dict):
        return _without_lookups(state) or None
    if isinstance(state, tuple):
        *own, given = state if isinstance(state[-1], dict) else (*state, {})
        return *own, _without_lookups(given)
    return state


def _without_lookups(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in LOOKED_UP}


def _is_familiar(obj: Any) -> bool:
    if isinstance(obj, BuiltinMethodType) and isinstance(obj.__self__, type):
        obj = obj.__self__  # a class method, by which ZoneInfo is made again
    if str((obj if _is_named(obj) else type(obj)).__module__).partition(".")[0] not in FAMILIAR:
        return False
    if type(obj).__name__ in PADDED:
        return False
    arrow = sys.modules.get("pyarrow")
    return arrow is None or not isinstance(obj, arrow.DataType) or _is_flat(obj)


def _is_flat(kind: pa.DataType) -> bool:
    """Whether columns of an Arrow type surely have a place in Parquet: at delivery nobody asks."""
    from pyarrow import types

    storage = getattr(kind, "storage_type", kind)
    return has_place(storage) and not types.is_nested(storage)


def table_of_pickle(payload: bytes | memoryview) -> tuple[pa.Table, str | None]:
    """The table of a pickled frame, with a note as `to_arrow` has it.

    Raises
    ------
    NotRenderable
        It cannot be read here: a newer pandas may have made it, or a package is missing.
    """
    import pandas as pd

    try:
        obj = unpickled(payload)
    except MemoryError:
        raise
    except Exception as error:  # what is missing here, or has another form
        problem = f"pandas {pd.__version__} cannot read a frame that was spooled, perhaps by another version ({error})"
        raise NotRenderable(problem, "Let the environment that showed it run `mlart flush --dead`") from error
    return to_arrow(obj)
