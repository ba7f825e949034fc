"""MLflow's runs: which one is active, starting, ending, finding.

One of the two modules that import MLflow, inside functions only. `active`, `ended` and `main_active`
answer from memory and import nothing: a cell's hook may call them.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlart_jupyter.errors import MlartError, NoRun, StoreRefused, StoreUnavailable, UnknownRun
from mlart_jupyter.models import RunRef
from mlart_jupyter.store.wanted import Wanted
from mlart_jupyter.uris import MANAGED, is_masked, masked, without_credentials

"""Tracking URIs that are names, not folders."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as a list of runs shows it; `started` is seconds since the epoch."""

    ref: RunRef
    status: str
    experiment: str
    started: float | None


def _fluent() -> Any | None:
    """MLflow's fluent module if the user has loaded it; during its own import it may be half there."""
    fluent = sys.modules.get("mlflow.tracking.fluent")
    return fluent if hasattr(fluent, "active_run") else None


def is_loaded() -> bool:
    """Whether this process has MLflow; while it is being imported it has not."""
    return _fluent() is not None


def active() -> RunRef | None:
    """The active run of this thread (250 ns, no input or output)."""
    fluent = _fluent()
    run = fluent.active_run() if fluent else None
    return _ref(run) if run else None


def active_id() -> str | None:
    """Id of the run that is active in this thread, else in the main one."""
    fluent = _fluent()
    run = fluent.active_run() if fluent else None
    if run is None and threading.current_thread() is not threading.main_thread():
        run = _main_run()
    return run.info.run_id if run else None


def main_active() -> RunRef | None:
    """The active run of the main thread, asked from another one."""
    run = _main_run()
    return _ref(run) if run else None


def _main_run() -> Any | None:
    stack: Any = getattr(_fluent(), "_active_run_stack", None)
    if not hasattr(stack, "get_all_thread_values"):
        return None
    runs = stack.get_all_thread_values().get(threading.main_thread().ident) or []
    return runs[-1] if runs else None


def last_id() -> str | None:
    """Id of the run that ended last in this thread; MLflow never resets it.

    Every end sets another `str` object, so that ``is`` tells the second end of a resumed run.
    """
    last: Any = getattr(_fluent(), "_last_active_run_id", None)
    run_id: str | None = last.get() if hasattr(last, "get") else None
    return run_id


def _ref(run: Any) -> RunRef:
    info = run.info
    name = getattr(info, "run_name", None)
    return RunRef(info.run_id, tracking_uri(), _place(info.artifact_uri), info.experiment_id, name)


def _place(artifact_uri: str | None) -> str | None:
    """An artifact URI as it may be written down."""
    uri = _absolute(artifact_uri)
    return masked(uri) if uri else uri


def tracking_uri() -> str:
    """The current tracking URI: absolute, without user name and password."""
    from mlflow.tracking import get_tracking_uri

    return without_credentials(_absolute(get_tracking_uri()) or "")


def _absolute(uri: str | None) -> str | None:
    """MLflow takes a relative path from the folder that is current at each call; pin it now."""
    if uri and uri.startswith("sqlite:///") and not uri.startswith("sqlite:////"):
        return f"sqlite:///{os.path.abspath(uri.removeprefix('sqlite:///'))}"
    return os.path.abspath(uri) if uri and ":" not in uri and uri not in MANAGED else uri


def _with_credentials(uri: str) -> str:
    """Give a URI the credentials that this process is configured with."""
    from mlflow.tracking import get_tracking_uri

    own = get_tracking_uri()
    return own if without_credentials(own) == uri else uri


def is_configured() -> bool:
    """Whether the user has chosen a tracking store, by environment or by code."""
    utils = sys.modules.get("mlflow.tracking._tracking_service.utils")
    if utils is not None:
        return bool(utils.is_tracking_uri_set())
    return bool(os.environ.get("MLFLOW_TRACKING_URI"))


# -- calls that reach the store -------------------------------------------------------------------


def start(name: str | None, embedded_uri: str, embedded_artifacts: str, experiment: str) -> RunRef:
    """Start a run, on the embedded store where nothing else is configured.

    Raises
    ------
    StoreUnavailable
        The tracking store does not answer, or another version of MLflow made it.
    """
    import mlflow

    try:
        if not is_configured():
            mlflow.set_tracking_uri(embedded_uri)
        if without_credentials(mlflow.get_tracking_uri()) == embedded_uri and not _has_experiment():
            _select(experiment, f"{embedded_artifacts}/{experiment}")
        return _ref(mlflow.start_run(run_name=name))
    except Exception as error:  # MLflow raises errors of SQLAlchemy, requests and its own here
        raise _told(error) from error


def _has_experiment() -> bool:
    fluent = _fluent()
    chosen = getattr(fluent, "_active_experiment_id", None)
    return bool(chosen or os.environ.get("MLFLOW_EXPERIMENT_NAME") or os.environ.get("MLFLOW_EXPERIMENT_ID"))


def _select(experiment: str, location: str) -> None:
    import mlflow

    if mlflow.get_experiment_by_name(experiment) is None:
        mlflow.create_experiment(experiment, artifact_location=location)
    mlflow.set_experiment(experiment)


def choose(location: str, experiment: str, embedded_uri: str) -> bool:
    """Select an experiment that keeps its artifacts at a location; return whether it had to be created.

    Raises
    ------
    StoreRefused
        There is one of this name whose artifacts are elsewhere: MLflow never moves them.
    StoreUnavailable
        As for `start`.
    """
    import mlflow

    try:
        if not is_configured():
            mlflow.set_tracking_uri(embedded_uri)
        known = mlflow.get_experiment_by_name(experiment)
        if known is None:
            mlflow.create_experiment(experiment, artifact_location=location)
        elif str(known.artifact_location).rstrip("/") != location:
            raise StoreRefused(
                f'The experiment "{experiment}" keeps its artifacts at {known.artifact_location}',
                "Name another one with --experiment",
            )
        mlflow.set_experiment(experiment)
        return known is None
    except Exception as error:  # as in `start`
        raise _told(error) from error


def end(status: str = "FINISHED") -> RunRef:
    """End the active run and return it.

    Raises
    ------
    NoRun
        None is active.
    """
    import mlflow

    ref = active()
    if ref is None:
        raise NoRun
    try:
        mlflow.end_run(status)
    except Exception as error:  # as in `start`
        raise _told(error) from error
    return ref


def find(run: str, uri: str | None = None) -> RunSummary:
    """Find a run by its id or, among the newest, by its name.

    Raises
    ------
    UnknownRun
        There is none.
    """
    client = client_of(uri)
    try:
        return _summary(client.get_run(run), client)
    except Exception as error:  # as in `start`
        if getattr(error, "error_code", "") not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise _told(error) from error
    quote = '"' if "'" in run else "'"
    found = recent(uri, search=f"attributes.run_name = {quote}{run.replace(quote, '')}{quote}", limit=1)
    if not found:
        raise UnknownRun(f"The tracking store has no run {run}", "Give its id, or its name as MLflow shows it")
    return found[0]


def recent(uri: str | None = None, *, search: str = "", limit: int = 50) -> list[RunSummary]:
    """The newest runs of all experiments, newest first."""
    client = client_of(uri)
    try:
        experiments = [e.experiment_id for e in client.search_experiments()]
        runs = client.search_runs(experiments, search, max_results=limit, order_by=["attributes.start_time DESC"])
    except Exception as error:  # as in `start`
        raise _told(error) from error
    return [_summary(run, client) for run in runs]


def page(uri: str, wanted: Wanted, cursor: str | None = None, limit: int = 50) -> tuple[list[RunSummary], str | None]:
    """A page of a store's runs, newest first.

    Returns
    -------
    tuple
        The runs, and the cursor of the next page or None.

    Raises
    ------
    StoreUnavailable
    """
    client = client_of(uri)
    if wanted.is_id:
        return [find(wanted.search, uri)], None
    try:
        among = [wanted.experiment] if wanted.experiment else [e.experiment_id for e in client.search_experiments()]
        order = ["attributes.start_time DESC"]
        runs = client.search_runs(among, wanted.filter, max_results=limit, order_by=order, page_token=cursor)
    except Exception as error:  # as in `start`
        raise _told(error) from error
    return [_summary(run, client) for run in runs], runs.token or None


def experiments(uri: str, limit: int = 200) -> list[tuple[str, str]]:
    """Id and name of a store's experiments, the one changed last first.

    Raises
    ------
    StoreUnavailable
    """
    client = client_of(uri)
    try:
        found = client.search_experiments(max_results=limit, order_by=["last_update_time DESC"])
    except Exception as error:  # as in `start`
        raise _told(error) from error
    return [(each.experiment_id, each.name) for each in found]


def tag(ref: RunRef, choose: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Set tags of a run: `choose` makes them from those that it has.

    Raises
    ------
    StoreUnavailable
    """
    client = client_of(ref.tracking_uri)
    try:
        for name, value in choose(dict(client.get_run(ref.run_id).data.tags)).items():
            client.set_tag(ref.run_id, name, value)
    except Exception as error:  # as in `start`
        raise _told(error) from error


_importing = threading.Lock()


def warm_up() -> None:
    """Import MLflow, one thread at a time: two that begin with different parts of it break each other."""
    with _importing:
        import mlflow.tracking.client  # noqa: F401


def complete(ref: RunRef) -> RunRef:
    """Fill in where a run keeps its artifacts, secrets included; asks the tracking store if it is not known.

    What it returns is for opening a store, never to be written down.
    """
    if ref.artifact_uri and not is_masked(ref.artifact_uri):
        return ref
    try:
        info = client_of(ref.tracking_uri).get_run(ref.run_id).info
    except Exception as error:  # as in `start`
        if getattr(error, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
            raise _told(error) from error
        raise UnknownRun(f"The tracking store has no run {ref.run_id}", "It was deleted") from error
    name = ref.name or getattr(info, "run_name", None)
    return RunRef(ref.run_id, ref.tracking_uri, _absolute(info.artifact_uri), info.experiment_id, name)


def client_of(uri: str | None) -> Any:
    """MLflow's client of a tracking store, with the credentials of this process."""
    warm_up()
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=_with_credentials(uri) if uri else None)


def _summary(run: Any, client: Any) -> RunSummary:
    info = run.info
    uri = without_credentials(_absolute(client.tracking_uri) or "")
    name = getattr(info, "run_name", None)
    ref = RunRef(info.run_id, uri, _place(info.artifact_uri), info.experiment_id, name)
    started = info.start_time / 1000 if info.start_time else None
    return RunSummary(ref, info.status, _experiment(client, info.experiment_id), started)


_experiments: dict[tuple[str, str], str] = {}


def _experiment(client: Any, experiment_id: str) -> str:
    """An experiment's name, asked for once."""
    key = str(client.tracking_uri), experiment_id
    if key not in _experiments:
        _experiments[key] = client.get_experiment(experiment_id).name
    return _experiments[key]


def _told(error: Exception) -> MlartError:
    words = masked(str(error).strip().partition("\n")[0])
    if isinstance(error, MlartError):
        return error
    if "out-of-date database schema" in words or "Can't locate revision" in words:
        return StoreUnavailable(
            "Another version of MLflow made this tracking database",
            "Use that version, or upgrade the database with `mlflow db upgrade URI` (make a copy first)",
        )
    if "MLFLOW_ALLOWED_HOST_ADDRESSED" in str(error):
        return StoreRefused(
            "The tracking server does not let clients name such a location",
            "Set MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES where the server runs",
        )
    return StoreUnavailable(f"The tracking store does not answer: {words}", "Check MLFLOW_TRACKING_URI and the server")
