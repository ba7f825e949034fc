"""``mlart checkout`` and ``mlart diff``: a run's notebook back beside the current one, and what changed since."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mlart_jupyter.history import changes_between, checkout
from mlart_jupyter.services import current


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    out = commands.add_parser("checkout", help="bring a run's notebook back, beside the current one")
    out.add_argument("run", help="id or name of the run")
    out.add_argument("path", nargs="?", help="notebook in the run (the newest)")
    out.add_argument("--to", type=Path, help="local folder (where the notebook was, else the current one)")
    out.set_defaults(run_command=check_out)
    diff = commands.add_parser("diff", help="what changed between the notebooks of two runs")
    diff.add_argument("before", metavar="RUN", help="id or name of a run")
    diff.add_argument("after", metavar="RUN|FILE", help="another run, or a notebook on disk")
    diff.set_defaults(run_command=show_changes)


def check_out(args: argparse.Namespace) -> int:
    """Write the notebook and print where it is."""
    print(checkout(current().artifacts(args.run), args.path, args.to))
    return 0


def show_changes(args: argparse.Namespace) -> int:
    """Print the changes."""
    file = Path(args.after)
    after = file if file.suffix == ".ipynb" and file.is_file() else current().artifacts(args.after)
    print(changes_between(current().artifacts(args.before), after), end="")
    return 0
