"""S3 and what speaks like it, through the boto3 client that MLflow's repository holds."""

from __future__ import annotations

from typing import Any

from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.store.adapters.base import Adapter, missing, prefix_of, range_header, under
from mlart_jupyter.store.base import Page, in_order

MISSING = {"404", "NoSuchKey", "NotFound"}
LARGEST_PAGE = 1000
"""S3 gives no more rows at once."""


class S3(Adapter):
    """``s3://bucket/key``."""

    scheme = "s3"

    def __init__(self, repository: Any) -> None:
        super().__init__(repository)
        self._bucket, root = repository.parse_s3_compliant_uri(repository.artifact_uri)
        self._root = root.strip("/")
        self._owner = getattr(repository, "_bucket_owner_params", {})

    @property
    def _client(self) -> Any:
        return self._repository._get_s3_client()  # noqa: SLF001  MLflow renews it by itself

    def page(self, folder: str, cursor: str | None, limit: int) -> Page:
        """See `Adapter.page`: one request; the cursor is S3's own."""
        prefix = prefix_of(self._root, folder)
        more = {"ContinuationToken": cursor} if cursor else {}
        found = self._client.list_objects_v2(
            Bucket=self._bucket,
            Prefix=prefix,
            Delimiter="/",
            MaxKeys=min(limit, LARGEST_PAGE),
            **more,
            **self._owner,
        )
        rows = [self._folder(row["Prefix"]) for row in found.get("CommonPrefixes", ())]
        rows += [self._file(row["Key"], row) for row in found.get("Contents", ()) if not row["Key"].endswith("/")]
        return Page(tuple(in_order(rows)), found.get("NextContinuationToken"))

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: one request for a file, two for a folder."""
        key = under(self._root, path)
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key, **self._owner)
        except Exception as error:
            if not _is_missing(error):
                raise
            return self._folder_info(path)
        size, time = found["ContentLength"], found["LastModified"].timestamp()
        return ArtifactInfo(path, is_dir=False, size=size, time=time)

    def _folder_info(self, path: str) -> ArtifactInfo | None:
        prefix = prefix_of(self._root, path)
        found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=1, **self._owner)
        return ArtifactInfo(path, is_dir=True) if found.get("KeyCount") else None

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        part = {} if (start, length) == (0, None) else {"Range": range_header(start, length)}
        key = under(self._root, path)
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key, **part, **self._owner)
        except Exception as error:
            if _code(error) in ("InvalidRange", "416"):  # at or past the end
                return b""
            if _is_missing(error):
                raise missing(path) from error
            raise
        with found["Body"] as body:
            return bytes(body.read())

    def _folder(self, prefix: str) -> ArtifactInfo:
        return ArtifactInfo(self._relative(prefix.removesuffix("/")), is_dir=True)

    def _file(self, key: str, row: Any) -> ArtifactInfo:
        return ArtifactInfo(self._relative(key), is_dir=False, size=row["Size"], time=row["LastModified"].timestamp())

    def _relative(self, key: str) -> str:
        return key[len(prefix_of(self._root, "")) :]


def _code(error: Exception) -> str:
    response: Any = getattr(error, "response", None)
    return str(response["Error"].get("Code", "")) if isinstance(response, dict) and "Error" in response else ""


def _is_missing(error: Exception) -> bool:
    return _code(error) in MISSING
