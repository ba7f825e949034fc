"""From the spool to the store: the one place where both meet."""

from mlart_jupyter.uploads.breaker import Breaker, Breakers, delay, host_of
from mlart_jupyter.uploads.courier import Courier, OpenStore
from mlart_jupyter.uploads.orphans import Orphans, adopt, parcel_at, sort_orphans
from mlart_jupyter.uploads.pace import BATCH
from mlart_jupyter.uploads.worker import Uploader

__all__ = [
    "BATCH",
    "Breaker",
    "Breakers",
    "Courier",
    "OpenStore",
    "Orphans",
    "Uploader",
    "adopt",
    "delay",
    "host_of",
    "parcel_at",
    "sort_orphans",
]
