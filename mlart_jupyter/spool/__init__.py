"""A durable queue on disk, and the files beside it that say who works with it."""

from mlart_jupyter.spool.folder import Claim, Finding, Spool
from mlart_jupyter.spool.item import Name
from mlart_jupyter.spool.owner import Owner
from mlart_jupyter.spool.sessions import Session, is_listening, read_sessions, tell_listening, write_session

__all__ = [
    "Claim",
    "Finding",
    "Name",
    "Owner",
    "Session",
    "Spool",
    "is_listening",
    "read_sessions",
    "tell_listening",
    "write_session",
]
