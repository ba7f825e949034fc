"""Secrets that this machine knows by value: in the environment, and the tokens of Jupyter servers."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

SHORTEST = 8
"""Shorter values are words that occur everywhere."""
NEW_SECONDS = 5.0
"""What has just come into the servers' folder may not be written yet."""
SECRET_NAME = re.compile(r"secret|token|passw|passphrase|credential|api_?key|access_?key|private_?key", re.IGNORECASE)


def known_secrets(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The values that must not leave whatever they look like, longest first."""
    found = {*_of_environment(os.environ if environ is None else environ), *_of_servers()}
    return tuple(sorted((v for v in found if len(v) >= SHORTEST), key=len, reverse=True))


def _of_environment(environ: Mapping[str, str]) -> Iterator[str]:
    for name in filter(_is_secret, environ):  # `items` would decode every value, for each text that leaves
        value = environ.get(name, "")
        if not value.startswith(("/", "http://", "https://", "file:")):
            yield value


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _of_servers() -> tuple[str, ...]:
    """Tokens of the user's running Jupyter servers; their folder is looked through when it has changed."""
    from jupyter_core.paths import jupyter_runtime_dir

    folder = jupyter_runtime_dir()
    try:
        changed = os.stat(folder).st_mtime
    except OSError:
        return ()
    is_new = time.time() - changed < NEW_SECONDS
    return _tokens.__wrapped__(folder, changed) if is_new else _tokens(folder, changed)


@lru_cache(maxsize=1)
def _tokens(folder: str, changed: float) -> tuple[str, ...]:
    found = []
    for path in Path(folder).glob("jpserver-*.json"):
        with suppress(OSError, ValueError, AttributeError):
            found.append(str(json.loads(path.read_text()).get("token") or ""))
    return tuple(found)
