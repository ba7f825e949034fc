"""`ArtifactBrowser`: the sidebar's component in a cell's output, over the kernel's comm.

Each operation of each store has a thread: what hangs holds up nothing else, and the comm never.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import anywidget
import traitlets

from mlart_jupyter.answers import QUESTIONS, Answers
from mlart_jupyter.errors import GivenUp, MlartError
from mlart_jupyter.lanes import Lanes, Work
from mlart_jupyter.links import page_of
from mlart_jupyter.models import ArtifactInfo, Entry, RunRef
from mlart_jupyter.panel import visitors
from mlart_jupyter.panel.past import bring_back, changes_since
from mlart_jupyter.services import Services, current
from mlart_jupyter.shapes import alias_of
from mlart_jupyter.zips import CHUNK

STATIC = Path(__file__).parents[1] / "static"
PROTOCOL = 1
PLACE: tuple[str, ...] = ("store", "run", "path")
Answer = tuple[dict[str, Any], list[bytes]]
"""What JSON holds, and the bytes beside it."""
PAST = {"checkout": bring_back, "changes": changes_since}
"""What is done with a run's notebook."""


class ArtifactBrowser(anywidget.AnyWidget):
    """Browse a run's artifacts where the cell's output is.

    Parameters
    ----------
    run
        Id, name or ``runs:/`` URI. Default: the active run, else the last one.

    Raises
    ------
    NoRun, UnknownRun, StoreUnavailable
    """

    _esm = STATIC / "panel.js"
    _css = STATIC / "panel.css"

    _services: Services | None = None

    store = traitlets.Unicode().tag(sync=True)
    run = traitlets.Unicode().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    own = traitlets.Unicode(help="The id of its own model, by which the page finds out whether a kernel is there.").tag(
        sync=True
    )
    visited = traitlets.Bool(help="Whether those who look at it may only read this run.").tag(sync=True)
    language = traitlets.Unicode(help="Such as pt-BR; by default the browser's.").tag(sync=True)

    def __init__(self, run: str | RunRef | None = None) -> None:
        services = current()
        ref = run if isinstance(run, RunRef) else services.find(run)
        page = page_of(ref, services.config.mlflow_page) or ""
        language = services.config.language
        store, visited = alias_of(ref.tracking_uri), visitors.are_here()
        super().__init__(store=store, run=ref.run_id, page=page, language=language, visited=visited)
        _answer_in_own_subshell(self.comm)
        self.own = self.model_id or ""
        self._given, self._visited = {"store": store, "run": ref.run_id}, visited  # the page can change its traits
        self._answers = Answers(services, ref)
        self._lanes = Lanes(1)
        self._works: dict[int, Work[Answer]] = {}
        self._open: dict[str, tuple[tuple[str, ...], ExitStack, ArtifactInfo, BinaryIO]] = {}
        self._zips: dict[tuple[str, ...], tuple[Iterator[bytes], bytes, int]] = {}
        self._services = services
        self.on_msg(self._on_request)
        services.on_kept.append(self._tell_changed)

    def __repr__(self) -> str:
        """Tell what is seen where no widgets are, as in a terminal or a page that shows only the text."""
        return f"The artifacts of runs:/{self.run}: browsed in a page with a kernel, listed by %mlart ls"

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Tell all, also for a page that is saved without what is a default: the script that draws the panel is one."""
        state: dict[str, Any] = super().get_state(key)
        return state

    def close(self) -> None:
        """Close the widget and stop telling it of changes."""
        if self._services:  # else it was never made
            if self._tell_changed in self._services.on_kept:
                self._services.on_kept.remove(self._tell_changed)
            self._lanes.close()
            for store in list(self._open):
                self._close_file(store)
        super().close()

    def _tell_changed(self, entries: list[Entry]) -> None:
        self.send({"mlart": PROTOCOL, "push": "changed"})

    def _on_request(self, widget: Any, message: Any, buffers: Any) -> None:
        if not isinstance(message, dict) or message.get("mlart") != PROTOCOL:
            return
        asked = {name: value for name, value in message.items() if value is not None}
        rid, operation = asked.pop("rid", None), asked.pop("op", "")
        if operation == "cancel":
            if work := self._works.get(rid):
                work.give_up()
            return
        work = self._lanes.submit(f"{asked.get('store', '')} {operation}", partial(self._answer, operation, asked))
        self._works[rid] = work
        work.future.add_done_callback(partial(self._reply, rid))

    def _reply(self, rid: int, answer: Future[Answer]) -> None:
        """Send what came of a request, unless nobody waits for it; in the thread that has answered it."""
        self._works.pop(rid, None)
        reply: dict[str, Any] = {"mlart": PROTOCOL, "rid": rid}
        data: list[bytes] = []
        try:
            reply["result"], data = answer.result()
        except (GivenUp, CancelledError):
            return
        except MlartError as error:
            reply["error"] = {"error": f"{error.problem}.", "next": f"{error.next_step}."}
        except Exception as error:  # a request must be answered, whatever goes wrong
            reply["error"] = {"error": f"The kernel could not answer ({error}).", "next": "Try again."}
        self.send(reply, data)

    def _answer(self, operation: str, asked: dict[str, Any]) -> Answer:
        asked.pop("mlart")
        if self._visited:
            visitors.check(operation, asked, self._given)
        if operation in QUESTIONS:
            found = getattr(self._answers, operation)(**asked)
            return found | ({"may_delete": False} if operation == "status" and self._visited else {}), []
        offset = int(asked.pop("offset", 0))
        place: dict[str, str] = {name: str(asked[name]) for name in PLACE if name in asked}
        if operation == "delete":
            return self._answers.delete(**place), []
        if operation == "content":
            return self._content(place, offset)
        if operation == "zip":
            return self._zip(place | {"only": str(asked.get("only", ""))}, offset)
        if operation in PAST:
            artifacts = self._answers.opened(place["store"], place["run"])
            return PAST[operation](artifacts, place["path"], self._notebook), []
        raise MlartError(f"The kernel does not know the request {operation}", "Reload the page")

    @property
    def _notebook(self) -> str | None:
        return self._services.notebook if self._services else None

    def _content(self, place: dict[str, str], offset: int) -> Answer:
        """The next chunk of a file, which stays open from its first chunk to its last: opening may fetch it whole."""
        row, file = self._opened(place, anew=offset == 0)
        file.seek(offset)
        chunk = file.read(CHUNK)
        end = len(chunk) < CHUNK or offset + len(chunk) == row.size
        if end:
            self._close_file(place.get("store", ""))
        return {"size": row.size, "offset": offset, "end": end}, [chunk]

    def _opened(self, place: dict[str, str], *, anew: bool) -> tuple[ArtifactInfo, BinaryIO]:
        key = tuple(place.get(name, "") for name in PLACE)
        store = key[0]
        if anew or store not in self._open or self._open[store][0] != key:
            self._close_file(store)  # one at a time: a download that was given up leaves no copy behind
            stack = ExitStack()
            self._open[store] = (key, stack, *stack.enter_context(self._answers.content(**place)))
        return self._open[store][2], self._open[store][3]

    def _close_file(self, store: str) -> None:
        if store in self._open:
            self._open.pop(store)[1].close()

    def _zip(self, place: dict[str, str], offset: int) -> Answer:
        """The next chunk of a zip that is being made; offset 0 begins anew."""
        key = (place["run"], place.get("path", ""), place["only"])
        if offset == 0 or key not in self._zips:
            self._zips[key] = (self._answers.zip(**place)[1], b"", 0)
        chunks, rest, at = self._zips[key]
        if at != offset:
            raise MlartError("The zip was asked for out of order", "Start the download again")
        while len(rest) <= CHUNK and (more := next(chunks, None)) is not None:
            rest += more
        chunk, rest = rest[:CHUNK], rest[CHUNK:]
        if rest:
            self._zips[key] = (chunks, rest, offset + len(chunk))
        else:
            del self._zips[key]
        return {"size": None, "offset": offset, "end": not rest}, [chunk]


def _answer_in_own_subshell(comm: Any) -> None:
    """Let requests be answered while a cell runs.

    ipykernel 7.4 hands a message to the shell that last published on its comm: while a cell runs that
    is the busy main shell.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default  # noqa: SLF001
