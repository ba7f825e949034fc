"""What is where, of all processes of a spool: the same numbers for %mlart, the shell and the sidebar."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mlart_jupyter.services import Services
from mlart_jupyter.spool import Session, fleeting, read_sessions, read_trouble
from mlart_jupyter.uploads import parcel_at

SESSIONS = 50
"""How many of the newest sessions are looked at."""
ORPHANS = 20
"""How many of the items that dead kernels left are asked which credentials they need."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a spool.

    Attributes
    ----------
    waiting, in_flight, dead
        Numbers of items: queued, being delivered, never to be delivered.
    kept
        Items that the living processes have delivered.
    size
        Bytes that wait or are being delivered.
    oldest_seconds
        Age of the oldest of them.
    last_error
        What is wrong now, with what to do about it.
    notes
        What else a user should know.
    """

    waiting: int
    in_flight: int
    kept: int
    dead: int
    size: int
    oldest_seconds: float | None
    last_error: str | None
    notes: tuple[str, ...]

    @property
    def unfinished(self) -> int:
        """Items that are not in their run yet."""
        return self.waiting + self.in_flight


def state_of(services: Services) -> State:
    """Count."""
    spool = services.spool
    names, in_flight, dead = spool.waiting(), spool.in_flight(), spool.count_dead()
    living = [s for s in read_sessions(services.config.spool / "sessions", SESSIONS) if spool.lives(s.owner)]
    return State(
        waiting=max(0, len(names) - in_flight),
        in_flight=min(in_flight, len(names)),
        kept=sum(session.kept for session in living),
        dead=dead,
        size=sum(name.length for name in names),
        oldest_seconds=max(0.0, time.time() - names[0].made / 1e9) if names else None,
        last_error=_last_error(services, living, bool(names), bool(dead)),
        notes=tuple(_notes(services)),
    )


def _last_error(services: Services, living: list[Session], waits: bool, failed: bool) -> str | None:
    errors = [services.census().last_error, *(session.last_error for session in living)]
    if waits:
        errors.append(read_trouble(services.config.spool))
    if failed:
        _, reason = services.spool.dead()[-1]
        errors.append(f"Not delivered: {reason} `mlart status` lists all, `mlart flush --dead` tries them again.")
    return next((words for words in errors if words), None)


def _notes(services: Services) -> Iterator[str]:
    why = fleeting(services.config.data)
    if why:
        yield f"{services.config.data} may not outlive this session: {why}. Deliver with %mlart flush before you leave"
    spool, lacking = services.spool, set[str]()
    orphans = spool.orphans()
    for _, path in islice(orphans, ORPHANS):
        parcel = parcel_at(spool, path)
        lacking |= {variable for variable in (parcel.needs if parcel else ()) if variable not in os.environ}
    if orphans:
        yield f"{len(orphans)} were left by kernels that have died: `mlart flush` delivers them"
    if lacking:
        names = ", ".join(sorted(lacking))
        yield f"Their kernel had {names}, which this process has not: set it, then run `mlart flush`"
