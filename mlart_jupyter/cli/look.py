"""``mlart ls``, ``get`` and ``store``: a run's artifacts from the shell, and where they are kept."""

from __future__ import annotations

import argparse
from typing import Any

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.services import current


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    ls = commands.add_parser("ls", help="list a run's artifacts as a tree")
    ls.add_argument("path", nargs="?", default="", help="folder in the run, or runs:/…, models:/…, mlflow-artifacts:/…")
    ls.set_defaults(run_command=list_artifacts)
    get = commands.add_parser("get", help="download artifacts or folders")
    get.add_argument("paths", nargs="+", metavar="path")
    get.add_argument("--to", default=".", help="local folder (the current one)")
    get.set_defaults(run_command=download)
    store = commands.add_parser("store", help="keep the artifacts of later runs at a URI (s3://, gs://, hdfs://, …)")
    store.add_argument("uri", help="artifact location; it is tried by writing, reading and deleting a small file")
    store.add_argument("--experiment", help="name of the experiment (made from the URI)")
    store.set_defaults(run_command=use_location)
    for command in (ls, get):
        command.add_argument("--run", help="id or name of a run, or runs:/ID (the newest of the last notebook)")


def list_artifacts(args: argparse.Namespace) -> int:
    """Print the tree."""
    artifacts, path = current().reading(args.path, args.run)
    print(heading(artifacts))
    print(artifacts.tree(path))
    return 0


def download(args: argparse.Namespace) -> int:
    """Download, and print where each thing is."""
    for wanted in args.paths:
        artifacts, path = current().reading(wanted, args.run)
        print(artifacts.download(path, args.to))
    return 0


def use_location(args: argparse.Namespace) -> int:
    """Try a location, make its experiment, and say how later runs get there."""
    chosen = current().use_location(args.uri, args.experiment)
    print(chosen.words)
    print(f"in another process: MLFLOW_EXPERIMENT_NAME={chosen.experiment}")
    return 0


def heading(artifacts: Artifacts) -> str:
    """Name a run in one line."""
    run = artifacts.run
    return f'run "{run.name}" {run.run_id} on {run.tracking_uri}'
