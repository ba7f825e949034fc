"""Any other repository, such as a plug-in's: listed as a whole, and read through whole copies."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.store.adapters.base import Listed, missing

LARGEST_COPY = 64 * 2**20
"""Bytes of a file that are fetched for the sake of a part of it."""


class Copies(Listed):
    """A storage of which nothing is known but what every MLflow repository does."""

    scheme = "plug-in"

    @property
    def ranged(self) -> bool:
        """Never: nothing is known of its ranges."""
        return False

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`: a part of a large file is refused."""
        row = self.info(path)
        if row is None or row.is_dir:
            raise missing(path)
        if length is not None and (row.size or 0) > LARGEST_COPY:
            raise StoreRefused(
                f"This storage gives whole files only, and {path} is larger than {LARGEST_COPY >> 20} MiB",
                "Download it with %mlart get",
            )
        with tempfile.TemporaryDirectory(prefix="mlart-") as folder:
            file = Path(folder) / "copy"
            self.fetch(path, file)
            data = file.read_bytes()
        return data[start:] if length is None else data[start : start + length]
