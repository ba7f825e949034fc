"""Whether anybody still waits for an answer: what takes long asks it now and then."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Event

from mlart_jupyter.errors import GivenUp

_given_up: ContextVar[Event | None] = ContextVar("mlart_given_up", default=None)


def begin(given_up: Event) -> None:
    """From here on, in this context, an event tells that nobody waits any more."""
    _given_up.set(given_up)


def check() -> None:
    """End what is being done when nobody waits for it.

    Raises
    ------
    GivenUp
    """
    event = _given_up.get()
    if event is not None and event.is_set():
        raise GivenUp
