"""Wiring: one process's spool, recorder and uploader, opened together and closed in order.

What a kernel does not need before it has shown something is imported by the part that opens it: `%load_ext`
is to be quick.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from mlart_jupyter.config import Mlart
from mlart_jupyter.environment import own_version
from mlart_jupyter.errors import NoRun, UnknownRun, left_words
from mlart_jupyter.models import Cell, Census, Entry, Receipt, RunRef
from mlart_jupyter.paths import inside
from mlart_jupyter.progress import Bar
from mlart_jupyter.recorder import FAILED, Recorder
from mlart_jupyter.renderers import Limits
from mlart_jupyter.spool import Owner, Presence, Session, Spool, read_sessions
from mlart_jupyter.store import addresses, tracking

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts
    from mlart_jupyter.locations import Chosen
    from mlart_jupyter.opening import Opener
    from mlart_jupyter.outgoing import Outgoing
    from mlart_jupyter.redaction import Rules
    from mlart_jupyter.uploads import Uploader


class Services:
    """What one process needs to record, deliver and read.

    Making one costs nothing on disk; the spool comes into being with the first item.
    """

    def __init__(self, config: Mlart, *, kernel: str | None = None, notebook: str | None = None) -> None:
        self.config = config
        self.session = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        self.kernel = kernel
        self.notebook = notebook
        self.owner = Owner.of_this_process()
        self.cell = Cell()
        self.running_cell: Cell | None = None
        self.version = own_version()
        self.failures: deque[str] = deque(maxlen=50)
        self.on_kept: list[Callable[[list[Entry]], None]] = []
        self.on_late: list[Callable[[Receipt], None]] = []
        self.on_notebook: list[Callable[[RunRef, Entry], None]] = []
        self.on_close: list[Callable[[], None]] = []
        self.say: Callable[[str], None] = self.failures.append
        self.before_flush: list[Callable[[], None]] = []
        self._runs: dict[str, RunRef] = {}
        self._pins: dict[str, RunRef] = {}
        self._lock = threading.RLock()

    @cached_property
    def opener(self) -> Opener:
        """What opens the places that tracking stores name."""
        from mlart_jupyter.opening import Opener

        return Opener(lambda: self.config.allowed_locations)

    @cached_property
    def spool(self) -> Spool:
        """This process's view of the spool."""
        config = self.config
        budget = config.spool_budget_bytes or None
        sync = config.spool_sync == "cell"
        return Spool(config.spool, self.owner, sync=sync, budget=budget, on_full=self._make_room)

    def _make_room(self, length: int) -> None:
        """In a cell whose item no longer fits: wait until deliveries have made room for it, if that is wanted."""
        if self.config.when_full == "skip" or length > self.spool.budget:
            return
        self.say(
            f"the spool has reached its {self.spool.budget / 2**20:.0f} MiB (Mlart.spool_budget_bytes): "
            "cells wait until what is in it has been delivered"
        )
        self.uploader.flush(self.config.full_wait_seconds, until=lambda: self.spool.has_room(length))

    @cached_property
    def uploader(self) -> Uploader:
        """The thread that delivers; it starts with the first item."""
        from mlart_jupyter.uploads import Uploader

        atexit.register(self._close_at_exit)
        uploader = Uploader(self.spool, self.opener.for_delivery)
        uploader.courier.check = self.outgoing
        uploader.courier.on_kept = self._tell_kept
        uploader.on_trouble = self.presence.tell
        uploader.on_look = self.presence.catch_up
        uploader.running_cell = lambda: self.running_cell
        return uploader

    def cell_over(self) -> None:
        """The running cell has ended."""
        self.running_cell = None
        if "uploader" in self.__dict__:
            self.uploader.cell_over()

    def _tell_late(self, receipt: Receipt) -> None:
        """After a snapshot was written, in the writer's thread."""
        if receipt.reason.startswith(FAILED):
            self.failures.append(f"{receipt.what}: {receipt.reason}")
        for tell in list(self.on_late):
            tell(receipt)

    @cached_property
    def outgoing(self) -> Outgoing:
        """The last look at what is delivered; its process starts with the first text."""
        from mlart_jupyter.outgoing import Outgoing

        return Outgoing(self._rules, self.failures.append, self.on_notebook)

    def _rules(self) -> Rules:
        """The settings as they are now: ``%config`` may change them at any time."""
        from mlart_jupyter.redaction import Rules, known_secrets

        config = self.config
        return Rules(
            secrets=config.secrets,
            allow=tuple(config.secrets_allow),
            known=known_secrets() if config.secrets else (),
            outputs=config.notebook_outputs,
            output_bytes=config.notebook_output_bytes,
            html=config.notebook_html,
        )

    def _tell_kept(self, entries: list[Entry]) -> None:
        """After each delivery, in the uploader's thread."""
        self.presence.tell_soon()
        for tell in list(self.on_kept):
            tell(entries)

    @cached_property
    def recorder(self) -> Recorder:
        """Where shown objects go."""
        return Recorder(
            self.spool,
            self.session,
            limits=Limits(self.config.inline_frame_bytes, self.config.frame_budget_bytes),
            memory_budget=self.config.memory_budget_bytes,
            version=self.version,
            on_put=self.uploader.came,
            on_late=self._tell_late,
            on_deleted=self.uploader.courier.look_again,
        )

    # -- runs -----------------------------------------------------------------------------------

    def pin(self, run: RunRef) -> RunRef:
        """Note where an active run lives: the tracking URI and the folder may change before it is used."""
        return self._pins.setdefault(run.run_id, run)

    def remember(self, run: RunRef) -> RunRef:
        """Pin what was known of a run when it was first seen, and tell the shell and the server of it."""
        with self._lock:
            return self._remember(run)

    def _remember(self, run: RunRef) -> RunRef:
        run = self.pin(run) if run.artifact_uri else self._pins.get(run.run_id, run)
        known = self._runs.get(run.run_id)
        if known is not None and known is self.last_run and (known.artifact_uri or not run.artifact_uri):
            return known
        pinned = known if known is not None and known.artifact_uri else run
        self._runs.pop(run.run_id, None)
        self._runs[run.run_id] = pinned  # at the end: it is the one used last
        self.presence.tell()
        if self.kernel:
            self.uploader.wake()  # saved notebooks may come for it
        return pinned

    @cached_property
    def given(self) -> RunRef | None:
        """The run that `mlart run` has begun for this kernel's notebook."""
        words = os.environ.get("MLART_RUN")
        return RunRef(**json.loads(words)) if words else None

    def known(self, run_id: str) -> RunRef | None:
        """A run that this process has seen."""
        return self._runs.get(run_id)

    @property
    def last_run(self) -> RunRef | None:
        """The run seen last."""
        with self._lock:
            return next(reversed(self._runs.values()), None)

    @cached_property
    def presence(self) -> Presence:
        """What others read of this session."""
        return Presence(self.config.spool / "sessions", lambda: self.words, self.failures.append)

    @property
    def words(self) -> Session:
        """What this session says of itself."""
        return Session(
            session=self.session,
            kernel=self.kernel,
            notebook=self.notebook,
            owner=self.owner.token,
            python=sys.executable,
            versions={"mlart-jupyter": self.version},
            runs=tuple(self._runs.values()),
            kept=self.uploader.courier.kept if "uploader" in self.__dict__ else 0,
            last_error=self.uploader.last_error if "uploader" in self.__dict__ else None,
        )

    # -- reading --------------------------------------------------------------------------------

    def artifacts(self, run: str | RunRef | None = None) -> Artifacts:
        """Open a run's artifacts for reading.

        Parameters
        ----------
        run
            An id, a name, a ``runs:/…``, ``models:/…`` or ``mlflow-artifacts:/…`` URI, or None for the
            active run, else the last one.

        Raises
        ------
        NoRun, UnknownRun, UnknownArtifact, StoreUnavailable
        """
        from mlart_jupyter.browser import Artifacts

        address = addresses.parse(run) if isinstance(run, str) else None
        if address is not None and address.model:
            return self._model(address.model)
        ref = run if isinstance(run, RunRef) else self.find(address.run if address else run)
        store = self.opener.store(ref)
        return Artifacts(ref, store, at=address.path if address else "")

    def reading(self, thing: str, run: str | None = None) -> tuple[Artifacts, str]:
        """What a user names, by a path in a run or by a URI of its own: the artifacts, and the path in them."""
        if addresses.parse(thing) is None:
            return self.artifacts(run), thing
        artifacts = self.artifacts(thing)
        return artifacts, artifacts.at

    def _model(self, uri: str) -> Artifacts:
        """The files of a model, as if they were a run's."""
        from mlart_jupyter.browser import Artifacts
        from mlart_jupyter.store import registry

        tracking_uri = self._asked_uri() or tracking.tracking_uri()
        model, path = registry.find_model(uri, tracking_uri)
        ref = RunRef(model.run_id, tracking_uri, model.location, name=model.name)
        return Artifacts(ref, self.opener.place(model.location, tracking_uri), at=inside(path))

    def use_location(self, uri: str, experiment: str | None = None) -> Chosen:
        """Keep the artifacts of later runs at a location (see `locations.choose`), which counts as allowed from now on.

        Raises
        ------
        StoreUnavailable, StoreRefused
        """
        from mlart_jupyter.locations import choose

        self.config.data.mkdir(parents=True, exist_ok=True)
        chosen = choose(uri, lambda place: self.opener.place(place, ""), self.config.embedded_uri, experiment)
        self.config.allow(chosen.location)
        return chosen

    def find(self, run: str | None = None) -> RunRef:
        """Find a run, as `artifacts` takes it."""
        if run is None:
            ref = tracking.active() or self.last_run or self._newest_of_sessions()
            if ref is None:
                raise NoRun
            return ref
        address = addresses.parse(run)
        if address is not None:
            run = address.run
        return self._own(run) or self._of_sessions(run) or self._ask(run)

    def _own(self, run: str) -> RunRef | None:
        return next((ref for ref in reversed(self._runs.values()) if run in (ref.run_id, ref.name)), None)

    def _ask(self, run: str) -> RunRef:
        """Ask the configured store, else the embedded one."""
        uri = self._asked_uri()
        if uri and not (self.config.data / "mlflow.db").exists():
            raise UnknownRun(f"There is no run {run}: nothing was logged here yet", "Set MLFLOW_TRACKING_URI")
        return tracking.find(run, uri).ref

    def _asked_uri(self) -> str | None:
        """The embedded store where nothing is configured; None is what is configured."""
        return None if tracking.is_configured() else self.config.embedded_uri

    def _newest_of_sessions(self) -> RunRef | None:
        sessions = read_sessions(self.config.spool / "sessions")
        return next((s.runs[-1] for s in sessions if s.runs), None)

    def _of_sessions(self, run: str) -> RunRef | None:
        refs = (ref for s in read_sessions(self.config.spool / "sessions") for ref in reversed(s.runs))
        return next((ref for ref in refs if run in (ref.run_id, ref.name)), None)

    # -- the end --------------------------------------------------------------------------------

    @property
    def unfinished(self) -> int:
        """Things that are not in their run yet."""
        return self.pending + (len(self.spool.unfinished()) if "spool" in self.__dict__ else 0)

    @property
    def pending(self) -> int:
        """Snapshots that are not on disk yet."""
        return self.recorder.pending if "recorder" in self.__dict__ else 0

    def census(self) -> Census:
        """What is where."""
        return self.uploader.census() if "uploader" in self.__dict__ else Census()

    def flush(self, seconds: float, *, bar: bool = False) -> int:
        """Deliver what waits; return how many items are still not in their run.

        Parameters
        ----------
        bar
            Show how far it is, when it takes a while.
        """
        end = time.monotonic() + seconds
        for settle in list(self.before_flush):
            settle()
        if "recorder" in self.__dict__ and not self.recorder.settle(seconds):
            return self.unfinished
        if self.unfinished:
            left = max(0.0, end - time.monotonic())
            self._flush_with_bar(left) if bar else self.uploader.flush(left)
            self.presence.catch_up(after=0.0)
        return self.unfinished

    def _flush_with_bar(self, seconds: float) -> None:
        uploader = self.uploader
        total = uploader.left()
        with Bar(total, "delivering") as bar:
            uploader.flush(seconds, look=lambda: bar.to(total - uploader.left()))

    def close(self, seconds: float | None = None) -> int:
        """Flush under a deadline, stop the thread, and return how many items stay in the spool."""
        if os.getpid() != self.owner.pid:  # a forked child has neither the thread nor the items
            return 0
        atexit.unregister(self._close_at_exit)
        for finish in self.on_close:
            finish()
        self.on_close.clear()
        left = self.flush(self.config.flush_seconds if seconds is None else seconds)
        if "uploader" in self.__dict__:
            self.uploader.close()
        if "outgoing" in self.__dict__:
            self.outgoing.close()
        return left

    def _close_at_exit(self) -> None:
        left = self.close()
        if left:
            with contextlib.suppress(OSError, ValueError):  # a kernel's streams may be gone already
                print(f"mlart: {left_words(left)}", file=sys.stderr)

    def flush_at_end(self) -> None:
        """After a cell in which a run has ended, if that is wanted; not while its store is known to be down."""
        if self.config.flush_on_end and self.census().last_error is None:
            self.flush(self.config.flush_seconds)


_services: Services | None = None


def current() -> Services:
    """This process's services; opened with the defaults if nobody has."""
    global _services  # noqa: PLW0603  one per process, as its name says
    if _services is None:
        _services = Services(Mlart())
    elif _services.owner.pid != os.getpid():  # a forked child: the locks, the thread and the items are its parent's
        cell, _services = _services.cell, Services(_services.config)
        _services.cell = cell
    return _services


def use(services: Services | None) -> None:
    """Make these the process's services; None leaves the process without any."""
    global _services  # noqa: PLW0603
    _services = services
