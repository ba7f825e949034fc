"""Whether something besides pandas holds the memory of a frame: copy-on-write guards it against pandas alone.

``pd.DataFrame(array, copy=False)`` lies in the user's array, and so does a snapshot of it. Nobody can be told of
a write to an array, but each array knows how many refer to it, and pandas knows its own.
"""

from __future__ import annotations

import sys
from typing import Any

OWN_REFERENCES = 2
"""Those of `_is_held` to the array that it looks at: its argument, and that of `sys.getrefcount`."""
MEMORIES = "_ndarray", "_data"
"""Where pandas' own extension arrays have theirs: dates, categories; nullable numbers."""


def is_shared(obj: Any) -> bool:
    """Whether the numbers of a frame or series may be written past pandas; some who only read count, too.

    Where pandas keeps its blocks in another way than it does now, nothing is known, and it is no.
    """
    try:
        return any(_is_held(_owner(_memory(block.values)), block) for block in obj._mgr.blocks)  # noqa: SLF001
    except AttributeError:
        return False


def _memory(values: Any) -> Any:
    """The array of numpy in which a block's values lie; themselves, where there is none."""
    return next((found for name in MEMORIES if (found := getattr(values, name, None)) is not None), values)


def _owner(values: Any) -> Any:
    """The array that owns the memory which another one shows."""
    base = getattr(values, "base", None)
    while base is not None and type(base) is type(values):
        values, base = base, base.base
    return values


def _is_held(owner: Any, block: Any) -> bool:
    if not hasattr(owner, "base"):  # an extension array of somebody else
        return False
    known = [found for reference in block.refs.referenced_blocks if (found := reference()) is not None]
    return sys.getrefcount(owner) > len({_holder(each.values, owner) for each in (*known, block)}) + OWN_REFERENCES


def _holder(values: Any, owner: Any) -> int:
    """Identity of what refers to the owner for a block: its array itself, or the view in it."""
    memory = _memory(values)
    return id(values if memory is owner else memory)
