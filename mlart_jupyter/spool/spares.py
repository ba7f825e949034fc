"""Files of items that have arrived, which the next items are written into: making a file can cost more than all else.

On ext4 without a journal, as in many virtual machines and sandboxes, the kernel passes over each file that
was deleted in the last minutes before it makes one (``recently_deleted`` in its fs/ext4/ialloc.c): 0.6 ms
beside 2,000 of them, paid in the cell. A spare lies in tmp/, where no item is looked for, and holds nothing
of what it held.
"""

from __future__ import annotations

import os
from collections import deque
from itertools import count
from pathlib import Path

from mlart_jupyter.spool.item import MAGIC
from mlart_jupyter.spool.rooms import moved

MOST = 4096
"""Each takes a block of the disk, 16 MiB in all."""
SUFFIX = ".spare"


class Spares:
    """One process's spare files; a forked child begins without any."""

    def __init__(self, folder: Path, token: str) -> None:
        self._folder = folder
        self._token = token
        self._kept: deque[int] = deque()
        self._pid = os.getpid()
        self._numbers = count(1)

    def keep(self, path: Path) -> bool:
        """Take over the file of an item that nobody needs any more; False when it is left where it is.

        It is moved before it is emptied: an audit must not find the item torn.
        """
        if self._is_foreign() or len(self._kept) >= MOST:
            return False
        number = next(self._numbers)
        spare = self._path(number)
        try:
            if not moved(path, spare):
                return False
            os.truncate(spare, len(MAGIC))  # not to nothing: ext4 would write it to disk when it is closed next
        except OSError:  # tmp/ was swept away, or the disk does not let it
            return False
        self._kept.append(number)
        return True

    def take(self) -> Path | None:
        """Give one away, to be written over from its beginning: any item is longer; None when there is none."""
        try:
            return None if self._is_foreign() else self._path(self._kept.popleft())
        except IndexError:
            return None

    def clear(self) -> None:
        """Remove all."""
        while spare := self.take():
            spare.unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._token}-{self._pid}-{number}{SUFFIX}"

    def _is_foreign(self) -> bool:
        return os.getpid() != self._pid


def is_spare(path: Path) -> bool:
    """Whether a file in tmp/ is a spare one."""
    return path.suffix == SUFFIX
