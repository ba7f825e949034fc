"""One run's artifacts, and the runs themselves, as MLflow keeps them.

Lazy (PEP 562): who asks for the active run needs no store.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlart_jupyter.store.base import Page, Store
    from mlart_jupyter.store.binding import Binder
    from mlart_jupyter.store.catalogue import Catalogue, gone, read_catalogue, segment
    from mlart_jupyter.store.copying import walk
    from mlart_jupyter.store.editions import Editions
    from mlart_jupyter.store.local import LocalStore, disk_of, local_folder
    from mlart_jupyter.store.memory import MemoryStore
    from mlart_jupyter.store.models import WithModels
    from mlart_jupyter.store.run import RunStore
    from mlart_jupyter.store.sending import sending_store

__all__ = [
    "Binder",
    "Catalogue",
    "Editions",
    "LocalStore",
    "MemoryStore",
    "Page",
    "RunStore",
    "Store",
    "WithModels",
    "disk_of",
    "gone",
    "local_folder",
    "read_catalogue",
    "segment",
    "sending_store",
    "walk",
]

_MODULES = {
    "base": ("Page", "Store"),
    "binding": ("Binder",),
    "catalogue": ("Catalogue", "gone", "read_catalogue", "segment"),
    "copying": ("walk",),
    "editions": ("Editions",),
    "local": ("LocalStore", "disk_of", "local_folder"),
    "memory": ("MemoryStore",),
    "models": ("WithModels",),
    "run": ("RunStore",),
    "sending": ("sending_store",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
