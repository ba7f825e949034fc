"""A notebook's saved bytes → an item in the spool of the kernel that ran it."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from mlart_jupyter.models import Entry, File, Payload, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.paths import join
from mlart_jupyter.spool import Name, Session, Spool

FOLDER = "notebooks"
MEDIA_TYPE = "application/x-ipynb+json"


class Snapshots:
    """Keeps the newest state of each notebook in its run.

    Remembers what it has sent: the same bytes do not go to the same run twice. Versions are made where
    the item is delivered (`store.Editions`), for only the run tells what it holds.
    """

    def __init__(self, spool: Spool, version: str = "") -> None:
        self._spool = spool
        self._version = version
        self._sent: dict[tuple[str, str], str] = {}

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
        """Spool a saved notebook for the run that its kernel used last.

        The item is put in the name of the kernel: its worker has the credentials, and delivers it. A
        dead kernel's items are adopted like all that it left.

        Parameters
        ----------
        path
            The notebook's, as the host names it: absolute where it is a file.
        run
            Another run than the session's last.
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
        run = run or (session.runs[-1] if session.runs else None)
        if run is None:
            return None
        name = file_name(PurePath(path).name)
        digest = hashlib.sha256(notebook).hexdigest()
        if self._sent.get((run.run_id, path)) == digest:
            return None
        entry = self._entry(run, join(FOLDER, name), path, session, kind="notebook", media_type=MEDIA_TYPE, note=note)
        spooled = self._put(run, [entry], [File(".ipynb", MEDIA_TYPE, notebook, encoding)], session)
        self._sent[run.run_id, path] = digest
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


def file_name(name: str) -> str:
    """A notebook's own name, without what MLflow's client cannot download again.

    >>> file_name("Übung #3 (50%).ipynb")
    'Übung -3 (50-).ipynb'
    """
    return re.sub(r"[#?%\\:*<>|\"\x00-\x1f]", "-", unicodedata.normalize("NFC", name))
