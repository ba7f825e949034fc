"""A notebook's saved bytes → an item in the spool of the kernel that ran it."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from mlart_jupyter.models import Entry, File, Payload, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.paths import file_name, join
from mlart_jupyter.spool import Name, Session, Spool

FOLDER = "notebooks"
MEDIA_TYPE = "application/x-ipynb+json"


MOST_RUNS = 10
"""So many runs at most get one save."""


class Snapshots:
    """Keeps the newest state of each notebook in its run.

    Remembers what it has sent: the same bytes do not go to the same run twice. Versions are made where
    the item is delivered (`store.Editions`), for only the run tells what it holds.
    """

    def __init__(self, spool: Spool, version: str = "") -> None:
        self._spool = spool
        self._version = version
        self._sent: dict[tuple[str, str], str] = {}
        self._reached: dict[str, set[str]] = {}

    def take(
        self,
        notebook: Payload,
        path: str,
        session: Session,
        *,
        run: RunRef | None = None,
        encoding: str = "notebook {}",
        note: str | None = None,
    ) -> Name | None:
        """Spool a saved notebook for the run that its kernel used last, and those begun since its last save.

        The item is put in the name of the kernel: its worker has the credentials, and delivers it. A
        dead kernel's items are adopted like all that it left.

        Parameters
        ----------
        path
            The notebook's, as the host names it: absolute where it is a file.
        run
            Only this one.
        encoding
            How the notebook is made on delivery, see `outgoing.notebook_encoding`.
        note
            What a reader should know of this state.

        Returns
        -------
        Name or None
            None when there is no run, or nothing has changed.

        Raises
        ------
        SpoolUnavailable
        """
        file = File(".ipynb", MEDIA_TYPE, notebook, encoding)
        spooled = None
        for due in [run] if run else self._due(session):
            spooled = self._take(file, path, session, due, note) or spooled
            self._reached.setdefault(session.session, set()).add(due.run_id)
        return spooled

    def _due(self, session: Session) -> list[RunRef]:
        """The run used last, and those that have begun since the last save: a loop over runs has one notebook."""
        reached = self._reached.get(session.session, set())
        return [run for run in session.runs[-MOST_RUNS:] if run is session.runs[-1] or run.run_id not in reached]

    def _take(self, file: File, path: str, session: Session, run: RunRef, note: str | None) -> Name | None:
        if self._sent.get((run.run_id, path)) == file.sha256:
            return None
        stored = join(FOLDER, file_name(PurePath(path).name))
        entry = self._entry(run, stored, path, session, kind="notebook", media_type=MEDIA_TYPE, note=note)
        spooled = self._put(run, [entry], [file], session)
        self._sent[run.run_id, path] = file.sha256
        return spooled

    def lay_beside(self, texts: Mapping[str, str], path: str, session: Session, run: RunRef) -> Name | None:
        """Spool texts that belong to a notebook: suffix → text, as ``.requirements.txt``.

        Raises
        ------
        SpoolUnavailable
        """
        stem = PurePath(file_name(PurePath(path).name)).stem
        what: dict[str, Any] = {"kind": "environment", "media_type": "text/plain"}
        digest = hashlib.sha256(repr(texts).encode()).hexdigest()
        if not texts or self._sent.get((run.run_id, f"{path}#")) == digest:
            return None
        entries = [self._entry(run, join(FOLDER, stem + suffix), path, session, **what) for suffix in texts]
        files = [File(suffix, "text/plain", text.encode()) for suffix, text in texts.items()]
        spooled = self._put(run, entries, files, session)
        self._sent[run.run_id, f"{path}#"] = digest
        return spooled

    def _put(self, run: RunRef, entries: list[Entry], files: list[File], session: Session) -> Name:
        header, payload = pack(run, entries, files, replaces=True)
        return self._spool.put(header, *payload, owner=session.owner)

    def _entry(self, run: RunRef, stored: str, path: str, session: Session, **what: Any) -> Entry:
        return Entry(
            item=secrets.token_hex(8),
            path=stored,
            key=stored.removesuffix(".ipynb"),
            version=1,
            session=session.session,
            run_id=run.run_id,
            time=time.time(),
            notebook=path,
            extension=self._version,
            **what,
        )
