"""A durable queue on disk, and the files beside it that say who works with it."""

from mlart_jupyter.spool.audit import Finding
from mlart_jupyter.spool.deletions import Deletions, tell_deleted
from mlart_jupyter.spool.disk import fleeting
from mlart_jupyter.spool.folder import Claim, Spool
from mlart_jupyter.spool.item import Name
from mlart_jupyter.spool.owner import Owner
from mlart_jupyter.spool.presence import Presence
from mlart_jupyter.spool.sessions import (
    Session,
    is_listening,
    read_sessions,
    read_trouble,
    sweep_sessions,
    tell_listening,
    write_session,
    write_trouble,
)

__all__ = [
    "Claim",
    "Deletions",
    "Finding",
    "Name",
    "Owner",
    "Presence",
    "Session",
    "Spool",
    "fleeting",
    "is_listening",
    "read_sessions",
    "read_trouble",
    "sweep_sessions",
    "tell_deleted",
    "tell_listening",
    "write_session",
    "write_trouble",
]
