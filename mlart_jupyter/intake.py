"""A file of the Jupyter server → an item in the spool of the kernel whose run is to have it."""

from __future__ import annotations

import mimetypes
import secrets
import time

from mlart_jupyter.errors import NoRun
from mlart_jupyter.models import FILE_KIND, Entry, File, Payload, RunRef
from mlart_jupyter.parcels import pack
from mlart_jupyter.paths import file_name, inside, join, suffix_of
from mlart_jupyter.spool import Session, Spool

FOLDER = "files"
"""Where `mlart_jupyter.log` puts a file too."""
UNKNOWN = "application/octet-stream"


def take(spool: Spool, data: Payload, name: str, session: Session, version: str = "") -> tuple[RunRef, str]:
    """Spool a file for the run that a notebook's kernel used last; return the run and the file's path in it.

    `name` has the folders that the file keeps, if any: ``data/train/a.csv``. The kernel's worker delivers it;
    a dead kernel's items are adopted. A name that the run holds with other content is told apart when it is
    delivered.

    Raises
    ------
    NoRun
        The notebook has none.
    BadPath
        The name leaves the run.
    SpoolUnavailable
    """
    if not session.runs:
        raise NoRun("This notebook has no run yet", "Start one with %mlart start, then log the file again")
    run = session.runs[-1]
    path = inside(join(FOLDER, *map(file_name, name.split("/"))))
    media_type = mimetypes.guess_type(name)[0] or UNKNOWN
    file = File(suffix_of(path), media_type, data)
    entry = Entry(
        item=secrets.token_hex(8),
        path=path,
        kind=FILE_KIND,
        media_type=media_type,
        key=path.removesuffix(file.suffix),
        version=1,
        session=session.session,
        run_id=run.run_id,
        time=time.time(),
        notebook=session.notebook,
        extension=version,
    )
    header, payload = pack(run, [entry], [file])
    spool.put(header, *payload, owner=session.owner)
    return run, path
