"""``mlart flush`` and ``mlart status``: what waits in the spool, and its delivery."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

from mlart_jupyter.browser import readable_size
from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.services import Services, current, open_store
from mlart_jupyter.spool import Spool
from mlart_jupyter.uploads import Courier, Orphans, adopt, sort_orphans


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    flush = commands.add_parser("flush", help="deliver what dead kernels left in the spool")
    flush.set_defaults(run_command=flush_spool)
    status = commands.add_parser("status", help="what waits in the spool, and what failed")
    status.set_defaults(run_command=show_status)


def flush_spool(args: argparse.Namespace) -> int:
    """Deliver what dead owners left; exit code 1 when something could not be delivered."""
    services = current()
    services.spool.sweep()
    orphans = sort_orphans(services.spool, sys.executable)
    failed = _deliver_here(services, orphans) + _deliver_elsewhere(orphans.elsewhere)
    services.spool.close()
    services.outgoing.close()
    if orphans.foreign:
        print(f"{orphans.foreign} items can only be delivered on the host that made them")
    waiting = len(services.spool.waiting())
    print(f"{waiting} items wait" + (" for the kernels that hold them" if waiting and not failed else ""))
    return 1 if failed else 0


def _deliver_here(services: Services, orphans: Orphans) -> int:
    """Deliver in this process; return how many stayed."""
    courier, total = Courier(services.spool, open_store), len(orphans.here)
    courier.check = services.outgoing
    done = 0
    try:
        for done, _ in enumerate(adopt(services.spool, courier, orphans.here), 1):
            print(f"\rdelivering {done} of {total}", end="", flush=True)
    except StoreUnavailable as error:
        print(f"\nmlart: {error}", file=sys.stderr)
    if total:
        print(f"\n{courier.kept} delivered")
    return total - done


def _deliver_elsewhere(interpreters: Iterable[str]) -> int:
    """Let each item's own interpreter deliver it: it has the packages and the MLflow that made it."""
    failed = 0
    for python in interpreters:
        print(f"with {python}:")
        failed += subprocess.run([python, "-m", "mlart_jupyter", "flush"], check=False).returncode != 0
    return failed


def show_status(args: argparse.Namespace) -> int:
    """Print the spool's state."""
    spool = current().spool
    for line in status_lines(spool):
        print(line)
    return 0


def status_lines(spool: Spool) -> list[str]:
    """The spool's state in words."""
    names, orphans, dead = spool.waiting(), spool.orphans(), spool.dead()
    size = readable_size(sum(name.length for name in names))
    lines = [f"spool {spool.root}", f"waiting {len(names)} ({size}) · failed {len(dead)}"]
    if names:
        lines.append(f"oldest  {time.time() - names[0].made / 1e9:.0f} s")
    if orphans:
        lines.append(f"{len(orphans)} were left by kernels that have died: `mlart flush` delivers them")
    return lines + [f"failed  {name}: {reason}" for name, reason in dead]
