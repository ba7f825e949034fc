"""Azure Blob Storage, through the client that MLflow's repository holds."""

from __future__ import annotations

from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store.adapters.base import Adapter, missing, prefix_of, under
from mlart_jupyter.store.base import Page, in_order


class Azure(Adapter):
    """``wasbs://container@account.blob.core.windows.net/name``."""

    scheme = "wasbs"

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._container_name, _, root, *_ = repository.parse_wasbs_uri(repository.artifact_uri)
        self._root = root.strip("/")

    @property
    def _container(self) -> Any:
        return self._repository.client.get_container_client(self._container_name)

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """See `Adapter.page`: one request; the cursor is the storage's own."""
        prefix = prefix_of(self._root, folder)
        found = self._container.walk_blobs(name_starts_with=prefix, delimiter="/", results_per_page=limit)
        pages = found.by_page(continuation_token=cursor)
        rows = [self._row(item) for item in next(pages, ()) if item.name != prefix]
        return Page(tuple(in_order(rows)), pages.continuation_token or None)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: one request for a file, two for a folder."""
        try:
            return self._row(self._container.get_blob_client(under(self._root, path)).get_blob_properties())
        except Exception as error:
            if not _is_missing(error):
                raise
        below = self._container.list_blobs(name_starts_with=prefix_of(self._root, path), results_per_page=1)
        return ArtifactInfo(path, is_dir=True) if any(True for _ in below) else None

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        if length == 0:
            return b""
        try:
            part = {"offset": start, "length": length} if length is not None or start else {}
            return bytes(self._container.download_blob(under(self._root, path), **part).readall())
        except Exception as error:
            if getattr(error, "status_code", None) == 416:  # at or past the end
                return b""
            if _is_missing(error):
                raise missing(path) from error
            raise

    def _row(self, item: Any) -> ArtifactInfo:
        name = item.name[len(prefix_of(self._root, "")) :]
        if not hasattr(item, "size") or item.name.endswith("/"):
            return ArtifactInfo(name.removesuffix("/"), is_dir=True)
        time = item.last_modified.timestamp() if item.last_modified else None
        return ArtifactInfo(name, is_dir=False, size=item.size, time=time)


def _is_missing(error: Exception) -> bool:
    return getattr(error, "status_code", None) == 404
