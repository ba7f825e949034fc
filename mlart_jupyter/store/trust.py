"""Which artifact locations are opened when a tracking store names them.

A hostile tracking server can name any: a folder of this machine, or a host that is then spoken to with
the user's own keys. A store of this machine (a database, a server on localhost) is the user's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.store.local import local_folder

OWN_HOSTS = {"localhost", "127.0.0.1", "::1"}
OBJECT_STORES = {"s3", "gs", "wasbs"}
"""Storages whose address is that of their provider, whatever the URI says."""


def check(artifact_uri: str, tracking_uri: str, allowed: Iterable[str] = ()) -> str:
    """Return a location that may be opened.

    Parameters
    ----------
    allowed
        Beginnings of locations that the settings allow besides: ``hdfs://namenode:8020/ml``, ``sftp:``,
        ``/data/mlruns``.

    Raises
    ------
    StoreRefused
        It may not.
    """
    if ".." in unquote(urlsplit(artifact_uri).path).split("/"):
        raise _refused(artifact_uri, "climbs out of its folder")
    if _is_own(tracking_uri) or _is_usual(artifact_uri, tracking_uri):
        return artifact_uri
    if any(_begins(artifact_uri, beginning) for beginning in allowed):
        return artifact_uri
    raise _refused(artifact_uri, f"was named by {urlsplit(tracking_uri).hostname} and is not among the allowed ones")


def _refused(uri: str, why: str) -> StoreRefused:
    parts = urlsplit(uri)
    place = f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme else uri
    return StoreRefused(
        f"The artifact location {place} {why}",
        "If it is yours, allow it with MLART_ARTIFACT_LOCATIONS or c.Mlart.artifact_locations",
    )


def _is_own(tracking_uri: str) -> bool:
    uri = urlsplit(tracking_uri)
    return uri.scheme not in ("http", "https") or uri.hostname in OWN_HOSTS


def _is_usual(artifact_uri: str, tracking_uri: str) -> bool:
    """What a server on another machine may name: itself, and the stores of the large providers."""
    uri, server = urlsplit(artifact_uri), urlsplit(tracking_uri)
    if uri.scheme in ("http", "https"):
        return uri.netloc == server.netloc and uri.scheme == server.scheme
    if uri.scheme == "mlflow-artifacts":
        return not uri.netloc or uri.hostname == server.hostname
    return uri.scheme in OBJECT_STORES


def _begins(uri: str, beginning: str) -> bool:
    folder, root = local_folder(uri), local_folder(beginning)
    if folder is not None:
        real = Path(os.path.realpath(folder))
        return root is not None and real.is_relative_to(os.path.realpath(root))
    if beginning.rstrip("/").endswith(":"):  # a scheme
        return uri.startswith(beginning.rstrip("/"))
    return uri == beginning.rstrip("/") or uri.startswith(beginning.rstrip("/") + "/")
