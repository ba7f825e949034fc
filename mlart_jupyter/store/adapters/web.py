"""A plain web server, read-only: a folder is what its index page links to."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.models import ArtifactInfo
from mlart_jupyter.paths import join
from mlart_jupyter.store.adapters.http import Http, total_of

LARGEST_INDEX = 32 * 2**20
"""Bytes of an index page that are read."""


class Web(Http):
    """``https://host/path``; index pages tell no sizes that programs can rely on."""

    scheme = "http"

    def whole(self, folder: str) -> list[ArtifactInfo]:
        """See `Listed.whole`: the links of the folder's index page that lead directly below it."""
        with self.request("GET", _folder_endpoint(folder), stream=True) as response:
            if response.status_code in (403, 404):
                return []
            response.raise_for_status()
            if "html" not in response.headers.get("Content-Type", ""):
                return []
            page = response.raw.read(LARGEST_INDEX, decode_content=True).decode("utf-8", errors="replace")
            names = _links(page, response.url)
        return [ArtifactInfo(join(folder, name.rstrip("/")), name.endswith("/")) for name in names]

    def info(self, path: str) -> ArtifactInfo | None:
        """See `Adapter.info`: one request for a file, up to two for a folder."""
        with self.request("HEAD", f"/{quote(path)}", allow_redirects=True) as response:
            if response.status_code == 200 and not urlsplit(response.url).path.endswith("/"):
                return _file(path, response)
        with self.request("HEAD", _folder_endpoint(path), allow_redirects=True) as response:
            is_folder = response.status_code == 200 and urlsplit(response.url).path.endswith("/")
            return ArtifactInfo(path, is_dir=True) if is_folder else None

    def put(self, path: str, file: Path) -> None:
        """Nothing is written to a plain web server."""
        raise _read_only()

    def put_tree(self, path: str, folder: Path) -> None:
        """Nothing is written to a plain web server."""
        raise _read_only()

    def delete(self, path: str) -> None:
        """Nothing is deleted on a plain web server."""
        raise _read_only()


def _read_only() -> StoreRefused:
    return StoreRefused("A plain web address is for reading only", "Log to an experiment with a storage of its own")


def _folder_endpoint(folder: str) -> str:
    return f"/{quote(folder)}/" if folder else "/"


def _file(path: str, response: Any) -> ArtifactInfo:
    changed = response.headers.get("Last-Modified")
    time = parsedate_to_datetime(changed).timestamp() if changed else None
    return ArtifactInfo(path, is_dir=False, size=total_of(response), time=time)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        href = dict(attrs).get("href") if tag == "a" else None
        if href:
            self.found.append(href)


def _links(page: str, address: str) -> list[str]:
    """Names directly below a page's address; a folder's ends in ``/``."""
    parser = _Links()
    parser.feed(page)
    here = urlsplit(address)
    below = (urlsplit(urljoin(address, href)) for href in parser.found)
    paths = (at.path for at in below if at[:2] == here[:2] and not at.query and at.path.startswith(here.path))
    names = (unquote(path[len(here.path) :]) for path in paths)
    return sorted({name for name in names if name.strip("/") and "/" not in name[:-1]})
