"""The log of what runs in a kernel, where a line of it may end up under a user's cell."""

from __future__ import annotations

import logging

log = logging.getLogger("mlart_jupyter")
log.addHandler(logging.NullHandler())


def trouble(words: str, *args: object) -> None:
    """Warn of a fault that is being handled.

    Its traceback comes only at the debug level: MLflow 2 gives the root logger a handler that prints into cells.
    """
    log.warning(words, *args, exc_info=log.isEnabledFor(logging.DEBUG))
