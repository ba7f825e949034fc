"""What the visitors of a dashboard may ask: they read the run that its panel shows, and change nothing.

Voilà runs a notebook for whoever opens its page. They cannot run code of their own, and a panel must not be a way
to other runs or to the files beside the notebook.
"""

from __future__ import annotations

import os
from typing import Any

from mlart_jupyter.errors import StoreRefused

ALLOWED = frozenset({"status", "artifacts", "find", "origin", "preview", "picture", "drawing", "content", "zip"})
"""What reads one run, and the spool's numbers."""


def are_here() -> bool:
    """Whether Voilà runs this kernel: it tells so as CGI tells the server (RFC 3875, section 4.1.17)."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def check(operation: str, asked: dict[str, Any], given: dict[str, str]) -> None:
    """Let through what reads the run that was given to them.

    Raises
    ------
    StoreRefused
    """
    elsewhere = any(asked.get(name, own) != own for name, own in given.items())
    if elsewhere or operation not in ALLOWED:
        raise StoreRefused("The visitors of a dashboard can only read the run that it shows", "Open it in JupyterLab")
