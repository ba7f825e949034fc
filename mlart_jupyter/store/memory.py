"""A store that keeps a run in memory, for tests and demonstrations."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mlart_jupyter.errors import BadPath, UnknownArtifact
from mlart_jupyter.models import ArtifactInfo, Payload
from mlart_jupyter.paths import inside, join
from mlart_jupyter.store.base import PAGE, Page, cut, in_order
from mlart_jupyter.store.copying import Tell, copy


class MemoryStore:
    """Artifacts in a dictionary: path → bytes."""

    ranged = True

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def list(self, path: str = "") -> list[ArtifactInfo]:
        """See `Store.list`."""
        folder = inside(path)
        prefix = f"{folder}/" if folder else ""
        names = list(self.files)  # at once: another thread may put something meanwhile
        below = {name[len(prefix) :].partition("/")[0] for name in names if name.startswith(prefix)}
        return in_order([row for name in below if (row := self.info(join(folder, name)))])

    def page(self, path: str = "", cursor: str | None = None, limit: int = PAGE) -> Page:
        """See `Store.page`."""
        return cut(self.list(path), cursor, limit)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Store.info`."""
        path = inside(path)
        if path in self.files:
            return ArtifactInfo(path, is_dir=False, size=len(self.files[path]))
        is_folder = any(name.startswith(f"{path}/") for name in list(self.files))
        return ArtifactInfo(path, is_dir=True) if is_folder else None

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        """See `Store.read`."""
        try:
            return self.files[inside(path)][start : None if length is None else start + length]
        except KeyError:
            raise UnknownArtifact(f"The run has no artifact {path}", "List them with %mlart ls") from None

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """See `Store.open`."""
        yield io.BytesIO(self.read(path))

    def put(self, path: str, data: Payload) -> None:
        """See `Store.put`."""
        self.files[inside(path)] = bytes(data)

    def put_tree(self, path: str, source: Path) -> None:
        """See `Store.put_tree`."""
        path = inside(path)
        if source.is_file():
            self.put(path, source.read_bytes())
            return
        for file in sorted(p for p in source.rglob("*") if p.is_file()):
            self.put(join(path, file.relative_to(source).as_posix()), file.read_bytes())

    def download(self, path: str, target: Path, tell: Tell | None = None) -> Path:
        """See `Store.download`."""
        return copy(self, path, target, tell=tell)

    def delete(self, path: str) -> None:
        """See `Store.delete`."""
        path = inside(path)
        if not path:
            raise BadPath("This is the run itself", "Name a file or folder in it")
        for name in [name for name in list(self.files) if name == path or name.startswith(f"{path}/")]:
            del self.files[name]
