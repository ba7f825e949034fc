"""A notebook's saved bytes → an item in the spool of the kernel that ran it."""

from __future__ import annotations

import hashlib
import secrets
import time
from pathlib import PurePath

from mlart_jupyter.models import Entry, File, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.paths import join
from mlart_jupyter.spool import Name, Session, Spool

FOLDER = "notebooks"
MEDIA_TYPE = "application/x-ipynb+json"


class Snapshots:
    """Keeps the newest state of each notebook in its run.

    Remembers what it has sent: the same bytes do not go to the same run twice.
    """

    def __init__(self, spool: Spool, version: str = "") -> None:
        self._spool = spool
        self._version = version
        self._sent: dict[tuple[str, str], str] = {}

    def take(self, notebook: bytes, path: str, session: Session) -> Name | None:
        """Spool a saved notebook for the run that its kernel used last.

        The item is put in the name of the kernel: its worker has the credentials, and delivers it. A
        dead kernel's items are adopted like all that it left.

        Returns
        -------
        Name or None
            None when there is no run, or nothing has changed.

        Raises
        ------
        SpoolUnavailable
        """
        if not session.runs:
            return None
        run, name = session.runs[-1], PurePath(path).name
        digest = hashlib.sha256(notebook).hexdigest()
        if self._sent.get((run.run_id, name)) == digest:
            return None
        file = File(".ipynb", MEDIA_TYPE, notebook)
        header, payload = pack(run, [self._entry(run, name, path, session)], [file], replaces=True)
        spooled = self._spool.put(header, *payload, owner=session.owner)
        self._sent[run.run_id, name] = digest
        return spooled

    def _entry(self, run: RunRef, name: str, path: str, session: Session) -> Entry:
        return Entry(
            item=secrets.token_hex(8),
            path=join(FOLDER, name),
            kind="notebook",
            media_type=MEDIA_TYPE,
            key=join(FOLDER, PurePath(name).stem),
            version=1,
            session=session.session,
            run_id=run.run_id,
            time=time.time(),
            notebook=path,
            extension=self._version,
        )
