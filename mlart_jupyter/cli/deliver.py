"""``mlart flush`` and ``mlart status``: what waits in the spool, and its delivery."""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.progress import Bar, followed
from mlart_jupyter.services import Services, current
from mlart_jupyter.sizes import readable_size
from mlart_jupyter.spool import Spool, sweep_sessions, write_trouble
from mlart_jupyter.spool.owner import HEARTBEAT_SECONDS
from mlart_jupyter.state import state_of
from mlart_jupyter.uploads import Courier, Orphans, adopt, sort_orphans


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    flush = commands.add_parser("flush", help="deliver what dead kernels left in the spool")
    flush.add_argument("--dead", action="store_true", help="try once more what could not be delivered")
    flush.add_argument("--here", action="store_true", help="only what this very interpreter has to deliver")
    flush.set_defaults(run_command=flush_spool)
    status = commands.add_parser("status", help="what waits in the spool, and what failed")
    status.set_defaults(run_command=show_status)


def flush_spool(args: argparse.Namespace) -> int:
    """Deliver what dead owners left; exit code 1 when something could not be delivered."""
    services = current()
    _tidy(services)
    if args.dead:
        revived = sum(services.spool.revive(name) for name, _ in services.spool.dead())
        print(f"{revived} items that had failed wait again")
    orphans = sort_orphans(services.spool, sys.executable)
    with _beating(services.spool):
        failed = _deliver_here(services, orphans)
        failed += 0 if args.here else _deliver_elsewhere(orphans.elsewhere)
    services.spool.close()
    services.outgoing.close()
    if orphans.foreign:
        print(f"{orphans.foreign} items can only be delivered on the host that made them")
    waiting = len(services.spool.waiting())
    print(f"{waiting} items wait" + (" for the kernels that hold them" if waiting and not failed else ""))
    return 1 if failed else 0


def _tidy(services: Services) -> None:
    services.spool.sweep(services.config.dead_days)
    sweep_sessions(services.config.spool / "sessions", services.spool.lives)


@contextmanager
def _beating(spool: Spool) -> Iterator[None]:
    """Renew the lease meanwhile: on another host a large file must not look like a dead process."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            try:
                spool.heartbeat()
            except OSError:  # a full disk: the next beat may succeed
                continue

    threading.Thread(target=beat, name="mlart-heartbeat", daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _deliver_here(services: Services, orphans: Orphans) -> int:
    """Deliver in this process; return how many stayed."""
    courier, total = Courier(services.spool, services.opener.for_delivery), len(orphans.here)
    courier.check = services.outgoing
    arrived: list[int] = []
    trouble = None
    try:
        with _shown(orphans, lambda: sum(arrived) + courier.sent):
            arrived += (claim.name.length for claim in adopt(services.spool, courier, orphans.here))
    except StoreUnavailable as error:
        trouble = f"{error}{_lacking(orphans)}"
        print(f"mlart: {trouble}", file=sys.stderr)
    if total:
        print(f"{courier.kept} delivered")
        write_trouble(services.config.spool, trouble)
    return total - len(arrived)


@contextmanager
def _shown(orphans: Orphans, arrived: Callable[[], int]) -> Iterator[None]:
    """A bar of the bytes that have arrived, for a delivery that takes a while."""
    with Bar(sum(name.length for name, _ in orphans.here), "delivering") as bar, followed(bar, arrived):
        yield


def _lacking(orphans: Orphans) -> str:
    """Which variables with credentials the kernels had, and this process has not."""
    names = ", ".join(sorted(orphans.lacking))
    return f" The kernel that left them had {names}; here it is not set." if names else ""


def _deliver_elsewhere(interpreters: Iterable[str]) -> int:
    """Let each item's own interpreter deliver it: it has the packages and the MLflow that made it."""
    failed = 0
    for python in interpreters:
        print(f"with {python}:", flush=True)
        failed += subprocess.run([python, "-m", "mlart_jupyter", "flush", "--here"], check=False).returncode != 0
    return failed


def show_status(args: argparse.Namespace) -> int:
    """Print the spool's state."""
    for line in status_lines(current()):
        print(line)
    return 0


def status_lines(services: Services) -> list[str]:
    """The spool's state in words."""
    state, spool = state_of(services), services.spool
    size = readable_size(state.size)
    lines = [
        f"spool {spool.root}",
        f"waiting {state.waiting} · in flight {state.in_flight} ({size}) · kept {state.kept} · failed {state.dead}",
    ]
    if state.oldest_seconds is not None:
        lines.append(f"oldest  {state.oldest_seconds:.0f} s")
    if state.last_error:
        lines.append(f"error   {state.last_error}")
    lines += [f"note    {words}" for words in state.notes]
    return lines + [f"failed  {name}: {reason}" for name, reason in spool.dead()]
