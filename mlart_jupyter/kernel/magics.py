"""The magics: an argument table, a parse, and one call each."""

from __future__ import annotations

import argparse
import glob
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.display import display

from mlart_jupyter import api
from mlart_jupyter.browser import readable_size
from mlart_jupyter.errors import MlartError, UnknownFile
from mlart_jupyter.kernel.gather import Gathered, gather
from mlart_jupyter.kernel.viewer import view
from mlart_jupyter.models import Receipt, RunRef
from mlart_jupyter.paths import inside, join
from mlart_jupyter.state import state_of
from mlart_jupyter.store import tracking

if TYPE_CHECKING:
    from mlart_jupyter.kernel.extension import Extension

SHORT_FLUSH = 2.0
"""Seconds that a listing waits for what is on its way."""


class CellFailed(Exception):
    """The cell under ``%%log_artifact`` raised; its own traceback stands above."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class _HelpWanted(Exception):
    """``--help`` was given and has been printed."""


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. {self.prog} --help tells more.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _HelpWanted


def _mlart_parser() -> _Parser:
    parser = _Parser(prog="%mlart", description="The artifacts of this notebook's MLflow run.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands.add_parser("status", help="what is kept, what waits, what failed (the same as %%mlart alone)")
    commands.add_parser("start", help="open a run").add_argument("name", nargs="?", help="default: the notebook's")
    commands.add_parser("end", help="end the active run")
    commands.add_parser("on", help="keep what cells show")
    commands.add_parser("off", help="stop keeping it")
    _reading(commands.add_parser("browse", help="browse the run here"))
    flush = commands.add_parser("flush", help="deliver now what waits")
    flush.add_argument("--seconds", type=float, default=60.0, help="how long to wait (60)")
    _reading(commands.add_parser("ls", help="the run's artifacts as a tree")).add_argument(
        "path", nargs="?", default=""
    )
    _reading(commands.add_parser("show", help="show one artifact here")).add_argument("path")
    get = _reading(commands.add_parser("get", help="download artifacts or folders"))
    get.add_argument("paths", nargs="+", metavar="path")
    get.add_argument("--to", default=".", help="local folder (the current one)")
    return parser


def _reading(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--run", help="id or name of a run (the active one, else the last)")
    return parser


def _log_parser() -> _Parser:
    parser = _Parser(prog="%log_artifact", description="Keep files, folders or variables in the active run.")
    parser.add_argument("things", nargs="+", metavar="PATH|NAME", help="a file, a folder, a pattern or a variable")
    parser.add_argument("--to", metavar="DIR", help="folder in the run")
    return parser


def _parse(parser: _Parser, line: str) -> argparse.Namespace | None:
    try:
        return parser.parse_args(shlex.split(line, posix=os.name == "posix"))
    except _HelpWanted:
        return None


@magics_class
class MlartMagics(Magics):
    """``%mlart`` and ``%log_artifact``."""

    def __init__(self, shell: Any, extension: Extension) -> None:
        super().__init__(shell)
        self._shell = shell
        self._extension = extension
        self._services = extension.services

    @line_magic
    def mlart(self, line: str) -> None:
        """The artifacts of this notebook's MLflow run.

        ::

            %mlart                     what is kept, what waits, what failed
            %mlart start [NAME]        open a run, named after the notebook by default
            %mlart end                 end it
            %mlart on | off            keep what cells show, or stop keeping it
            %mlart ls [PATH]           the run's artifacts as a tree
            %mlart show PATH           show one artifact here
            %mlart browse              browse the run here, with previews and downloads
            %mlart get PATH… [--to D]  download artifacts or folders
            %mlart flush               deliver now what waits

        ``ls``, ``show`` and ``get`` take ``--run`` with the id or name of another run;
        ``%mlart COMMAND --help`` tells more.
        """
        args = _parse(_mlart_parser(), line)
        if args is not None:
            _told(getattr(self, f"_{args.command or 'status'}"), args)

    @line_cell_magic
    def log_artifact(self, line: str, cell: str | None = None) -> None:
        """Keep things in the active run.

        ::

            %log_artifact PATH… [--to DIR]    files, folders, patterns (*.csv)
            %log_artifact NAME… [--to DIR]    variables: figure, frame, dict, list, text, bytes, array
            %%log_artifact [DIR]              run the cell and keep all it makes: outputs, printed text,
                                              source, and the files it wrote
        """
        if cell is not None:
            _told(self._log_cell, line.strip(), cell)
        elif (args := _parse(_log_parser(), line)) is not None:
            _told(self._log_things, args)

    # -- %mlart ---------------------------------------------------------------------------------

    def _status(self, args: argparse.Namespace) -> None:
        services = self._services
        status = state_of(services)
        run = tracking.active()
        state = "on" if self._extension.on else "off"
        print(f"capture {state} · {_run_words(run)}")
        print(f"store   {run.tracking_uri if run else self._store_words()}")
        waiting = status.unfinished + services.pending
        age = "" if status.oldest_seconds is None else f", the oldest {status.oldest_seconds:.0f} s"
        print(
            f"kept {status.kept} · waiting {waiting} ({readable_size(status.size)}{age}) · failed {status.dead} · "
            f"cells have paid {self._extension.paid:.1f} ms"
        )
        if status.last_error:
            print(f"last error: {status.last_error}")
        for words in (*status.notes, *list(services.failures)[-3:]):
            print(f"note: {words}")

    def _store_words(self) -> str:
        if tracking.is_configured():
            return "as MLFLOW_TRACKING_URI or mlflow.set_tracking_uri say"
        return f"{self._services.config.embedded_uri} (embedded; used by %mlart start)"

    def _start(self, args: argparse.Namespace) -> None:
        config, notebook = self._services.config, self._services.cell.notebook
        name = args.name or (Path(notebook).stem if notebook else None)
        if active := tracking.active():
            raise UsageError(f"Run {active.name or active.run_id} is active already. End it with %mlart end.")
        if "mlflow" not in sys.modules:
            print("mlart: loading MLflow, a few seconds …")
        config.data.mkdir(parents=True, exist_ok=True)
        run = tracking.start(name, config.embedded_uri, config.embedded_artifacts, "notebooks")
        self._services.remember(run)
        self._status(args)

    def _end(self, args: argparse.Namespace) -> None:
        run = tracking.end()
        left = self._services.flush(SHORT_FLUSH)
        print(f"{_run_words(run)} has ended" + (f"; {left} items are still on their way" if left else ""))

    def _on(self, args: argparse.Namespace) -> None:
        self._extension.on = True
        print("capture on")

    def _off(self, args: argparse.Namespace) -> None:
        self._extension.on = False
        print("capture off; %log_artifact still works, %mlart on resumes")

    def _flush(self, args: argparse.Namespace) -> None:
        left = self._services.flush(args.seconds)
        census = self._services.census()
        print(f"{left} items wait" if left else f"all is in the run ({census.kept} kept)")
        if left and census.last_error:
            print(f"last error: {census.last_error}")

    def _ls(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        artifacts = self._services.artifacts(args.run)
        print(f"{_run_words(artifacts.run)}\n{artifacts.tree(args.path)}")

    def _show(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        with self._extension.muted():
            view(self._services.artifacts(args.run), args.path)

    def _browse(self, args: argparse.Namespace) -> None:
        from mlart_jupyter.panel import ArtifactBrowser

        display(ArtifactBrowser(args.run))

    def _get(self, args: argparse.Namespace) -> None:
        self._services.flush(SHORT_FLUSH)
        artifacts = self._services.artifacts(args.run)
        for path in args.paths:
            print(artifacts.download(path, args.to))

    # -- %log_artifact --------------------------------------------------------------------------

    def _log_things(self, args: argparse.Namespace) -> None:
        run = api.active_run()
        for thing in args.things:
            for receipt in self._log_thing(thing, args.to):
                _print_receipt(receipt)
        if not self._services.known(run.run_id):
            self._services.remember(run)

    def _log_thing(self, thing: str, to: str | None) -> Iterator[Receipt]:
        run = api.active_run()
        if thing.isidentifier() and thing in self._shell.user_ns:
            value = self._shell.user_ns[thing]
            if not isinstance(value, Path):
                yield api.log_object(value, run, folder=to, hint=thing)
                return
            thing = str(value)
        paths = [Path(name) for name in sorted(glob.glob(str(Path(thing).expanduser())))]
        if not paths:
            raise UnknownFile(f"There is no file and no variable {thing}", "Check the name; %pwd tells the folder")
        for path in paths:
            yield from api.log_path(path, run, into=to)

    def _log_cell(self, folder: str, cell: str) -> None:
        run = api.active_run()
        folder = inside(folder or f"cells/cell-{self._services.cell.execution_count or 0}")
        besides = (self._services.config.data, Path((run.artifact_uri or "").removeprefix("file://") or "/dev"))
        with self._extension.redirected(folder), gather(besides) as made:
            result = self._shell.run_cell(cell)
        for receipt in self._log_made(made, cell, folder, run):
            _print_receipt(receipt)
        if not result.success:
            raise CellFailed("The cell raised (see above); what it made until then is kept")

    def _log_made(self, made: Gathered, cell: str, folder: str, run: RunRef) -> Iterator[Receipt]:
        texts = {"source.py": cell, "stdout.txt": made.stdout, "stderr.txt": made.stderr}
        for name, text in texts.items():
            if text.strip():
                yield api.log_object(text, run, path=join(folder, name))
        for path in made.files:
            yield from api.log_path(path, run, into=folder)


def _told(call: Callable[..., None], *args: Any) -> None:
    """Show an error of ours as one line, without a traceback."""
    try:
        call(*args)
    except MlartError as error:
        raise UsageError(str(error)) from None


def _run_words(run: Any) -> str:
    return "no run is active (%mlart start opens one)" if run is None else f'run "{run.name}" {run.run_id[:8]}'


def _print_receipt(receipt: Receipt) -> None:
    for path in receipt.paths:
        print(path if receipt.kept else f"{path} ({receipt.reason})")
