"""What the browser is told of runs and artifacts, as JSON holds it."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from mlart_jupyter.errors import BadPath
from mlart_jupyter.links import page_of
from mlart_jupyter.models import ArtifactInfo, RunRef
from mlart_jupyter.store import tracking
from mlart_jupyter.uris import without_credentials

Json = dict[str, Any]
LARGEST_PAGE = 1000


def number(text: str | int) -> int:
    """A number that a request gives.

    Raises
    ------
    BadPath
        It is none.
    """
    if str(text).isdecimal() and len(str(text)) < 16:
        return int(text)
    raise BadPath("The request asks for a page that cannot be", "Reload the page")


def alias_of(uri: str) -> str:
    """The name under which the browser knows a tracking store."""
    return hashlib.sha256(without_credentials(uri).encode()).hexdigest()[:12]


def label(uri: str) -> str:
    """A store in words that tell no path and no credentials."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        return parts.hostname or parts.scheme
    return f"{parts.scheme} store {parts.path.rpartition('/')[2]}".strip()


def run_json(ref: RunRef, summary: tracking.RunSummary | None, configured: str = "") -> Json:
    """A run, with what its tracking store says of it, if that is known; `configured` as `page_of` takes it."""
    placed = ref if ref.experiment_id or not summary else summary.ref
    return {
        "store": alias_of(ref.tracking_uri),
        "run_id": ref.run_id,
        "name": ref.name or ref.run_id,
        "experiment": summary.experiment if summary else "",
        "status": summary.status if summary else "",
        "page": page_of(placed, configured),
        "started": int(summary.started * 1000) if summary and summary.started else None,
    }


def bounds(cursor: str | None, limit: int) -> tuple[int, int]:
    """Where a page begins, and how many rows it has."""
    return number(cursor or 0), max(1, min(number(limit), LARGEST_PAGE))


def cursor_of(end: int | None) -> str | None:
    """What asks for the next page."""
    return None if end is None else str(end)


def in_order(entries: list[Json]) -> list[Json]:
    """What is on its way stands with what is stored: folders first, then by name."""
    return sorted(entries, key=lambda entry: (not entry["is_dir"], entry["path"]))


def entry_json(row: ArtifactInfo, state: str = "stored") -> Json:
    """A row of a listing, stored or on its way."""
    entry = row.entry
    return {
        "name": row.name,
        "path": row.path,
        "is_dir": row.is_dir,
        "size": row.size,
        "kind": entry.kind if entry else None,
        "cell": entry.execution_count if entry else None,
        "cell_id": entry.cell_id if entry else None,
        "version": entry.version if entry else None,
        "time": entry.time if entry else row.time,
        "state": state,
    }
