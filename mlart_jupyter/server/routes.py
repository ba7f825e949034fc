"""The routes: each authenticated and authorised, each answered in a thread off the event loop.

A store has a few threads of its own: one that hangs holds up no other, nor the routes that need none.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import mimetypes
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlsplit

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from mlart_jupyter.answers import QUESTIONS, Answers
from mlart_jupyter.errors import (
    BadPath,
    GivenUp,
    MlartError,
    NoRun,
    SpoolUnavailable,
    StoreRefused,
    StoreUnavailable,
    UnknownArtifact,
    UnknownFile,
    UnknownRun,
)
from mlart_jupyter.lanes import Lanes, Work
from mlart_jupyter.zips import CHUNK

Result = TypeVar("Result")

STATUS: dict[type[MlartError], int] = {
    BadPath: 400,
    UnknownArtifact: 404,
    UnknownRun: 404,
    UnknownFile: 404,
    NoRun: 409,
    SpoolUnavailable: 507,
    StoreRefused: 403,
    GivenUp: 499,  # nginx's number for it: only the log ever shows it
    StoreUnavailable: 503,
}
"""HTTP status by kind of error; any other is 500."""

CSP = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox"
"""An artifact that is opened as a page has no origin, no scripts and no network."""


class MlartHandler(APIHandler):
    """What all routes share."""

    auth_resource = "mlart"

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler has it
        """Refuse what a page of another origin asks, even with the token: no such page has business here."""
        if self._is_foreign():
            raise web.HTTPError(403, "requests from another origin are refused")
        await super().prepare()

    def _is_foreign(self) -> bool:
        origin = self.request.headers.get("Origin")
        if origin is None:
            return self.request.headers.get("Sec-Fetch-Site") == "cross-site"
        allowed = self.allow_origin in ("*", origin) or re.match(self.allow_origin_pat or r"(?!)", origin)
        return not allowed and urlsplit(origin).netloc.lower() != str(self.request.headers.get("Host")).lower()

    def initialize(self, answers: Answers, lanes: Lanes) -> None:
        """Take what the extension hands to each request."""
        self.answers = answers
        self.lanes = lanes
        self.work: Work[Any] | None = None

    async def in_lane(self, call: Callable[[], Result]) -> Result:
        """Run blocking work off the event loop, in the threads of the store or, without one, of the route."""
        lane = self.get_query_argument("store", "") or self.request.path
        self.work = self.lanes.submit(lane, call)
        try:
            return await asyncio.wrap_future(self.work.future)
        except asyncio.CancelledError:
            if self.work.is_given_up:
                raise GivenUp from None
            raise

    def on_connection_close(self) -> None:
        """The page has moved on."""
        super().on_connection_close()
        if self.work is not None:
            self.work.give_up()

    def wanted(self, operation: Callable[..., Any]) -> dict[str, str]:
        """The request's parameters that an operation takes.

        Raises
        ------
        BadPath
            One that it needs is missing.
        """
        known = inspect.signature(operation).parameters
        given = {name: self.get_query_argument(name) for name in self.request.query_arguments if name in known}
        missing = [name for name, p in known.items() if p.default is p.empty and name not in given]
        if missing:
            raise BadPath(f"The request lacks {', '.join(missing)}", "Reload the page")
        return given

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a sentence and a next step."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, MlartError):
            status_code = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
            words = {"error": f"{error.problem}.", "next": f"{error.next_step}."}
        else:
            reason = getattr(error, "reason", None) or getattr(error, "log_message", None) or self._reason
            words = {"error": f"{reason}.", "next": "Reload the page; the server's log has the details."}
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(words))

    def log_exception(self, *args: Any) -> None:
        """An error of ours is an answer, not a fault of the server; nor is a reader who has left."""
        if not isinstance(args[1], (MlartError, StreamClosedError)):
            super().log_exception(*args)


class Operation(MlartHandler):
    """``GET /mlart/<operation>``: an answer as JSON."""

    @web.authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Answer."""
        operation = getattr(self.answers, name)
        answer = await self.in_lane(partial(operation, **self.wanted(operation)))
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer))


class Deletion(MlartHandler):
    """``DELETE /mlart/artifact``: one file or folder is no more; the page's XSRF token is asked for."""

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        """Delete."""
        place = self.wanted(self.answers.delete)
        self.finish(json.dumps(await self.in_lane(partial(self.answers.delete, **place))))


class Stream(MlartHandler):
    """A download; it can be opened as a page, and then nothing in it runs."""

    @property
    def content_security_policy(self) -> str:
        """Forbid everything but the look."""
        return CSP

    def announce(self, name: str, media_type: str, *, attachment: bool) -> None:
        """Set the headers of a download."""
        self.set_header("Content-Type", media_type)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        kind = "attachment" if attachment else "inline"
        self.set_header("Content-Disposition", f"{kind}; filename*=UTF-8''{quote(name)}")

    async def send(self, chunks: Iterator[bytes]) -> None:
        """Write chunk after chunk, each made in a thread."""
        while chunk := await self.in_lane(partial(next, chunks, b"")):
            self.write(chunk)
            await self.flush()
        self.finish()

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """End the answer; unlike the base class, without naming it JSON."""
        return super(APIHandler, self).finish(*args, **kwargs)


class Content(Stream):
    """``GET /mlart/content``: one file."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send the file."""
        place = self.wanted(self.answers.content)
        with ExitStack() as stack:
            row, file = await self.in_lane(lambda: stack.enter_context(self.answers.content(**place)))
            media_type = mimetypes.guess_type(row.name)[0] or "application/octet-stream"
            self.announce(row.name, media_type, attachment=bool(self.get_query_argument("download", "")))
            if row.size is None:  # a store that does not tell sizes cannot serve parts
                await self.send(iter(partial(file.read, CHUNK), b""))
                return
            first, last = self.part(row.size)
            self.set_header("Content-Length", str(last - first + 1))
            await self.in_lane(partial(file.seek, first))
            await self.send(_chunks(file, last - first + 1))

    def part(self, size: int) -> tuple[int, int]:
        """The first and last byte to be sent: players ask for a part when the user jumps (RFC 9110, section 14).

        Raises
        ------
        HTTPError
            416, for a part that begins after the end.
        """
        self.set_header("Accept-Ranges", "bytes")
        match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", self.request.headers.get("Range", ""))
        if match is None or match.groups() == ("", ""):  # several parts, other units: the whole is a right answer
            return 0, size - 1
        begin, end = match.groups()
        first = int(begin) if begin else max(0, size - int(end))
        last = min(int(end), size - 1) if begin and end else size - 1
        if first > last:
            raise web.HTTPError(416, "there is no such part of the file")
        self.set_status(206)
        self.set_header("Content-Range", f"bytes {first}-{last}/{size}")
        return first, last


class Zip(Stream):
    """``GET /mlart/zip``: one folder."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Send the zip as it comes into being."""
        place = self.wanted(self.answers.zip)
        name, chunks = await self.in_lane(partial(self.answers.zip, **place))
        self.announce(name, "application/zip", attachment=True)
        await self.send(filter(None, chunks))


def _chunks(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := file.read(min(CHUNK, length))):
        length -= len(chunk)
        yield chunk


def routes(answers: Answers, lanes: Lanes) -> list[tuple[str, type[MlartHandler], dict[str, Any]]]:
    """All routes, to be put under the server's base URL."""
    shared = {"answers": answers, "lanes": lanes}
    return [
        (rf"/mlart/({'|'.join(QUESTIONS)})", Operation, shared),
        (r"/mlart/artifact", Deletion, shared),
        (r"/mlart/content", Content, shared),
        (r"/mlart/zip", Zip, shared),
    ]
