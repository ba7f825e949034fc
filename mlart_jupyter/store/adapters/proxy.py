"""Artifacts behind an MLflow server, and the signed addresses by which it lends the storage behind it."""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlparse, urlunparse

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.base import missing
from mlart_jupyter.store.adapters.http import Fetch, Http, total_of

SIGNED_SECONDS = 60.0
"""How long a signed address is used; servers sign for a quarter of an hour."""


class Proxy(Http):
    """``mlflow-artifacts:/…``, also written as the server's own address."""

    scheme = "mlflow-artifacts"

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._signs = hasattr(repository, "_get_presigned_download_url")
        self._signed: dict[str, tuple[float, Any]] = {}

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`; a size that is not told is that of an empty file: MLflow leaves out zeros."""
        rows = super().whole(folder)
        return [row if row.is_dir else ArtifactInfo(row.path, is_dir=False, size=row.size or 0) for row in rows]

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`; an empty file's size is asked for, for other storages leave sizes out too."""
        row = super().info(path)
        if row is None or row.is_dir or row.size:
            return row
        with self._fetcher(path)({"Range": "bytes=0-0"}) as response:
            return ArtifactInfo(path, is_dir=False, size=0 if response.status_code == 416 else total_of(response))

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`: straight from the storage where the server signs addresses."""
        signed = self._sign(path) if length != 0 else None
        if signed is not None:
            try:
                return self._take(path, start, length, _direct(signed))
            except OSError:  # the storage is out of this machine's reach: through the server, then
                self._signs, self._gives_parts = False, None
        return super().read(path, start, length)

    def _sign(self, path: str) -> Any | None:
        if not self._signs:
            return None
        made, signed = self._signed.get(path, (0.0, None))
        if signed is None or time.monotonic() - made > SIGNED_SECONDS:
            signed = self._ask_to_sign(path)
            if len(self._signed) > 1000:
                self._signed.clear()
            self._signed[path] = time.monotonic(), signed
        return signed

    def _ask_to_sign(self, path: str) -> Any | None:
        """A signed address; None, for good, where the server has none (501, or 404 before MLflow 3)."""
        try:
            return self._repository._get_presigned_download_url(quote(path))  # noqa: SLF001
        except Exception as error:
            response: Any = getattr(error, "response", None)
            if response is not None and "RESOURCE_DOES_NOT_EXIST" in response.text:
                raise missing(path) from error
            self._signs = False
            return None

    def put(self, path: str, file: Path) -> None:
        """See `Adapter.put`; MLflow's own client would cut a name at a question mark."""
        check_name(path)
        if not set("?%;") & set(path):
            super().put(path, file)
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        with file.open("rb") as data:
            self.request("PUT", f"/{quote(path)}", data=data, extra_headers={"Content-Type": kind}).raise_for_status()

    def put_tree(self, path: str, folder: Path) -> None:
        """See `Adapter.put_tree`: file by file, for their names."""
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            self.put(join(path, file.relative_to(folder).as_posix()), file)

    def delete(self, path: str) -> None:
        """See `Adapter.delete`."""
        check_name(path)
        super().delete(quote(path))


def check_name(path: str) -> None:
    """Refuse a name that an MLflow server decodes into another one (``validate_path_is_safe`` in its source)."""
    if "#" in path or urlunparse(urlparse(unquote(path))) != path:
        raise StoreRefused(
            f"An MLflow server cannot keep the name {path!r}: it reads # and % in names as parts of an address",
            "Log it under a name without them",
        )


def _direct(signed: Any) -> Fetch:
    from mlflow.utils.request_utils import cloud_storage_http_request

    return lambda headers: cloud_storage_http_request(
        "get",
        signed.url,
        stream=True,
        headers={**dict(signed.headers or {}), **headers},
        max_retries=0,
        raise_on_status=False,
    )
