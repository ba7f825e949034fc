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
        blocks = obj._mgr.blocks  # noqa: SLF001
        return any(_is_held(_owner(_memory(block.values)), block) or _is_held_whole(block) for block in blocks)
    except AttributeError:
        return False


def _memory(values: Any) -> Any:
    """The array of numpy in which a block's values lie; themselves, where there is none."""
    return next((found for name in MEMORIES if (found := getattr(values, name, None)) is not None), values)


def _owner(values: Any) -> Any:
    """The array that owns the memory which another one shows."""
    import numpy as np

    while isinstance(base := getattr(values, "base", None), np.ndarray):
        values = base
    return values


def _is_held(owner: Any, block: Any) -> bool:
    if not hasattr(owner, "base"):  # an extension array of somebody else
        return False
    return sys.getrefcount(owner) > len({_holder(_array(each), owner) for each in _sharing(block)}) + OWN_REFERENCES


def _is_held_whole(block: Any) -> bool:
    """Whether somebody holds an array of nullable numbers that a frame was made of, not only its memory."""
    sharing = _sharing(block)
    if not all(hasattr(each, "mgr_locs") for each in sharing):  # an index keeps more than one reference
        return False
    arrays = [each.values for each in sharing if hasattr(each.values, "_mask")]
    held = {id(array): sum(array is other for other in arrays) for array in arrays}
    return any(sys.getrefcount(array) > 2 * held[id(array)] + OWN_REFERENCES for array in arrays)


def _sharing(block: Any) -> list[Any]:
    """The blocks, and indices, that lie in the memory of one."""
    return [found for reference in block.refs.referenced_blocks if (found := reference()) is not None]


def _array(holder: Any) -> Any:
    """The array of a block or of an index."""
    return holder.values if hasattr(holder, "mgr_locs") else holder._values  # noqa: SLF001  `values` may make one


def _holder(values: Any, owner: Any) -> int:
    """Identity of what refers to the owner for a block: its array itself, or the first view of the owner's memory."""
    array, holder = _memory(values), values
    while array is not owner and array is not None:
        array, holder = getattr(array, "base", None), array
    return id(holder)
