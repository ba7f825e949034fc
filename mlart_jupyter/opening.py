"""Opens what tracking stores name: a run to read or to deliver to, a model; never a place that is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import (
    LocalStore,
    RunStore,
    Store,
    WithModels,
    alive,
    local_folder,
    registry,
    sending_store,
    tracking,
)
from mlart_jupyter.store.trust import check
from mlart_jupyter.uris import is_masked


class Opener:
    """Opens stores.

    Parameters
    ----------
    allowed
        Gives the locations that a tracking store may name, as they are set now.
    """

    def __init__(self, allowed: Callable[[], list[str]]) -> None:
        self._allowed = allowed

    def place(self, uri: str, tracking_uri: str) -> LocalStore | RunStore:
        """Open what is at an artifact URI that a tracking store has named.

        Raises
        ------
        StoreRefused
            The settings do not allow the place.
        """
        check(uri, tracking_uri, self._allowed())
        folder = local_folder(uri)
        return LocalStore(folder) if folder else RunStore(uri, tracking_uri)

    def store(self, run: RunRef) -> Store:
        """Open a run's artifacts and models, asking the tracking store where they are if that is not known.

        Raises
        ------
        StoreRefused, UnknownRun, StoreUnavailable
        """
        complete = tracking.complete(run)
        store = self.place(complete.artifact_uri or "", complete.tracking_uri)
        return WithModels(store, partial(self.models, run))

    def models(self, run: RunRef) -> dict[str, Store]:
        """The models that a run has logged, each with the store of its files."""
        folder = local_folder(run.artifact_uri or "")
        if folder and folder.name == "artifacts" and not (folder.parents[1] / "models").is_dir():
            return {}  # MLflow would keep them there; importing it to learn that there are none takes seconds
        return {m.name: self.place(m.location, run.tracking_uri) for m in registry.logged_models(run)}

    def for_delivery(self, run: RunRef) -> LocalStore | RunStore:
        """Open a run's artifacts to deliver to them, once per run and session: the worker asks, never a cell.

        Raises
        ------
        StoreRefused
            The run was deleted, or the tracking store names a place that the settings do not allow.
        StoreUnavailable
            Only the tracking store knows where the run keeps its artifacts, and it does not answer.
        """
        answered = alive.check_alive(run)
        if not answered and (not run.artifact_uri or is_masked(run.artifact_uri)):  # MLflow would ask for minutes
            problem = f"The tracking store {run.tracking_uri} does not answer"
            raise StoreUnavailable.of_host(problem, "It is tried again by itself")
        complete = tracking.complete(run)
        uri = complete.artifact_uri or ""
        check(uri, complete.tracking_uri, self._allowed())
        folder = local_folder(uri)
        return LocalStore(folder) if folder else sending_store(uri, complete.tracking_uri)
