"""``%log_artifact`` and ``%%log_artifact``: what a user gives by hand, and a whole cell."""

from __future__ import annotations

import argparse
import glob
import traceback
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from mlart_jupyter import api
from mlart_jupyter.errors import UnknownFile
from mlart_jupyter.kernel.arguments import cell_parser, log_parser, parse
from mlart_jupyter.kernel.gather import Gathered, gather
from mlart_jupyter.kernel.magics import told
from mlart_jupyter.models import Receipt, RunRef
from mlart_jupyter.paths import inside, join
from mlart_jupyter.store import tracking

if TYPE_CHECKING:
    from mlart_jupyter.kernel.extension import Extension


MOST_LINES = 20
"""Receipts that are printed one by one."""


class CellFailed(Exception):
    """The cell under ``%%log_artifact`` raised; its own traceback stands above."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@magics_class
class LogMagics(Magics):
    """``%log_artifact``, as a line and over a cell."""

    def __init__(self, shell: Any, extension: Extension) -> None:
        super().__init__(shell)
        self._shell = shell
        self._extension = extension
        self._services = extension.services

    @line_cell_magic
    def log_artifact(self, line: str, cell: str | None = None) -> None:
        """Keep things in the active run.

        ::

            %log_artifact PATH…     files, folders, patterns (*.csv, **/*.png)
            %log_artifact NAME…     variables: figure, frame, dict, list, text, bytes, array, model, any object
            %%log_artifact [DIR]    run the cell and keep all it makes: outputs, printed text, source,
                                    traceback, and the files it wrote

        ``--to DIR`` names the folder in the run, ``--name best.yaml`` the artifact, ``--run`` another run,
        ``--no-run start`` opens one where none is active; ``%log_artifact --help`` tells more.
        """
        if cell is None:
            if (args := parse(log_parser(), line)) is not None:
                told(self._log_things, args)
        elif (args := parse(cell_parser(), line)) is not None:
            told(self._log_cell, args, cell)

    def _run(self, args: argparse.Namespace) -> RunRef | None:
        """The run to log to, by the options."""
        if args.run:
            return self._services.find(args.run)
        if args.no_run == "error" or tracking.active():
            return api.active_run()
        if args.no_run == "skip":
            print("mlart: no run is active; nothing is kept")
            return None
        return self._extension.start_run()

    # -- things ---------------------------------------------------------------------------------

    def _log_things(self, args: argparse.Namespace) -> None:
        if args.name and len(args.things) > 1:
            raise UsageError("--name names one thing. Give the things one by one.")
        run = self._run(args)
        if run is not None:
            for thing in args.things:
                self._tell(self._log_thing(thing, run, args))

    def _log_thing(self, thing: str, run: RunRef, args: argparse.Namespace) -> Iterator[Receipt]:
        value = self._shell.user_ns.get(thing) if thing.isidentifier() else None
        if value is not None and not isinstance(value, Path):
            yield self._log_value(value, thing, run, args)
            return
        pattern = str(value or thing)
        paths = [Path(name) for name in sorted(glob.glob(str(Path(pattern).expanduser()), recursive=True))]
        if not paths:
            raise UnknownFile(f"There is no file and no variable {thing}", "Check the name; %pwd tells the folder")
        if args.name and len(paths) > 1:
            raise UsageError(f"--name names one thing, and {thing} is {len(paths)} files. Use --to.")
        for path in paths:
            named = join(args.to or "files", args.name) if args.name else None
            yield from api.log_path(path, run, named, into=args.to)

    def _log_value(self, value: Any, thing: str, run: RunRef, args: argparse.Namespace) -> Receipt:
        name = args.name or ""
        if Path(name).suffix:
            return api.log_object(value, run, path=join(args.to or "", name), hint=thing)
        return api.log_object(value, run, folder=args.to, hint=name or thing)

    # -- a cell ---------------------------------------------------------------------------------

    def _log_cell(self, args: argparse.Namespace, cell: str) -> None:
        run = self._run(args)
        if run is None:
            self._run_only(cell)
            return
        folder = inside(args.dir or args.to or f"cells/cell-{self._services.cell.execution_count or 0}")
        with self._extension.redirected(folder, run if args.run else None), gather(self._besides(run)) as made:
            result = self._shell.run_cell(cell)
        made.files = [path for path in made.files if _is_wanted(path, args.files)]
        made.traceback = _traceback(result.error_in_exec)
        self._tell(self._log_made(made, cell, folder, run))
        if not result.success:
            raise CellFailed("The cell raised (see above); what it made until then is kept")

    def _run_only(self, cell: str) -> None:
        if not self._shell.run_cell(cell).success:
            raise CellFailed("The cell raised (see above)")

    def _besides(self, run: RunRef) -> tuple[Path, ...]:
        """Folders whose files are not the cell's own."""
        return self._services.config.data, Path((run.artifact_uri or "").removeprefix("file://") or "/dev")

    def _log_made(self, made: Gathered, cell: str, folder: str, run: RunRef) -> Iterator[Receipt]:
        texts = {
            "source.py": cell,
            "stdout.txt": made.stdout,
            "stderr.txt": made.stderr,
            "traceback.txt": made.traceback,
        }
        for name, text in texts.items():
            if text.strip():
                yield api.log_object(text, run, path=join(folder, name))
        for path in made.files:
            yield from api.log_path(path, run, into=folder)

    def _tell(self, receipts: Iterator[Receipt]) -> None:
        """Print receipts as they come, and note them on the cell's page."""
        number = 0
        for number, receipt in enumerate(receipts, 1):
            self._extension.journal.add(receipt)
            if number <= MOST_LINES:
                name = ", ".join(receipt.paths) or receipt.what
                print(f"{name} ({receipt.reason})" if receipt.reason else name)
        if number > MOST_LINES:
            print(f"… and {number - MOST_LINES:,} more")


def _is_wanted(path: Path, patterns: list[str] | None) -> bool:
    return patterns is None or any(fnmatch(path.name, name) or fnmatch(str(path), name) for name in patterns if name)


def _traceback(error: BaseException | None) -> str:
    """The traceback as Python prints it, from the cell's own first line on."""
    if error is None:
        return ""
    trace = error.__traceback__
    while trace is not None and "IPython" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))
