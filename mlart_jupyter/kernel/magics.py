"""``%mlart``: a parse and one call for each subcommand."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from mlart_jupyter import api
from mlart_jupyter.errors import MlartError
from mlart_jupyter.kernel.arguments import mlart_parser, parse
from mlart_jupyter.kernel.journal import Page
from mlart_jupyter.kernel.viewer import view
from mlart_jupyter.models import Receipt
from mlart_jupyter.sizes import readable_size
from mlart_jupyter.store import tracking

if TYPE_CHECKING:
    from mlart_jupyter.browser import Artifacts
    from mlart_jupyter.kernel.extension import Extension

MOST_LINES = 8
"""Receipts of one cell that the status prints."""
SHORT_FLUSH = 2.0
"""Seconds that a listing waits for what is on its way."""


@magics_class
class MlartMagics(Magics):
    """``%mlart``."""

    def __init__(self, shell: Any, extension: Extension) -> None:
        super().__init__(shell)
        self._extension = extension
        self._services = extension.services

    @line_magic
    def mlart(self, line: str) -> None:
        """The artifacts of this notebook's MLflow run.

        ::

            %mlart                     what each cell kept, what waits, what failed
            %mlart start [NAME]        open a run, named after the notebook by default
            %mlart end                 end it
            %mlart on | off            keep what cells show, or stop keeping it
            %mlart ls [PATH]           the run's artifacts as a tree
            %mlart show PATH           show one artifact here
            %mlart browse              browse the run here, with previews and downloads
            %mlart get PATH… [--to D]  download artifacts or folders
            %mlart env                 keep what is imported, with versions, the interpreter and the git state
            %mlart notebook PATH       say which file this notebook is, where nothing else tells it
            %mlart checkout RUN [PATH] bring a run's notebook back, beside this one
            %mlart diff [RUN [RUN]]    what changed since a run's notebook, or from one run's to another's
            %mlart restore [CELL]      show again what a cell has shown, when its output was lost; alone: which can be
            %mlart flush               deliver now what waits
            %mlart store URI           keep the artifacts of later runs there (s3://, gs://, wasbs://, hdfs://, …)

        ``ls``, ``show`` and ``get`` take ``--run`` with the id or name of another run;
        ``%mlart COMMAND --help`` tells more.
        """
        args = parse(mlart_parser(), line.strip() or "status")
        if args is not None:
            told(getattr(self, f"_{args.command}"), args)

    def _status(self, args: argparse.Namespace) -> None:
        from mlart_jupyter.state import state_of

        services = self._services
        status = state_of(services)
        run = tracking.active()
        state = "on" if self._services.config.enabled else "off"
        print(f"capture {state} · {_run_words(run)}")
        print(f"store   {run.tracking_uri if run else self._store_words()}")
        waiting = status.unfinished + services.pending
        age = "" if status.oldest_seconds is None else f", the oldest {status.oldest_seconds:.0f} s"
        print(
            f"kept {status.kept} · waiting {waiting} ({readable_size(status.size)}{age}) · failed {status.dead} · "
            f"cells have paid {self._extension.journal.paid:.1f} ms"
        )
        if status.last_error:
            print(f"last error: {status.last_error}")
        for words in (*status.notes, *list(services.failures)[-3:]):
            print(f"note: {words}")
        if 0 < args.cells < (shown := self._extension.journal.count):
            print(f"… {shown - args.cells} earlier cells (%mlart status --cells {shown} tells of them)")
        for page in self._extension.journal.last(args.cells):
            print("\n".join(_page_lines(page)))

    def _store_words(self) -> str:
        if tracking.is_configured():
            return "as MLFLOW_TRACKING_URI or mlflow.set_tracking_uri say"
        return f"{self._services.config.embedded_uri} (embedded; used by %mlart start)"

    def _start(self, args: argparse.Namespace) -> None:
        if active := tracking.active():
            raise UsageError(f"Run {active.name or active.run_id} is active already. End it with %mlart end.")
        self._extension.start_run(args.name)
        args.cells = 0
        self._status(args)

    def _end(self, args: argparse.Namespace) -> None:
        run = tracking.end()
        left = self._services.flush(SHORT_FLUSH)
        print(f"{_run_words(run)} has ended" + (f"; {left} items are still on their way" if left else ""))

    def _on(self, args: argparse.Namespace) -> None:
        self._services.config.enabled = True
        print("capture on")

    def _off(self, args: argparse.Namespace) -> None:
        self._services.config.enabled = False
        print("capture off; %log_artifact still works, %mlart on resumes")

    def _flush(self, args: argparse.Namespace) -> None:
        left = self._services.flush(args.seconds, bar=True)
        census = self._services.census()
        print(f"{left} items wait" if left else f"all is in the run ({census.kept} kept)")
        if others := len(self._services.spool.orphans()):
            print(f"{others} items that an earlier session left wait; `!mlart flush` delivers them")
        if left and census.last_error:
            print(f"last error: {census.last_error}")

    def _ls(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        artifacts, path = self._services.reading(args.path, args.run)
        print(f"{_run_words(artifacts.run)}\n{artifacts.tree(path)}")

    def _show(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        with self._extension.muted():
            view(*self._services.reading(args.path, args.run))

    def _env(self, args: argparse.Namespace) -> None:
        for receipt in api.log_environment(api.active_run(), Path.cwd()):
            self._extension.journal.add(receipt)
            print(_receipt_line(receipt))

    def _notebook(self, args: argparse.Namespace) -> None:
        path = Path(args.path).expanduser().absolute()
        self._extension.watch.point_to(path)
        print(f"this notebook is {path}: its run gets it whenever the file changes")

    def _checkout(self, args: argparse.Namespace) -> None:
        from mlart_jupyter import history

        self._services.flush(SHORT_FLUSH)
        print(history.checkout(self._services.artifacts(args.of), args.path, args.to))

    def _diff(self, args: argparse.Namespace) -> None:
        from mlart_jupyter import history

        self._services.flush(SHORT_FLUSH)
        before, after = self._services.artifacts(args.before), self._compared(args.after)
        print(history.changes_between(before, after), end="")

    def _compared(self, name: str | None) -> Artifacts | Path:
        """What a run's notebook is compared with: this one, a file or another run's."""
        if name is None:
            return self._extension.watch.file()
        file = Path(name).expanduser()
        return file if file.suffix == ".ipynb" and file.is_file() else self._services.artifacts(name)

    def _restore(self, args: argparse.Namespace) -> None:
        if args.cell is None:
            print("\n".join(self._extension.restore.lines()) or "no output is remembered yet")
            return
        with self._extension.muted():
            self._extension.restore.show(args.cell)

    def _browse(self, args: argparse.Namespace) -> None:
        from mlart_jupyter.panel import ArtifactBrowser

        run = self._services.find(args.run)
        print(f"artifacts of {_run_words(run)}")  # all that a page without its widgets' scripts has of it
        display(ArtifactBrowser(run))

    def _get(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        for wanted in args.paths:
            artifacts, path = self._services.reading(wanted, args.run)
            print(artifacts.download(path, args.to))

    def _store(self, args: argparse.Namespace) -> None:
        print(self._services.use_location(args.uri, args.experiment).words)


def told(call: Callable[..., None], *args: Any) -> None:
    """Show an error of ours as one line, without a traceback."""
    try:
        call(*args)
    except MlartError as error:
        raise UsageError(str(error)) from None


def _run_words(run: Any) -> str:
    return "no run is active (%mlart start opens one)" if run is None else f'run "{run.name}" {run.run_id[:8]}'


def _page_lines(page: Page) -> list[str]:
    """What became of a cell's showings: ``[3]  2.1 ms  figures/loss.png  20.0 kB``."""
    lines = [_receipt_line(receipt) for receipt in page.receipts[-MOST_LINES:]]
    hidden = len(page.receipts) - len(lines) + page.more
    lines = [f"… {hidden} more", *lines] if hidden else lines
    margin = f"{page.label:>5} {page.paid:7.1f} ms  "
    return [(margin if i == 0 else " " * len(margin)) + line for i, line in enumerate(lines)]


def _receipt_line(receipt: Receipt) -> str:
    names = ", ".join(receipt.paths) or receipt.what
    if not receipt.kept:
        return f"not kept: {names} ({receipt.reason})" if names else f"not kept: {receipt.reason}"
    size = f"  {readable_size(receipt.size)}" if receipt.size else ""
    return f"{names}{size}" + (f" ({receipt.reason})" if receipt.reason else "")
