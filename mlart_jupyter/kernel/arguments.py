"""The argument tables of the magics."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.error import UsageError


class _HelpWanted(Exception):
    """``--help`` was given and has been printed."""


class Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process.

    Attributes
    ----------
    commands
        The names of its subcommands, in the order of its help.
    """

    commands: tuple[str, ...] = ()

    def error(self, message: str) -> NoReturn:
        """Raise one line that names the help."""
        raise UsageError(f"{message}. {self.prog} --help tells more.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave the parse after a help text."""
        raise _HelpWanted


def parse(parser: Parser, line: str) -> argparse.Namespace | None:
    """Parse a magic's line; None when help was wanted and printed."""
    try:
        return parser.parse_args(shlex.split(line, posix=os.name == "posix"))
    except _HelpWanted:
        return None
    except ValueError as error:  # a quotation mark without its other half
        raise UsageError(f"{error}. {parser.prog} --help tells more.") from None


def mlart_parser() -> Parser:
    """``%mlart``."""
    parser = Parser(prog="%mlart", description="The artifacts of this notebook's MLflow run.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    status = commands.add_parser("status", help="what each cell kept, what waits, what failed (%%mlart alone does it)")
    status.add_argument("--cells", type=int, default=10, metavar="N", help="how many cells to tell of (10)")
    commands.add_parser("start", help="open a run").add_argument("name", nargs="?", help="default: the notebook's")
    commands.add_parser("end", help="end the active run")
    commands.add_parser("on", help="keep what cells show")
    commands.add_parser("off", help="stop keeping it")
    commands.add_parser("env", help="keep what is imported, with versions, the interpreter and the git state")
    commands.add_parser("notebook", help="say which file this notebook is").add_argument("path")
    _add_history(commands)
    restore = commands.add_parser("restore", help="show again what a cell has shown, when its output was lost")
    restore.add_argument("cell", nargs="?", type=number, metavar="CELL", help="its number, like 3 (lists them)")
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
    store = commands.add_parser("store", help="keep the artifacts of later runs at a URI (s3://, gs://, hdfs://, ...)")
    store.add_argument("uri", help="artifact location; it is tried by writing, reading and deleting a small file")
    store.add_argument("--experiment", help="name of the experiment (made from the URI)")
    parser.commands = tuple(commands.choices)
    return parser


def number(text: str) -> int:
    """Parse ``3``, or ``[3]`` as it stands beside the cell."""
    return int(text.strip("[]"))


def _add_history(commands: Any) -> None:
    checkout = commands.add_parser("checkout", help="bring a run's notebook back, beside this one")
    checkout.add_argument("of", metavar="RUN", help="id or name of a run")
    checkout.add_argument("path", nargs="?", help="notebook in the run (the newest)")
    checkout.add_argument("--to", type=Path, metavar="DIR", help="folder (where it was saved, else the current one)")
    diff = commands.add_parser("diff", help="what changed between two runs' notebooks, or since a run's")
    diff.add_argument("before", metavar="RUN", nargs="?", help="id or name of a run (the active one, else the last)")
    diff.add_argument("after", metavar="RUN|FILE", nargs="?", help="another run, or a notebook on disk (this one)")


def _reading(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--run", help="id or name of a run (the active one, else the last)")
    return parser


def log_parser() -> Parser:
    """``%log_artifact``."""
    parser = Parser(prog="%log_artifact", description="Keep files, folders or variables in the active run.")
    parser.add_argument("things", nargs="+", metavar="PATH|NAME", help="a file, a folder, a pattern or a variable")
    parser.add_argument("--to", metavar="DIR", help="folder in the run")
    parser.add_argument("--name", help="its name in the run; a suffix chooses the form (best.yaml)")
    return _giving(parser)


def cell_parser() -> Parser:
    """``%%log_artifact``."""
    parser = Parser(prog="%%log_artifact", description="Run the cell and keep all it makes in the active run.")
    parser.add_argument("dir", nargs="?", metavar="DIR", help="folder in the run (cells/cell-<number>)")
    parser.add_argument("--to", metavar="DIR", help="the same")
    parser.add_argument(
        "--files", action="append", metavar="PATTERN", help="of the files it writes keep only these; '' keeps none"
    )
    return _giving(parser)


def _giving(parser: Parser) -> Parser:
    parser.add_argument("--run", help="id or name of a run (the active one)")
    parser.add_argument(
        "--no-run",
        choices=("error", "start", "skip"),
        default="error",
        help="what to do when no run is active: say so (the default), open one, or keep nothing",
    )
    return parser
