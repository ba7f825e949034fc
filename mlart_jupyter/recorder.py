"""From a shown object to a spooled item: renders, names, leaves out what is there already.

The cell pays for this module's `Recorder.record`; nothing in it reaches a network or imports MLflow.
"""

from __future__ import annotations

import dataclasses
import hashlib
import mimetypes
import re
import secrets
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from mlart_jupyter.errors import BadPath, NotRenderable
from mlart_jupyter.memory import Memory
from mlart_jupyter.models import Cell, Entry, File, Receipt, Rendered, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.paths import inside, join, slug, suffix_of, versioned
from mlart_jupyter.renderers import Bundle, Deferred, Limits, Skipped, figure, kind_of
from mlart_jupyter.renderers.base import Renderer
from mlart_jupyter.spool import Deletions, Name, Spool

ALREADY = "already in the run"
FAILED = "failed: "
SNAPSHOT = "snapshot, written after the cell"
SETTLE_SECONDS = 0.05
"""A snapshot is written so long after it was shown: the cell has ended by then, mostly, and shares no lock with it."""
FREE_KINDS = ("text", "bytes", "file")
"""Kinds whose content may be under any suffix that the user gives."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One object with all that decides where it goes.

    Attributes
    ----------
    hint
        The expression or variable that was shown, or ``""``; or what tells it, for a thing that has no name of its own.
    folder
        Replaces the kind's own folder.
    path
        Full path in the run, when the user gave one.
    place
        Key of the thing that this one replaces on the screen; its name, where it has none of its own.
    note
        What a reader should know of it, besides the renderer's note.
    """

    obj: Any
    run: RunRef
    cell: Cell
    bundle: Bundle
    hint: str | Callable[[], str] = ""
    folder: str | None = None
    path: str | None = None
    place: str = ""
    note: str = ""

    @property
    def hinted(self) -> str:
        """The hint, asked for."""
        return self.hint if isinstance(self.hint, str) else self.hint()

    @property
    def light(self) -> Shown:
        """The same without what would keep the user's object alive."""
        return dataclasses.replace(self, obj=None, bundle={}, hint="")


@dataclass(frozen=True, slots=True)
class Held:
    """A thing rendered but not kept yet: what a live display shows until something replaces it."""

    shown: Shown
    made: Rendered | Deferred
    key: str
    item: str

    @property
    def mark(self) -> dict[str, Any]:
        """What its output carries; version and path are not final."""
        return _mark(self.shown, self.key, self.item)


class Recorder:
    """Writes what is shown into the spool.

    Parameters
    ----------
    session
        Names this kernel's time with the extension; part of every entry.
    on_put
        Called after an item is in the spool, with its name and its run, from any thread.
    on_late
        Called with the receipt of a snapshot that has been written, or could not be, from the writer's thread.
    on_deleted
        Called with the id of a run from which something was deleted that it had been given.
    memory_budget
        Bytes that snapshots may keep in memory until they are written.
    """

    def __init__(
        self,
        spool: Spool,
        session: str,
        *,
        limits: Limits | None = None,
        memory_budget: int = 512 * 2**20,
        version: str = "",
        on_put: Callable[[Name, RunRef], None] = lambda name, run: None,
        on_late: Callable[[Receipt], None] = lambda receipt: None,
        on_deleted: Callable[[str], None] = lambda run_id: None,
    ) -> None:
        self.session = session
        self.limits = limits or Limits()
        self._spool = spool
        self._ledger = Ledger()
        self._on_put = on_put
        self._on_late = on_late
        self._on_deleted = on_deleted
        self._deletions = Deletions(spool.root.parent)
        self._memory = Memory(memory_budget)
        self._writer: ThreadPoolExecutor | None = None
        self._pending: set[Future[Any]] = set()
        self._version = version

    def record(self, shown: Shown, renderer: Renderer, limits: Limits | None = None) -> Receipt:
        """Keep one object.

        Parameters
        ----------
        limits
            Replace the recorder's own.

        Returns
        -------
        Receipt
            Its ``mark`` is what the cell's output carries as ``metadata.mlart``.

        Raises
        ------
        NotRenderable, SpoolUnavailable
        """
        limits = limits or self.limits
        made = renderer(shown.obj, shown.bundle, limits)
        if made is None:
            return Receipt(kept=False, reason="nothing to keep was shown")
        if isinstance(made, Skipped):
            return Receipt(kept=False, reason=made.reason)
        if made.size > limits.largest:
            return Receipt(kept=False, reason=f"larger than Mlart.largest_bytes ({made.size:,} bytes)", what=made.title)
        key = self._ledger.key(shown, made)
        if isinstance(made, Deferred):
            return self._later(shown, made, key)
        return self._now(shown, made, key)

    def hold(self, shown: Shown, renderer: Renderer, limits: Limits, item: str) -> Held | None:
        """Render one object and leave it in memory; None when there is nothing to keep or no room.

        What is held must be given to `drop`, after `keep` or instead of it. Frames are snapshotted
        whatever their size.
        """
        made = renderer(shown.obj, shown.bundle, dataclasses.replace(limits, inline=0))
        if made is None or isinstance(made, Skipped) or made.size > limits.largest or not self._memory.take(made.size):
            return None
        return Held(shown.light, made, self._ledger.key(shown, made), item)

    def drop(self, held: Held) -> None:
        """Forget what is held: something has replaced it."""
        self._memory.give(held.made.size)

    def keep(self, held: Held, limits: Limits) -> Receipt:
        """Write what is held to the spool, as `record` would; raises what `record` does."""
        if isinstance(held.made, Deferred) and held.made.size > limits.inline:
            return self._later(held.shown, held.made, held.key, held.item)
        made = held.made.render() if isinstance(held.made, Deferred) else held.made
        return self._now(held.shown, made, held.key, held.item)

    def _now(self, shown: Shown, made: Rendered, key: str, item: str | None = None) -> Receipt:
        made = _under(shown.path, made)
        made = dataclasses.replace(made, note="; ".join(filter(None, (made.note, shown.note))) or None)
        digest = hashlib.sha256("".join(file.identity for file in made.files).encode()).hexdigest()
        content = shown.run.run_id, key + made.files[0].suffix, digest
        item = item or secrets.token_hex(8)
        try:
            receipt, name = self._put(shown, made, key, item, *self._place_of(*content))
        except BaseException:  # an interrupt too: what is shown again is tried again
            self._ledger.forget(*content)
            raise
        if name is not None:
            self._ledger.confirm(*content, item)
            self._on_put(name, shown.run)
        return receipt

    def _place_of(self, run_id: str, name: str, digest: str) -> tuple[int, bool]:
        """The version of a content, and whether it is to be kept; what was deleted from the run is kept again."""
        version, is_new = self._ledger.version(run_id, name, digest)
        if is_new or not (deleted := self._deletions.news(run_id)):
            return version, is_new
        if self._ledger.delete(run_id, deleted):
            self._on_deleted(run_id)
        return self._ledger.version(run_id, name, digest)

    def _put(
        self, shown: Shown, made: Rendered, key: str, item: str, version: int, is_new: bool
    ) -> tuple[Receipt, Name | None]:
        """The receipt, and the name in the spool of what is new."""
        first = made.files[0]
        entries = [self._entry(shown, made, file, key, version, item) for file in made.files]
        paths = tuple(entry.path for entry in entries)
        mark = _mark(shown, key, item) | {"version": version, "path": paths[0]}
        if first.encoding == "raw" and (is_new or not first.alike):  # else the run has other bytes that show the same
            mark["sha256"] = first.sha256
        if not is_new:
            return Receipt(kept=False, reason=ALREADY, paths=paths, mark=mark), None
        header, payload = pack(shown.run, entries, made.files, source=shown.cell.source)
        name = self._spool.put(header, *payload)
        return Receipt(kept=True, reason=made.note or "", paths=paths, size=made.size, mark=mark), name

    def _later(self, shown: Shown, made: Deferred, key: str, item: str | None = None) -> Receipt:
        """Write a snapshot off the cell, or in it when memory has no room."""
        if not self._memory.take(made.size):
            return self._now(shown, made.render(), key, item)
        item = item or secrets.token_hex(8)
        mark = _mark(shown, key, item)
        light = shown.light
        begin = time.monotonic() + SETTLE_SECONDS

        def write() -> None:
            time.sleep(max(0.0, begin - time.monotonic()))
            try:
                receipt = self._now(light, made.render(), key, item)
            except Exception as error:  # off the cell: the status tells it
                receipt = Receipt(kept=False, reason=f"{FAILED}{error}", mark=mark, what=key)
            finally:
                self._memory.give(made.size)
            self._on_late(receipt)

        self._submit(write)
        return Receipt(kept=True, reason=SNAPSHOT, mark=mark, what=key)

    def _submit(self, write: Callable[[], None]) -> None:
        self._writer = self._writer or ThreadPoolExecutor(1, thread_name_prefix="mlart-writer")
        future = self._writer.submit(write)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    @property
    def pending(self) -> int:
        """Snapshots that are not on disk yet."""
        return len(self._pending)

    def settle(self, seconds: float | None = None) -> bool:
        """Wait until all snapshots are on disk; tell whether they are."""
        return not wait(list(self._pending), timeout=seconds).not_done

    def _entry(self, shown: Shown, made: Rendered, file: File, key: str, version: int, item: str) -> Entry:
        cell = shown.cell
        return Entry(
            item=item,
            path=versioned(key + file.suffix, version),
            kind=made.kind,
            media_type=file.media_type,
            key=key,
            version=version,
            session=self.session,
            run_id=shown.run.run_id,
            time=time.time(),
            cell_id=cell.cell_id,
            execution_count=cell.execution_count,
            source_hash=cell.source_hash if cell.source else None,
            notebook=cell.notebook,
            shape=made.shape,
            dtypes=made.dtypes,
            note=made.note,
            extension=self._version,
        )


_VERSION = re.compile(r"_v(\d+)$")
"""A title must not look like a version of another."""


def _named(path: str) -> str:
    plain = inside(path)
    if not plain:
        raise BadPath(f"{path!r} names no file", "Give the path a name, like data/best.json")
    return plain


def _mark(shown: Shown, key: str, item: str) -> dict[str, Any]:
    return {"run_id": shown.run.run_id, "item": item, "key": key, "cell_id": shown.cell.cell_id}


def _under(path: str | None, made: Rendered) -> Rendered:
    """Give the file the suffix of the path that the user chose."""
    suffix = suffix_of(path) if path else ""
    if not suffix or suffix in (file.suffix for file in made.files):
        return made
    if made.kind not in FREE_KINDS:
        own = made.files[0].suffix
        raise NotRenderable(f"A {made.kind} is stored as {own}, not {suffix}", f"Let the path end in {own}")
    media_type = mimetypes.guess_type(f"x{suffix}")[0] or made.files[0].media_type
    files = tuple(dataclasses.replace(file, suffix=suffix, media_type=media_type) for file in made.files)
    return dataclasses.replace(made, files=files)


UNDER_WAY, DELETED = "", "-"
"""In the place of a content's item: not in the spool yet; no longer in the run."""


class Ledger:
    """Which name each shown thing has in each run, and which contents that name has had: the item of each."""

    def __init__(self) -> None:
        self._contents: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._figures: weakref.WeakKeyDictionary[Any, dict[str, str]] = weakref.WeakKeyDictionary()
        self._unnamed: dict[tuple[str, str, str, int], str] = {}
        self._counts: dict[str, int] = {}
        self._cell: Cell | None = None
        self._lock = threading.Lock()

    def key(self, shown: Shown, made: Rendered | Deferred) -> str:
        """The path of an object's first version, without its suffix."""
        if shown.path:
            path = _named(shown.path)
            return path.removesuffix(suffix_of(path))
        folder = inside(shown.folder) if shown.folder is not None else made.folder
        with self._lock:
            known = self._known(shown)
            key = known.get(f"{shown.run.run_id}/{folder}") or self._named(shown, made, folder)
            known[f"{shown.run.run_id}/{folder}"] = key
        return key

    def _known(self, shown: Shown) -> dict[str, str]:
        """The names that this very object has had: a figure shown twice keeps its name."""
        if kind_of(shown.obj) != "figures":
            return {}
        return self._figures.setdefault(figure.subject_of(shown.obj), {})

    def _named(self, shown: Shown, made: Rendered | Deferred, folder: str) -> str:
        if name := slug(made.title) or slug(shown.hinted):
            return join(folder, _VERSION.sub(r"-v\1", name))
        if shown.place:
            return shown.place
        if shown.cell is not self._cell:
            self._cell, self._counts = shown.cell, {}
        number = self._counts[folder] = self._counts.get(folder, 0) + 1
        place = (shown.run.run_id, folder, shown.cell.identity, number)
        stem = "shown" if shown.cell.execution_count is None else f"cell-{shown.cell.execution_count}"
        return self._unnamed.setdefault(place, join(folder, stem if number == 1 else f"{stem}-{number}"))

    def version(self, run_id: str, name: str, digest: str) -> tuple[int, bool]:
        """The version that a content has under a name, and whether it is new there."""
        with self._lock:
            contents = self._contents[run_id, name]
            is_new = contents.get(digest, DELETED) == DELETED
            contents[digest] = UNDER_WAY if is_new else contents[digest]
            return list(contents).index(digest) + 1, is_new

    def confirm(self, run_id: str, name: str, digest: str, item: str) -> None:
        """Note that a content is in the spool."""
        with self._lock:
            self._contents[run_id, name][digest] = item

    def forget(self, run_id: str, name: str, digest: str) -> None:
        """Undo `version` for a content that could not be spooled; one that is confirmed stays."""
        with self._lock:
            contents = self._contents[run_id, name]
            if contents.get(digest) == UNDER_WAY:
                contents[digest] = DELETED  # later ones keep their versions
                if digest == next(reversed(contents)):
                    contents.popitem()

    def delete(self, run_id: str, items: set[str]) -> int:
        """Note that items are no longer in a run, but keep their versions; return how many were known."""
        known = 0
        with self._lock:
            for contents in [each for (run, _), each in self._contents.items() if run == run_id]:
                for digest in [digest for digest, item in contents.items() if item in items]:
                    contents[digest] = DELETED
                    known += 1
        return known
