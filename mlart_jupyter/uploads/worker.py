"""The thread that delivers what this process has put into the spool."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, wait

from mlart_jupyter.errors import MlartError, StoreUnavailable
from mlart_jupyter.models import Census, RunRef
from mlart_jupyter.spool import Name, Spool
from mlart_jupyter.uploads.breaker import Breakers, host_of
from mlart_jupyter.uploads.courier import Courier, OpenStore
from mlart_jupyter.uploads.crew import Crew
from mlart_jupyter.uploads.pace import batches
from mlart_jupyter.uploads.tray import Tray

FEW, LIGHT_BYTES = 8, 2**20
"""So many items, and no more bytes, for a folder on the disk of the spool are delivered by the thread that looks."""
RUNS_AT_ONCE = 4
"""Runs that are delivered to side by side."""
IDLE_SECONDS = 1.0
"""How often the worker looks for what others put in this process's name: saved notebooks."""
QUIET_SECONDS = 10.0
"""It looks all the same after so long: a file server may tell late that a folder has changed."""
SETTLE_SECONDS, LONGEST_SETTLE = 0.05, 0.5
"""The worker lets the cell go on for so long before it begins: they share one interpreter lock. While jobs
run it rests for as long as it has worked, for a long queue takes long to look through."""
MAKE_WAY_SECONDS = 15.0
"""What a running cell shows waits for its end, but no longer: a loop that draws is not to share its core."""
BURST_SECONDS = 1.0
"""What comes blow upon blow is let come for so long: putting and delivering by turns takes longer than one after the
other."""
LOOK_SECONDS = 0.01
"""How often it looks whether more comes."""
LAST_WORD_SECONDS = 30.0
"""The thread that was told to stop waits for the batch in hand for so long."""
BEAT_SECONDS = 20.0
SOON_SECONDS, SYNC_SECONDS, SYNCED_AT_ONCE = 1.0, 0.25, 20
"""Between two looks the thread waits for the jobs for so long, then syncs for so long; so many items share a sync of
their folder."""


class Uploader:
    """Delivers in the background: a thread that looks, and jobs that each deliver to one run.

    Attributes
    ----------
    on_trouble
        Called when a store fails or answers again, from any thread.
    on_look
        Called once a second or more often, from the thread.
    running_cell
        Tells which cell the deliveries would slow now; None when none runs.
    """

    def __init__(self, spool: Spool, open_store: OpenStore) -> None:
        self.courier = Courier(spool, open_store)
        self.breakers = Breakers()
        self.on_trouble: Callable[[], None] = lambda: None
        self.on_look: Callable[[], None] = lambda: None
        self.running_cell: Callable[[], object | None] = lambda: None
        self._spool = spool
        self._tray = Tray(spool)
        self._unsynced: deque[Name] = deque()
        self._jobs: dict[str, Future[None]] = {}
        self._crew = Crew(RUNS_AT_ONCE, "mlart-run")
        self._wake = threading.Event()
        self._woken_at = 0.0
        self._is_due = False
        self._goes_beside = False
        self._looks_through = True
        self._looked = self._given = float("-inf")
        self._has_missed = False
        self._over = threading.Event()
        self._idle = threading.Condition()
        self._stop = False
        self._thread: threading.Thread | None = None
        self._beat = 0.0
        self._own_error = ""
        self._waited_for = 0

    def wake(self) -> None:
        """There is something to deliver: start the thread if it does not run."""
        self._woken_at = time.monotonic()
        self._start()
        self._ring()

    def _ring(self) -> None:
        """Wake the thread, to look through all that waits."""
        self._looks_through = True
        self._wake.set()

    def came(self, name: Name, run: RunRef) -> None:
        """A cell has put an item for a run, which waits for the end of that cell: `cell_over` tells it.

        To wake the thread at once would cost the cell two changes of the thread that holds the interpreter.
        """
        self._tray.tell(name, run)
        if self.running_cell() is None:
            self.wake()
            return
        self._woken_at = time.monotonic()
        self._start()
        self._is_due = True

    def cell_over(self) -> None:
        """The running cell has ended: what it has put goes, beside the next one if that has begun already."""
        if self._is_due:
            self._is_due, self._goes_beside = False, True
            self._wake.set()  # not `_ring`: what the cell has put is known

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="mlart-uploader", daemon=True)
            self._thread.start()

    # -- asked from other threads ---------------------------------------------------------------

    def flush(self, seconds: float, until: Callable[[], bool] | None = None, look: Callable[[], object] = bool) -> bool:
        """Try everything once more now; tell whether all has arrived within the time.

        Parameters
        ----------
        until
            What to wait for instead.
        look
            Called again and again meanwhile.
        """
        done = until or self._spool.is_done
        end = time.monotonic() + seconds
        self.breakers.hurry()
        tried = defaultdict(int, {run.run_id: self.breakers.failures(run) for run in self._tray.runs})
        with self._idle:
            self._waited_for += 1
            self.wake()
            try:
                while not done() and time.monotonic() < end and not self._gave_up(tried):
                    self._idle.wait(min(0.2, max(0.0, end - time.monotonic())))
                    look()
            finally:
                self._waited_for -= 1
        return done()

    def _gave_up(self, tried: dict[str, int]) -> bool:
        """Whether each run that still has items, or its host, has failed since."""
        if any(not job.done() for job in list(self._jobs.values())):
            return False
        names = self._spool.unfinished()
        found = [self._tray.run(name) for name in names]
        if None in found:
            return False
        runs = {run.run_id: run for run in found if run}
        return bool(runs) and all(self.breakers.failures(run) > tried[run.run_id] for run in runs.values())

    def left(self) -> int:
        """Bytes that have not left yet."""
        return max(0, sum(name.length for name in self._spool.unfinished()) - self.courier.sent)

    def close(self, seconds: float = 1.0) -> None:
        """Stop after the batch in hand, and give up what is left; the thread does so later when a store hangs."""
        self._stop = True
        self._ring()
        if self._thread is None:
            self._spool.close()
        elif self._thread is not threading.current_thread():
            self._thread.join(seconds)

    @property
    def last_error(self) -> str | None:
        """What is wrong now, with what to do."""
        errors = [*self.breakers.errors(), *([self._own_error] if self._own_error else [])]
        return errors[-1] if errors else None

    def census(self) -> Census:
        """What is where, of this process's items."""
        waiting, names = self._spool.mine(), self._spool.unfinished()
        return Census(
            waiting=len(waiting),
            in_flight=max(0, len(names) - len(waiting)),
            kept=self.courier.kept,
            dead=self._spool.count_dead(),
            size=sum(name.length for name in names),
            oldest=names[0].made / 1e9 if names else None,
            last_error=self.last_error,
        )

    # -- the thread -----------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stop:
            rang = self._wake.wait(self._next_try())
            self._wake.clear()
            self.on_look()
            if not rang and self._is_quiet():
                continue
            self._make_way()
            begun, is_whole = time.monotonic(), True
            try:
                self._keep_alive()
                if is_whole := self._round():
                    self._sync()
                self._own_error = ""
            except Exception as error:  # the thread must outlive a full disk; the status tells it
                self._own_error = str(error)
            self._notify()
            if is_whole:
                self._rest(time.monotonic() - begun)
        if not wait(list(self._jobs.values()), timeout=LAST_WORD_SECONDS).not_done:
            self._spool.close()

    def _is_quiet(self) -> bool:
        """Whether nothing is in hand and nothing has come since the last look."""
        is_old = time.monotonic() - self._looked > QUIET_SECONDS
        return not (is_old or self.breakers.errors()) and self._tray.is_untouched

    def _make_way(self) -> None:
        """Let the cell go on, to its end if that is near; not while somebody waits for the deliveries.

        When cells follow upon each other, what one has shown goes beside the next: a notebook that is run as a
        whole must not end with all of it still to be delivered.
        """
        begun, cell = time.monotonic(), None if self._goes_beside else self.running_cell()
        time.sleep(SETTLE_SECONDS)
        while not (self._waited_for or self._stop):
            left = MAKE_WAY_SECONDS - (time.monotonic() - begun)
            if cell is not None and self.running_cell() is cell and left > 0:
                self._wake.wait(left)  # its end sets it, too
            elif self._comes_more(time.monotonic() - begun):
                time.sleep(LOOK_SECONDS)
            else:
                break
            self._wake.clear()
        self._goes_beside = False
        self._wake.clear()  # what has come until now is seen by the look that follows

    def _comes_more(self, seconds: float) -> bool:
        return seconds < BURST_SECONDS and time.monotonic() - self._woken_at < SETTLE_SECONDS

    def _rest(self, seconds: float) -> None:
        """Leave the interpreter to the jobs and the cell, until a job is over."""
        self._over.clear()
        if not self._stop and any(not job.done() for job in self._jobs.values()):
            self._over.wait(min(LONGEST_SETTLE, seconds))

    def _notify(self) -> None:
        with self._idle:
            self._idle.notify_all()

    def _next_try(self) -> float:
        time_of_next = self.breakers.next_try()
        if time_of_next is None:
            return IDLE_SECONDS
        return max(0.05, min(IDLE_SECONDS, time_of_next - time.monotonic()))

    def _keep_alive(self) -> None:
        if time.monotonic() - self._beat > BEAT_SECONDS:
            self._beat = time.monotonic()
            self._spool.heartbeat()
            self._spool.used()  # others fill it, too

    def _round(self) -> bool:
        """Begin a job for each run that has something and whose store answers.

        Between two looks through all that waits, what cells have put goes without one; tell which it was.
        """
        now = time.monotonic()
        is_whole = self._looks_through or now - self._looked > IDLE_SECONDS
        by_run: defaultdict[RunRef, list[Name]] = defaultdict(list)
        for name in self._all(now) if is_whole else self._new():
            if run := self._tray.run(name):
                by_run[run].append(name)
        self._has_missed = any(self._is_at_work(run) for run in by_run)
        for run, names in by_run.items():
            if not self._is_free(run):
                continue
            self._given = now
            if self._is_light(run, names):
                self._deliver(run, names)
            else:
                self._jobs[run.run_id] = self._crew.submit(lambda r=run, n=names: self._deliver(r, n))  # type: ignore[misc]
        return is_whole

    def _is_light(self, run: RunRef, names: list[Name]) -> bool:
        """Whether to hand a delivery to another thread would take about as long as to make it."""
        few = len(names) <= FEW and sum(name.length for name in names) <= LIGHT_BYTES
        return few and self.courier.is_beside(run)

    def _is_free(self, run: RunRef) -> bool:
        """Whether a run may be tried now; of a host that has failed one run tries for all."""
        if self._stop or self._is_at_work(run) or not self.breakers.lets_pass(run):
            return False
        host = host_of(run)
        if not self.breakers.of(host).failures:
            return True
        busy = {run_id for run_id, job in self._jobs.items() if not job.done()}
        return not any(host_of(other) == host for other in self._tray.runs if other.run_id in busy)

    def _is_at_work(self, run: RunRef) -> bool:
        job = self._jobs.get(run.run_id)
        return job is not None and not job.done()

    def _new(self) -> list[Name]:
        """What cells have put since the last look."""
        names = self._tray.new()
        self._unsynced.extend(names)
        return names

    def _all(self, now: float) -> list[Name]:
        """All that waits."""
        self._looks_through, self._looked = False, now
        names, unseen = self._tray.all()
        self._unsynced.extend(unseen)
        return names

    def _sync(self) -> None:
        """Make what still waits outlive a power cut; what the jobs deliver soon needs no sync.

        The newest first, for the jobs come from the other end.
        """
        wait(list(self._jobs.values()), timeout=max(0.0, self._given + SOON_SECONDS - time.monotonic()))
        if self._has_come_through() or self._spool.is_done():  # one look instead of one for each
            self._unsynced.clear()
        end = time.monotonic() + SYNC_SECONDS
        while self._unsynced and time.monotonic() < end and not self._stop:
            self._spool.sync(*(self._unsynced.pop() for _ in range(min(SYNCED_AT_ONCE, len(self._unsynced)))))
        if self._unsynced:
            self._ring()

    def _has_come_through(self) -> bool:
        """Whether the jobs have delivered all that was known when they began."""
        at_work = any(not job.done() for job in self._jobs.values())
        return not (at_work or self._has_missed or self.breakers.errors())

    # -- the jobs -------------------------------------------------------------------------------

    def _deliver(self, run: RunRef, names: list[Name]) -> None:
        """Deliver what waits for one run, batch after batch, until its store fails."""
        try:
            for batch, pace in batches(names):
                if self._stop or not self._deliver_batch(run, batch):
                    return
                pace.over()
        finally:
            self._over.set()
            if self._has_missed:  # something came meanwhile
                self._ring()

    def _deliver_batch(self, run: RunRef, batch: list[Name]) -> bool:
        had_failed, begun = bool(self.breakers.failures(run)), time.monotonic()
        try:
            self.courier.deliver(claim for name in batch if (claim := self._spool.claim(name)))
        except MlartError as error:  # a refused catalogue too: its items wait, and hold up no other store
            self._failed(run, error, begun)
            return False
        except Exception as error:  # this machine's trouble: a full disk under the spool itself
            problem = StoreUnavailable(f"A delivery failed here ({error})", "It is tried again by itself")
            self._failed(run, problem, begun)
            return False
        if had_failed:
            self.breakers.arrived(run)
            self.on_trouble()
            self._ring()  # the other runs of its host
        self._notify()
        return True

    def _failed(self, run: RunRef, error: MlartError, begun: float) -> None:
        self._unsynced.extend(name for name in self._spool.mine() if self._tray.run(name) == run)
        self.breakers.failed(run, error, time.monotonic() - begun)
        self.on_trouble()
        self._ring()  # to reckon anew when to try again
        self._notify()
