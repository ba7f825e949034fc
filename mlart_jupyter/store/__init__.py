"""One run's artifacts, and the runs themselves, as MLflow keeps them."""

from mlart_jupyter.store.base import Page, Store
from mlart_jupyter.store.catalogue import Catalogue, read_catalogue, segment
from mlart_jupyter.store.copying import walk
from mlart_jupyter.store.editions import Editions
from mlart_jupyter.store.local import LocalStore, local_folder
from mlart_jupyter.store.memory import MemoryStore
from mlart_jupyter.store.models import WithModels
from mlart_jupyter.store.run import RunStore
from mlart_jupyter.store.sending import sending_store

__all__ = [
    "Catalogue",
    "Editions",
    "LocalStore",
    "MemoryStore",
    "Page",
    "RunStore",
    "Store",
    "WithModels",
    "local_folder",
    "read_catalogue",
    "segment",
    "sending_store",
    "walk",
]
