"""Google Cloud Storage, through the client that MLflow's repository holds."""

from __future__ import annotations

from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store.adapters.base import Adapter, end_of, missing, prefix_of, under
from mlart_jupyter.store.base import Page, in_order


class Gcs(Adapter):
    """``gs://bucket/name``."""

    scheme = "gs"

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._bucket_name, root = repository.parse_gcs_uri(repository.artifact_uri)
        self._root = root.strip("/")

    @property
    def _bucket(self) -> Any:
        return self._repository._get_bucket(self._bucket_name)  # noqa: SLF001

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """See `Adapter.page`: one request; the cursor is the storage's own, with the last folder that was given.

        Folders come in the order of their names; some servers give those of earlier pages again.
        """
        prefix = prefix_of(self._root, folder)
        token, _, given = (cursor or "").partition("\n")
        found = self._bucket.list_blobs(
            prefix=prefix or None, delimiter="/", page_size=limit, max_results=limit, page_token=token or None
        )
        page: Any = next(found.pages, ())
        folders = [name for name in getattr(page, "prefixes", ()) if name > given]
        rows = [self._file(blob) for blob in page if not blob.name.endswith("/")]
        rows += [ArtifactInfo(self._relative(name[:-1]), is_dir=True) for name in folders]
        after = f"{found.next_page_token}\n{max([given, *folders])}" if found.next_page_token else None
        return Page(tuple(in_order(rows)), after)

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: one request for a file, two for a folder."""
        blob = self._bucket.get_blob(under(self._root, path))
        if blob is not None:
            return self._file(blob)
        below = self._bucket.list_blobs(prefix=prefix_of(self._root, path), max_results=1)
        return ArtifactInfo(path, is_dir=True) if any(True for _ in below) else None

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        if length == 0:
            return b""
        blob = self._bucket.blob(under(self._root, path))
        whole = (start, length) == (0, None)
        part: dict[str, Any] = {} if whole else {"start": start, "end": end_of(start, length), "checksum": None}
        try:
            return bytes(blob.download_as_bytes(**part))
        except Exception as error:
            if getattr(error, "code", None) == 416:  # at or past the end
                return b""
            if getattr(error, "code", None) == 404:
                raise missing(path) from error
            raise

    def _file(self, blob: Any) -> ArtifactInfo:
        time = blob.updated.timestamp() if blob.updated else None
        return ArtifactInfo(self._relative(blob.name), is_dir=False, size=blob.size, time=time)

    def _relative(self, name: str) -> str:
        return name[len(prefix_of(self._root, "")) :]
