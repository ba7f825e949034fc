"""One kernel with the extension loaded: `load` and `unload` are inverses."""

from __future__ import annotations

import ast
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from mlart_jupyter import services as process
from mlart_jupyter.adoption import Adoption
from mlart_jupyter.config import Mlart
from mlart_jupyter.errors import MlartError, left_words
from mlart_jupyter.kernel import cell as cells
from mlart_jupyter.kernel.births import PyplotFinder, arm, disarm
from mlart_jupyter.kernel.capture import Capture
from mlart_jupyter.kernel.completion import complete_mlart
from mlart_jupyter.kernel.giving import LogMagics
from mlart_jupyter.kernel.interrupts import held_back
from mlart_jupyter.kernel.journal import Journal
from mlart_jupyter.kernel.live import AGAIN, Live
from mlart_jupyter.kernel.magics import MlartMagics
from mlart_jupyter.kernel.restore import Restore
from mlart_jupyter.kernel.runs import RunChoice
from mlart_jupyter.kernel.terminate import LastWord
from mlart_jupyter.kernel.voice import Voice
from mlart_jupyter.kernel.watch import Watch
from mlart_jupyter.models import Cell, Receipt, RunRef
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import Limits, plugins, shown_renderer
from mlart_jupyter.services import Services
from mlart_jupyter.store import tracking
from mlart_jupyter.trouble import trouble

NO_RUN = "no MLflow run is active, so nothing is kept. %mlart start opens one, %mlart off stops this"
NEXT = ("renderers.figure", "renderers.frame", "renderers.bundle", "uploads", "outgoing", "opening")
"""What the first shown thing needs; imported after `%load_ext`, which is to be quick."""
PREPARE_SECONDS = 0.3
"""The cell of `%load_ext` has ended by then."""
MAGICS = {"line": ("mlart", "log_artifact"), "cell": ("log_artifact",)}


class Extension:
    """What one shell holds while the extension is loaded.

    Attributes
    ----------
    journal
        What became of what each cell showed.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.config = Mlart(parent=shell)
        self.services = Services(self.config, kernel=kernel_id(shell), notebook=cells.notebook_of(shell))
        self.services.say = self.say
        self.last_word = LastWord(self.services)
        self.runs = RunChoice(self.services)
        self.capture = Capture(shell, self._seen, self._cleared)
        self.live = Live(lambda: self.services.recorder, self._settle)
        self.journal = Journal()
        self.services.on_late.append(self.journal.settle)
        self.services.on_kept.append(self.journal.noted)
        self.watch = Watch(shell, self.services, self.runs.current)
        self.restore = Restore(shell, self.watch.transcript)
        self._finder = PyplotFinder()
        self._folder: str | None = None
        self._run: RunRef | None = None
        self._voice = Voice()
        self._muted = False
        self._cell_is_off = False
        self._parsed: tuple[Cell, ast.Module] | None = None

    # -- install and uninstall ------------------------------------------------------------------

    def install(self) -> None:
        """Hook in."""
        process.use(self.services)
        self.services.cell = cells.running_cell(self.shell)
        self.runs.begin_cell()
        self.capture.install()
        self.watch.install()
        self.restore.install()
        self._finder.install()
        self.shell.configurables.append(self.config)
        self.shell.events.register("pre_run_cell", self._begin_cell)
        self.shell.events.register("post_run_cell", self._end_cell)
        self.last_word.install()
        self.services.before_flush.append(self._settle)
        for magics in (MlartMagics, LogMagics):
            self.shell.register_magics(magics(self.shell, self))
        self.shell.set_hook("complete_command", complete_mlart, str_key="%mlart")

    def uninstall(self) -> int:
        """Take every hook out, deliver what waits, and return how many items stay in the spool."""
        self.capture.uninstall()
        self.watch.uninstall()
        self.restore.uninstall()
        self._finder.uninstall()
        disarm()
        self.shell.events.unregister("pre_run_cell", self._begin_cell)
        self.shell.events.unregister("post_run_cell", self._end_cell)
        self.last_word.uninstall()
        self.shell.configurables.remove(self.config)
        self._unregister_magics()
        self.shell.strdispatchers["complete_command"].strs.pop("%mlart", None)
        left = self.services.close()
        process.use(None)
        return left

    def _unregister_magics(self) -> None:
        """IPython has no inverse of ``register_magics``."""
        manager = self.shell.magics_manager
        for magics in (MlartMagics, LogMagics):
            self.shell.configurables.remove(manager.registry.pop(magics.__name__))
        for kind, names in MAGICS.items():
            for name in names:
                manager.magics[kind].pop(name, None)

    # -- while a cell runs ----------------------------------------------------------------------

    def _begin_cell(self, info: Any) -> None:
        """Before each cell; IPython would print what it raises into the cell."""
        started = time.perf_counter()
        try:
            if self.live.holds:  # a silent cell ends without a word
                self._settle()
            self.live.begin()
            cell = self.services.cell = self.services.running_cell = cells.cell_of(self.shell, info)
            self._cell_is_off = cells.is_off(cell.source)
            self.journal.begin(cell)
            self.watch.begin(cell)
            self.runs.begin_cell()
            arm()
        except Exception:  # see above
            trouble("the cell's provenance is not known")
        self.journal.pay((time.perf_counter() - started) * 1000)

    def _end_cell(self, result: Any) -> None:
        """After each cell, also one that raised or was interrupted."""
        started = time.perf_counter()
        self.watch.end(result)
        self.live.end()
        if self.live.holds:
            self._settle()
        self.services.cell_over()
        self.journal.pay((time.perf_counter() - started) * 1000)
        self._wait_at_end()

    def _wait_at_end(self) -> None:
        """Wait for deliveries, only where `flush_on_end` asks for it and a run has ended."""
        try:
            if self.config.flush_on_end and self.runs.has_ended_one():
                self.services.flush_at_end()
        except Exception:  # as above
            trouble("the end of a run was not waited for")

    def _settle(self) -> None:
        """Keep the last states of what cells have redrawn in place; never raises."""
        if os.getpid() != self.services.owner.pid:
            return
        with held_back():
            for slot, held in self.live.waiting():
                receipt = self._guarded(held.key, self.services.recorder.keep, held, self._limits())
                self.live.done(slot, held)
                if receipt is not None:
                    self.journal.settle(replace(receipt, mark=held.mark | receipt.mark))

    def _cleared(self) -> None:
        """Note that the cell clears its output; never raises."""
        try:
            self.live.cleared()
            self.watch.transcript.cleared(self.services.cell.execution_count)
        except Exception:  # it would be raised into the user's cell
            trouble("a cleared output was not noted")

    def _seen(
        self, obj: Any, bundle: Mapping[str, Any], is_result: bool, display_id: str | None = None
    ) -> dict[str, Any] | None:
        """Keep what is shown; never raises, whatever it meets."""
        if self._muted or os.getpid() != self.services.owner.pid:
            return None
        with held_back():
            return self._journaled(obj, bundle, is_result, display_id)

    def _journaled(
        self, obj: Any, bundle: Mapping[str, Any], is_result: bool, display_id: str | None
    ) -> dict[str, Any] | None:
        started = time.perf_counter()
        receipt = None
        try:
            what = "bundle" if obj is None else type(obj).__qualname__
            receipt = self._guarded(what, self._record, obj, bundle, is_result, display_id)
            if receipt is not None and receipt.reason != AGAIN:
                self.journal.add(receipt)
            return dict(receipt.mark) if receipt and receipt.mark else None
        finally:
            mark = receipt.mark if receipt else None
            self.watch.saw(bundle, is_result=is_result, display_id=display_id, mark=mark)
            self.journal.pay((time.perf_counter() - started) * 1000)

    def _guarded(self, what: str, keep: Callable[..., Receipt | None], *args: Any) -> Receipt | None:
        """The receipt of a showing; what goes wrong is said and becomes a receipt, too."""
        try:
            return keep(*args)
        except MlartError as error:
            problem = f"not kept: {error}"
        except Exception as error:  # a renderer's fault must not break the user's cell
            trouble("a shown %s was not kept", what)
            problem = f"not kept: a {what} could not be rendered ({error}). Log it by hand"
        self.say(problem)
        return Receipt(kept=False, reason=problem, what=what)

    def _record(self, obj: Any, bundle: Mapping[str, Any], is_result: bool, display_id: str | None) -> Receipt | None:
        chosen = shown_renderer(obj, bundle)
        if chosen is None or not (self.config.enabled or self._folder is not None):
            return None
        cell, hint = self.services.cell, partial(self._hint, obj, is_result)
        if refusal := self._refusal(chosen[0]):
            return Receipt(kept=False, reason=refusal, what=hint() or type(obj).__qualname__)
        run = self._run or self.runs.of(obj, bundle)
        if run is None:
            self.say(NO_RUN)
            return Receipt(kept=False, reason="no MLflow run was active", what=hint() or type(obj).__qualname__)
        shown = Shown(obj, run, cell, bundle, hint, self._folder, note=self.runs.note(obj, run))
        if self.config.live == "all":
            return self.services.recorder.record(shown, chosen[1], self._limits())
        return self.live.keep(shown, *chosen, self._limits(), display_id)

    def _hint(self, obj: Any, is_result: bool) -> str:
        """What the cell calls a thing; asked only for what has no name of its own, for it looks through the cell."""
        return cells.hint(self._tree_of(self.services.cell), self.shell.user_ns, obj, is_result=is_result)

    def _tree_of(self, cell: Cell) -> ast.Module:
        """A cell's syntax tree, parsed once: a cell may show a hundred figures."""
        if self._parsed is None or self._parsed[0] is not cell:
            self._parsed = cell, cells.parsed(self.shell, cell.source)
        return self._parsed[1]

    def _refusal(self, kind: str) -> str:
        """Which switch keeps a thing out of the run; ``""`` when none does."""
        if self._folder is not None:  # the user has asked for this cell
            return ""
        if self._cell_is_off:
            return "the cell says #mlart: off"
        if not getattr(self.config, kind):
            return f"Mlart.{kind} is off"
        notebook = self.services.cell.notebook or ""
        patterns = [name for name in self.config.off_notebooks if fnmatch(notebook, name)]
        return f"Mlart.off_notebooks has {patterns[0]}" if patterns else ""

    def _limits(self) -> Limits:
        """The settings as they are now: ``%config`` may change them at any time."""
        config = self.config
        return Limits(config.inline_frame_bytes, config.frame_budget_bytes, config.largest_bytes or sys.maxsize)

    def say(self, words: str) -> None:
        """Tell the user, once for each message and a few times a minute."""
        self.services.failures.append(words)
        if self._voice.may_say(words):
            print(f"mlart: {words}", file=sys.stderr)

    def start_run(self, name: str | None = None) -> RunRef:
        """Open a run, named after the notebook by default; on the embedded store where none is configured."""
        config, notebook = self.config, self.services.cell.notebook
        name = name or (Path(notebook).stem if notebook else None)
        if "mlflow" not in sys.modules:
            print("mlart: loading MLflow, a few seconds …")
        config.data.mkdir(parents=True, exist_ok=True)
        return self.services.remember(tracking.start(name, config.embedded_uri, config.embedded_artifacts, "notebooks"))

    @contextmanager
    def redirected(self, folder: str, run: RunRef | None = None) -> Iterator[None]:
        """Keep what is shown meanwhile under this folder, also when capture is off; in this run, if one is given."""
        before = self._folder, self._run
        self._folder, self._run = folder, run
        try:
            yield
        finally:
            self._folder, self._run = before

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Keep nothing meanwhile: what we show ourselves is in the run already."""
        before, self._muted = self._muted, True
        try:
            yield
        finally:
            self._muted = before


def kernel_id(shell: Any) -> str | None:
    """Jupyter's id of this kernel, from its connection file; None outside one."""
    kernel = getattr(shell, "kernel", None)
    file = getattr(getattr(kernel, "parent", None), "connection_file", "")
    return Path(file).stem.removeprefix("kernel-") or None


_loaded: dict[int, Extension] = {}


def load(shell: Any) -> None:
    """Load into a shell; a second time changes nothing."""
    if id(shell) in _loaded:
        return
    extension = Extension(shell)
    extension.install()
    _loaded[id(shell)] = extension
    print(
        "mlart: what cells show is kept in the active MLflow run: figures, frames, charts and more (%mlart tells more)"
    )
    threading.Thread(target=_prepare, args=(extension.services,), name="mlart-adopt", daemon=True).start()


def _prepare(services: Services) -> None:
    """Look for the renderers of other packages and for what dead kernels left, off the cells."""
    time.sleep(PREPARE_SECONDS)
    for name in NEXT:
        import_module(f"mlart_jupyter.{name}")
    plugins.known()
    Adoption(services).look()


def unload(shell: Any) -> None:
    """Unload from a shell."""
    extension = _loaded.pop(id(shell), None)
    if extension is None:
        return
    left = extension.uninstall()
    if left:
        print(f"mlart: {left_words(left)}")
