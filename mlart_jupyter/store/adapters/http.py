"""What both kinds of web address share: requests with MLflow's credentials, and parts of files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mlart_jupyter.store.adapters.base import Listed, missing, range_header

BLOCK = 64 * 1024
NO_RETRIES: dict[str, Any] = {"max_retries": 0}
"""MLflow's own retries hold a call for minutes; what reads is asked again by its user."""

AS_IT_IS = {"Accept-Encoding": "identity"}

Fetch = Callable[[dict[str, str]], Any]
"""Makes a request with these headers and gives its streamed response."""


class Http(Listed):
    """Files that are read with ``GET``; whether the server gives parts of them is learned from its answers."""

    _gives_parts: bool | None = None

    @property
    def ranged(self) -> bool:
        """See `Adapter.ranged`: taken for granted until the server has shown otherwise."""
        return self._gives_parts is not False

    def learn(self, path: str) -> None:
        """Ask for one byte of a file that has some, to see whether parts are given; once."""
        if self._gives_parts is None:
            self.read(path, 1, 1)

    def read(self, path: str, start: int, length: int | None) -> bytes:
        """See `Adapter.read`."""
        return b"" if length == 0 else self._take(path, start, length, self._fetcher(path))

    def fetch(self, path: str, file: Path) -> None:
        """See `Adapter.fetch`; MLflow's own client would cut a name at a question mark."""
        with self._fetcher(path)(AS_IT_IS) as response, file.open("wb") as target:
            response.raise_for_status()
            for block in _raw(response):
                target.write(block)

    def _fetcher(self, path: str) -> Fetch:
        return lambda headers: self.request("GET", f"/{quote(path)}", extra_headers=headers, stream=True)

    def request(self, method: str, endpoint: str, **more: Any) -> Any:
        """Make a request below the artifact URI, with MLflow's credentials."""
        from mlflow.utils.rest_utils import http_request

        creds = self._repository._host_creds  # noqa: SLF001  what each of its requests uses
        return http_request(creds, endpoint, method, **NO_RETRIES, raise_on_status=False, **more)

    def _take(self, path: str, start: int, length: int | None, fetch: Fetch) -> bytes:
        part = {} if (start, length) == (0, None) else {"Range": range_header(start, length)}
        with fetch({**part, **AS_IT_IS}) as response:
            if response.status_code == 416:  # at or past the end
                return b""
            if response.status_code == 404:
                raise missing(path)
            response.raise_for_status()
            if part:
                self._gives_parts = response.status_code == 206
            skipped = start if response.status_code != 206 else 0
            return _part(response, skipped, length)


def _raw(response: Any) -> Iterator[bytes]:
    """A body as it is stored: MLflow tells S3 that a ``.tar.gz`` is an encoding, which a client would undo."""
    blocks: Iterator[bytes] = response.raw.stream(BLOCK, decode_content=False)
    return blocks


def _part(response: Any, skip: int, length: int | None) -> bytes:
    """Read a body up to the end of the part that is wanted, then break it off."""
    parts, left, wanted = [], skip + (length or 0), length is None
    for block in _raw(response):
        parts.append(block)
        left -= len(block)
        if left <= 0 and not wanted:
            break
    data = b"".join(parts)[skip:]
    return data if length is None else data[:length]


def total_of(response: Any) -> int | None:
    """The size of the file that a response gives a part of, or all."""
    told = re.fullmatch(r"bytes .*/(\d+)", response.headers.get("Content-Range", ""))
    whole = response.headers.get("Content-Length")
    if told:
        return int(told[1])
    return int(whole) if whole is not None and response.status_code == 200 else None
