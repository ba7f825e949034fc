"""``mlart ls`` and ``mlart get``: a run's artifacts from the shell."""

from __future__ import annotations

import argparse
from typing import Any

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.services import current


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    ls = commands.add_parser("ls", help="list a run's artifacts as a tree")
    ls.add_argument("path", nargs="?", default="", help="folder in the run")
    ls.set_defaults(run_command=list_artifacts)
    get = commands.add_parser("get", help="download artifacts or folders")
    get.add_argument("paths", nargs="+", metavar="path")
    get.add_argument("--to", default=".", help="local folder (the current one)")
    get.set_defaults(run_command=download)
    for command in (ls, get):
        command.add_argument("--run", help="id or name of a run, or runs:/ID (the newest of the last notebook)")


def list_artifacts(args: argparse.Namespace) -> int:
    """Print the tree."""
    artifacts = current().artifacts(args.run)
    print(heading(artifacts))
    print(artifacts.tree(args.path))
    return 0


def download(args: argparse.Namespace) -> int:
    """Download, and print where each thing is."""
    artifacts = current().artifacts(args.run)
    for path in args.paths:
        print(artifacts.download(path, args.to))
    return 0


def heading(artifacts: Artifacts) -> str:
    """Name a run in one line."""
    run = artifacts.run
    return f'run "{run.name}" {run.run_id} on {run.tracking_uri}'
