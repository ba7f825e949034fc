"""URIs and words as they may be written down: without passwords, tokens and signatures.

What is written to the spool, to sessions and to logs goes through here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

MASK = "***"
MANAGED = ("databricks", "databricks-uc", "uc")
"""Tracking URIs of Databricks, which name no host."""

_USER = re.compile(r"(?<=://)[^/\s:@?#]*:[^/\s]*@")
_QUERY = re.compile(
    r"([?&;][\w-]*(?:sig|signature|token|secret|password|passwd|pwd|credential|apikey|api-key|api_key|accesskey)=)[^&;\s#'\"]+",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)  # each cell asks for those of the active run, several times
def without_credentials(uri: str) -> str:
    """Drop ``user:password@`` from a URI, and what its query keeps secret."""
    parts = urlsplit(uri)
    if "@" in parts.netloc:
        uri = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return _QUERY.sub(rf"\1{MASK}", uri)


@lru_cache(maxsize=64)
def masked(uri: str) -> str:
    """Hide a URI's secrets in a way that tells that there are some.

    A user name without a password stays: in ``wasbs://container@account`` it is a part of the place.

    >>> masked("ftp://ada:lovelace@host/runs")
    'ftp://***@host/runs'
    >>> masked("https://account/container?sv=1&sig=abc")
    'https://account/container?sv=1&sig=***'
    """
    return _QUERY.sub(rf"\1{MASK}", _USER.sub(f"{MASK}@", uri))


def is_masked(uri: str) -> bool:
    """Whether a URI lacks secrets that it needs."""
    return f"{MASK}@" in uri or f"={MASK}" in uri
