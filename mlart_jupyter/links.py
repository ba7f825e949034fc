"""Where MLflow's own page shows a run: an address for a reader, without credentials."""

from __future__ import annotations

import os
from urllib.parse import quote, urlsplit, urlunsplit

from mlart_jupyter.models import RunRef
from mlart_jupyter.uris import MANAGED, without_credentials


def page_of(run: RunRef, configured: str = "") -> str | None:
    """The address of a run's page; None where there is no page, or it is not known.

    Parameters
    ----------
    configured
        Where the pages are, if not at the tracking server: an address, or a pattern with ``{experiment}``
        and ``{run}``.

    >>> page_of(RunRef("abc", "https://ada:secret@ml.example:5000/base?token=x", experiment_id="7"))
    'https://ml.example:5000/base/#/experiments/7/runs/abc'
    """
    ids = {"experiment": quote(run.experiment_id or "", safe=""), "run": quote(run.run_id, safe="")}
    pattern = configured or _pattern(run.tracking_uri)
    if not all(ids.values()) or not pattern:
        return None
    if "{run}" not in pattern:
        pattern = f"{_plain(pattern)}/#/experiments/{{experiment}}/runs/{{run}}"
    for name, value in ids.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return without_credentials(pattern) if _is_web(pattern) else None


def _pattern(tracking_uri: str) -> str:
    """How the pages of a tracking server are named."""
    if tracking_uri.partition(":")[0] not in MANAGED:
        return tracking_uri if _is_web(tracking_uri) else ""
    host = os.environ.get("DATABRICKS_HOST", "")
    host = host if "://" in host or not host else f"https://{host}"
    return f"{_plain(host)}/ml/experiments/{{experiment}}/runs/{{run}}" if host else ""


def _plain(address: str) -> str:
    """An address without its query, which may hold a token."""
    return urlunsplit(urlsplit(address)._replace(query="", fragment="")).rstrip("/")


def _is_web(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
