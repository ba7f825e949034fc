"""``mlart doctor``: the environment, an audit of the spool, and what to do."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlart_jupyter.cli.deliver import status_lines
from mlart_jupyter.config import Mlart
from mlart_jupyter.services import current

PACKAGES = ("mlart-jupyter", "mlflow", "ipython", "ipykernel", "jupyterlab", "matplotlib", "pandas", "pyarrow")


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    doctor = commands.add_parser("doctor", help="check the environment and the spool")
    doctor.set_defaults(run_command=examine)


def examine(args: argparse.Namespace) -> int:
    """Print the report; exit code 1 when something needs mending."""
    services = current()
    print(f"Python {platform.python_version()} at {sys.executable}")
    print(" · ".join(f"{name} {_version(name)}" for name in PACKAGES))
    print(f"tracking {os.environ.get('MLFLOW_TRACKING_URI') or f'{services.config.embedded_uri} (embedded)'}")
    print("\n".join(status_lines(services)))
    problems = [*_unwritable(services.config), *(f"{f.path} {f.problem}" for f in services.spool.check())]
    problems += [f"{len(services.spool.dead())} items can never be delivered, see above"] * bool(services.spool.dead())
    print("\n".join(f"✗ {problem}" for problem in problems) or "✓ nothing to mend")
    if services.spool.check():
        print("  Damaged items hold nothing that can be delivered: run their cells again, then delete the files.")
    if services.spool.dead():
        print(
            f"  `mlart flush --dead` tries again; they are kept for {services.config.dead_days:.0f} days (dead_days)."
        )
    return 1 if problems else 0


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _unwritable(config: Mlart) -> Iterator[str]:
    try:
        config.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        yield f"{config.data} cannot be made ({error.strerror}): point MLART_DATA to another folder"
    else:
        if not os.access(config.data, os.W_OK):
            yield f"{config.data} cannot be written: point MLART_DATA to another folder"
