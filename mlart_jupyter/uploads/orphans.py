"""What dead owners have left: who may deliver it, and its delivery."""

from __future__ import annotations

import os
import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import Parcel, unpack
from mlart_jupyter.spool import Claim, Name, Spool
from mlart_jupyter.uploads.courier import UNREADABLE, Courier

BATCH = 100
Found = tuple[Name, Path]


@dataclass(frozen=True, slots=True)
class Orphans:
    """What dead owners have left, as `mlart flush` found it.

    Attributes
    ----------
    here
        To be delivered by this interpreter.
    elsewhere
        Interpreter → number of items that it must deliver.
    foreign
        Number of items that only the host they were made on can deliver.
    lacking
        Environment variable with credentials → number of items whose kernel had it, and this process has not.
    """

    here: list[Found]
    elsewhere: dict[str, int]
    foreign: int
    lacking: dict[str, int] = field(default_factory=dict)


def sort_orphans(spool: Spool, python: str) -> Orphans:
    """Tell which orphans this interpreter may deliver; one whose interpreter is gone counts as its own."""
    here: list[Found] = []
    elsewhere: defaultdict[str, int] = defaultdict(int)
    lacking: defaultdict[str, int] = defaultdict(int)
    foreign = 0
    for name, path in spool.orphans():
        parcel = parcel_at(spool, path)
        if parcel and _is_bound(parcel.run) and parcel.host != socket.gethostname():
            foreign += 1
            continue
        if parcel and parcel.python != python and Path(parcel.python).exists():
            elsewhere[parcel.python] += 1
        else:
            here.append((name, path))
        for variable in parcel.needs if parcel else ():
            lacking[variable] += variable not in os.environ
    missing = {variable: number for variable, number in lacking.items() if number}
    return Orphans(here, dict(elsewhere), foreign, missing)


def parcel_at(spool: Spool, path: Path) -> Parcel | None:
    """What an item's header says; None when it cannot be read."""
    try:
        return unpack(spool.header(path))
    except (OSError, *UNREADABLE):
        return None


def _is_bound(run: RunRef) -> bool:
    """Whether only the host that made an item can reach its stores."""
    uris = [urlsplit(uri) for uri in (run.tracking_uri, run.artifact_uri) if uri]
    return any(u.scheme in ("file", "sqlite", "") or u.hostname in ("localhost", "127.0.0.1", "::1") for u in uris)


def adopt(spool: Spool, courier: Courier, orphans: Iterable[Found]) -> Iterator[Claim]:
    """Deliver what dead owners left, run by run and oldest first, yielding each as it arrives.

    Raises
    ------
    StoreUnavailable
        A run's store has failed; the other runs have been tried all the same, the rest stays in the spool.
    """
    trouble: StoreUnavailable | None = None
    for found in _by_run(spool, orphans):
        try:
            yield from _adopt(spool, courier, iter(found))
        except StoreUnavailable as error:
            trouble = trouble or error
    if trouble:
        raise trouble


def _by_run(spool: Spool, orphans: Iterable[Found]) -> Iterable[list[Found]]:
    """Orphans of one run together; those that cannot be read, to be buried, are a run of their own."""
    groups: defaultdict[str, list[Found]] = defaultdict(list)
    for name, path in orphans:
        parcel = parcel_at(spool, path)
        groups[parcel.run.run_id if parcel else ""].append((name, path))
    return groups.values()


def _adopt(spool: Spool, courier: Courier, orphans: Iterator[Found]) -> Iterator[Claim]:
    while found := list(islice(orphans, BATCH)):
        spool.heartbeat()
        claims = [claim for name, path in found if (claim := spool.claim(name, path))]
        buried = {name for name, _ in spool.dead()}
        try:
            courier.deliver(claims)
        finally:
            arrived = [claim for claim in claims if not claim.path.exists()]
        gone = {name for name, _ in spool.dead()} - buried
        yield from (claim for claim in arrived if claim.name not in gone)
