"""Whether something besides pandas holds the memory of a frame: copy-on-write guards it against pandas alone.

``pd.DataFrame(array, copy=False)`` lies in the user's array, and so does a snapshot of it. Nobody can be told of
a write to an array, but each array knows how many refer to it, and pandas knows its own.
"""

from __future__ import annotations

import sys
from typing import Any

OWN_REFERENCES = 2
"""Those of `_is_held` to the array that it looks at: its argument, and that of `sys.getrefcount`."""


def is_shared(obj: Any) -> bool:
    """Whether the numbers of a frame or series may be written past pandas; some who only read count, too."""
    return any(_is_held(_owner(block.values), block) for block in obj._mgr.blocks)  # noqa: SLF001


def _owner(values: Any) -> Any:
    """The array that owns the memory which a block's array shows."""
    base = getattr(values, "base", None)
    while base is not None and type(base) is type(values):
        values, base = base, base.base
    return values


def _is_held(owner: Any, block: Any) -> bool:
    if not hasattr(owner, "base"):  # an extension array
        return False
    arrays = {id(known.values) for reference in block.refs.referenced_blocks if (known := reference())}
    return sys.getrefcount(owner) > len(arrays | {id(block.values)}) + OWN_REFERENCES
