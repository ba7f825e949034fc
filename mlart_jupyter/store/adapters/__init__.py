"""One adapter for each kind of storage: the page, the facts and the ranged read that MLflow's repositories lack.

A repository is recognised by the names of its classes, so that a plug-in which extends one of MLflow's
is read in the same way; any other is read through whole copies.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mlart_jupyter.store.adapters.base import Adapter

ADAPTERS = {
    "S3ArtifactRepository": "s3:S3",
    "GCSArtifactRepository": "gcs:Gcs",
    "AzureBlobArtifactRepository": "azure:Azure",
    "HdfsArtifactRepository": "hdfs:Hdfs",
    "SFTPArtifactRepository": "sftp:Sftp",
    "FTPArtifactRepository": "ftp:Ftp",
    "LocalArtifactRepository": "local:Local",
}
"""Name of MLflow's repository class → module and class of its adapter."""

PROXY = "/mlflow-artifacts/artifacts"
"""What the address of artifacts behind an MLflow server holds; other addresses are plain web servers."""


def adapter_for(repository: Any) -> Adapter:
    """The adapter that fits an MLflow artifact repository."""
    names = [cls.__name__ for cls in type(repository).__mro__ if cls.__module__.startswith("mlflow.")]
    if "HttpArtifactRepository" in names:
        return _load("proxy:Proxy" if PROXY in repository.artifact_uri else "web:Web", repository)
    found = next((ADAPTERS[name] for name in names if name in ADAPTERS), "copies:Copies")
    return _load(found, repository)


def _load(place: str, repository: Any) -> Adapter:
    module, _, name = place.partition(":")
    return cast("Adapter", getattr(import_module(f"{__name__}.{module}"), name)(repository))
