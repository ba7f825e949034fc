"""The ``mlart`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mlart_jupyter.cli import checkout, deliver, demo, doctor, look, run
from mlart_jupyter.environment import own_version
from mlart_jupyter.errors import MlartError


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    top = argparse.ArgumentParser(prog="mlart", description="MLflow artifacts of Jupyter notebooks.")
    top.add_argument("--version", action="version", version=own_version())
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (demo, run, look, checkout, deliver, doctor):
        module.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; an error of ours is one line and exit code 1."""
    args = parser().parse_args(arguments)
    try:
        return int(args.run_command(args))
    except MlartError as error:
        print(f"mlart: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mlart: stopped; what was not delivered stays in the spool", file=sys.stderr)
        return 130
