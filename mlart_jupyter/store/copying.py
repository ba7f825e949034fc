"""Downloads: files and folders of a store copied into a local folder, a large file going on where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import inside
from mlart_jupyter.store.adapters.base import missing
from mlart_jupyter.store.base import Store

PART = 4 * 2**20
"""Bytes of a file that are in memory at once; a smaller file is read in one go."""
AT_ONCE = 8
"""Files of a folder that are copied at the same time."""

Tell = Callable[[int], object]
"""Is told how many bytes have come."""
Fetch = Callable[[str, Path], Path]
"""Copies a whole file into a folder, where a storage gives no parts."""


def copy(source: Store, path: str, target: Path, *, fetch: Fetch | None = None, tell: Tell | None = None) -> Path:
    """Copy a file or a folder into the folder `target` and return where it is.

    A file appears under its name when all of it is there.

    Raises
    ------
    UnknownArtifact
        There is nothing at this path.
    """
    path = inside(path)
    row = source.info(path) if path else ArtifactInfo("", is_dir=True)
    if row is None:
        raise missing(path)
    wanted = target / row.name
    files = _made(source, row, wanted) if row.is_dir else iter([(row, wanted)])
    pool = ThreadPoolExecutor(AT_ONCE if row.is_dir else 1, "mlart-download")
    try:
        copies = [pool.submit(_copy_file, source, *found, fetch, tell or _quiet) for found in files]
        for done in as_completed(copies):
            done.result()
    finally:  # after a failure, or an interrupt, what has not begun never does
        pool.shutdown(cancel_futures=True)
    return wanted


def _quiet(count: int) -> None:
    """Tell nobody."""


def walk(source: Store, folder: str) -> Iterator[ArtifactInfo]:
    """All rows below a folder, read page by page."""
    cursor: str | None = None
    while True:
        page = source.page(folder, cursor)
        for row in page.rows:
            yield row
            if row.is_dir:
                yield from walk(source, row.path)
        cursor = page.cursor
        if cursor is None:
            return


def _made(source: Store, top: ArtifactInfo, wanted: Path) -> Iterator[tuple[ArtifactInfo, Path]]:
    """The files below a folder and where they go; makes the folders on the way."""
    wanted.mkdir(parents=True, exist_ok=True)
    above = len(top.path) + 1 if top.path else 0
    for row in walk(source, top.path):
        place = wanted / row.path[above:]
        if row.is_dir:
            place.mkdir(parents=True, exist_ok=True)
        else:
            yield row, place


def _copy_file(source: Store, row: ArtifactInfo, wanted: Path, fetch: Fetch | None, tell: Tell) -> None:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(row, wanted)
    if fetch is not None:
        fetched = fetch(row.path, partial.with_suffix(".whole"))
        tell(fetched.stat().st_size)
        fetched.replace(wanted)
        fetched.parent.rmdir()
    elif row.size is None or row.size <= PART:
        partial.write_bytes(data := source.read(row.path))
        tell(len(data))
        partial.replace(wanted)
    else:
        _copy_parts(source, row.path, row.size, partial, tell)
        partial.replace(wanted)


def _partial(row: ArtifactInfo, wanted: Path) -> Path:
    """Where a file grows: another size or time of the artifact is another file."""
    state = hashlib.sha256(f"{row.path}\0{row.size}\0{row.time}".encode()).hexdigest()[:12]
    return wanted.with_name(f".mlart-{state}.part")


def _copy_parts(source: Store, path: str, size: int, partial: Path, tell: Tell) -> None:
    """Add what is still lacking; what has come stays there when the connection breaks."""
    with partial.open("ab") as file:
        at = file.tell()
        if at > size:
            file.truncate(0)
            at = 0
        tell(at)
        while at < size:
            data = source.read(path, at, min(PART, size - at))
            if not data:
                with contextlib.suppress(OSError):
                    partial.unlink()
                raise StoreUnavailable(f"{path} became shorter while it was read", "Download it again")
            file.write(data)
            at += len(data)
            tell(len(data))
