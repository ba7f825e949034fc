"""Files that have a newest state: it keeps the plain name, and what was written before it stays beside it.

`notebooks/train.ipynb` is the newest; when its source has changed, the state before becomes
`notebooks/train_v1.ipynb`. A mere re-run replaces, and the same bytes are not written again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Protocol

from mlart_jupyter.models import ArtifactInfo, Entry, Payload
from mlart_jupyter.paths import edition, told_apart
from mlart_jupyter.store.catalogue import Readable, read_catalogue


class Place(Readable, Protocol):
    """Where the files are: a `Store`, or less."""

    def info(self, path: str) -> ArtifactInfo | None:
        """Tell of one file or folder; None where there is none."""

    def put(self, path: str, data: Payload) -> None:
        """Write a file, replacing one of that path."""


class Editions:
    """Remembers the newest state of each such file, and asks the catalogue for those of other sessions."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], Entry] = {}

    def place(self, store: Place, entry: Entry, data: Payload) -> list[Entry]:
        """Write a state; return what the catalogue has to tell, the newest state first: it dates the segment."""
        entry, before = self._seat(store, entry)
        if before is not None and before.sha256 == entry.sha256:
            entry = dataclasses.replace(entry, version=before.version)
            kept: list[Entry] = []
        else:
            kept = self._shelve(store, before, entry)
            entry = dataclasses.replace(entry, version=(before.version if before else 1) + len(kept))
            store.put(entry.path, data)
        self._newest[entry.run_id, entry.path] = entry
        return [entry, *kept]

    def _seat(self, store: Place, entry: Entry) -> tuple[Entry, Entry | None]:
        """The entry under a path of its own, and the newest state there: two notebooks may have one name."""
        before = self._before(store, entry)
        if before is None or _is_successor(entry, before):
            return entry, before
        mark = hashlib.sha256(str(entry.notebook).encode()).hexdigest()
        entry = dataclasses.replace(entry, path=told_apart(entry.path, mark), key=told_apart(entry.key, mark))
        return entry, self._before(store, entry)

    def _before(self, store: Place, entry: Entry) -> Entry | None:
        found = store.info(entry.path)
        if found is None:
            return None
        known = self._newest.get((entry.run_id, entry.path))
        if known is None or found.size not in (None, known.size):  # another session's, or written by the user
            known = read_catalogue(store).entries.get(entry.path)
        if known is None or found.size not in (None, known.size):
            return _unlisted(store, entry)
        return known

    def _shelve(self, store: Place, before: Entry | None, entry: Entry) -> list[Entry]:
        """Keep the state before under its own name when its source was another."""
        if before is None or before.source_hash == entry.source_hash:
            return []
        path = edition(before.path, before.version)
        if store.info(path) is None:
            store.put(path, store.read(before.path))
        return [dataclasses.replace(before, path=path, key=edition(before.key, before.version))]


def _is_successor(entry: Entry, before: Entry) -> bool:
    """Whether both are states of one notebook; in one session it may have been moved."""
    return entry.notebook == before.notebook or entry.session == before.session or not before.notebook


def _unlisted(store: Place, entry: Entry) -> Entry:
    """Describe a file that no catalogue tells of: an interrupted delivery's, or the user's own."""
    data = store.read(entry.path)
    digest = hashlib.sha256(data).hexdigest()
    source = entry.source_hash if digest == entry.sha256 else None
    return dataclasses.replace(entry, sha256=digest, size=len(data), source_hash=source, note=None, version=1)
