"""``%mlart store URI``: an artifact location is tried, and an experiment is made that keeps its artifacts there.

It does what people try to do with ``mlflow.set_tracking_uri("s3://…")``.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.paths import slug
from mlart_jupyter.store import Store, tracking
from mlart_jupyter.store.schemes import public, scheme_of

Open = Callable[[str], Store]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of a location.

    Attributes
    ----------
    location
        The artifact URI, without a slash at its end.
    experiment
        Name of the experiment, which is selected now.
    words
        All of it in one line.
    """

    location: str
    experiment: str
    words: str


def choose(uri: str, open_place: Open, embedded_uri: str, experiment: str | None = None) -> Chosen:
    """Try a location by writing, reading and deleting a small file; then create or select its experiment.

    Parameters
    ----------
    open_place
        Opens the store at a location.
    embedded_uri
        The tracking store where nothing else is configured.

    Raises
    ------
    StoreUnavailable, StoreRefused
        The location does not work; what is missing is said. No experiment has been made.
    """
    location = plain(uri)
    begun = time.monotonic()
    note = probe(open_place(location))
    seconds = time.monotonic() - begun
    name = experiment or _name_of(location)
    made = tracking.choose(location, name, embedded_uri)
    words = (
        f'experiment "{name}" ({"new" if made else "known"}) keeps its artifacts at {public(location)} '
        f"({scheme_of(location).name}: {note}, {seconds:.1f} s); runs that start from now on go there"
    )
    return Chosen(location, name, words)


def plain(uri: str) -> str:
    """A location as MLflow keeps it: a folder becomes a URI, a slash at the end goes."""
    if "://" not in uri and not uri.startswith("mlflow-artifacts:"):
        return Path(uri.removeprefix("file:")).expanduser().absolute().as_uri()
    return uri.rstrip("/")


def probe(store: Store) -> str:
    """Write, read and delete a small file, and say in words how it went.

    Raises
    ------
    StoreUnavailable, StoreRefused
        It cannot be written or read.
    """
    path, data = f"mlart-probe-{secrets.token_hex(4)}.txt", secrets.token_bytes(16)
    store.put(path, data)
    if store.read(path) != data:
        raise StoreRefused("What was written is not what is read", "Check what stands between you and the store")
    try:
        store.delete(path)
    except StoreRefused as error:
        return f"a probe was written and read; {path} stays, for: {error.problem}"
    return "a probe was written, read and deleted"


def _name_of(location: str) -> str:
    parts = urlsplit(location)
    place = parts.netloc.rpartition("@")[2] if parts.password else parts.netloc
    return slug(f"{parts.scheme} {place} {parts.path}") or "store"
