"""MLflow's runs, on a real store: what is active, what starts and ends, what is found."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.errors import NoRun, StoreUnavailable, UnknownRun
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import tracking

EXPERIMENT = "notebook"


@pytest.fixture
def uri(home: Path) -> str:
    return f"sqlite:///{home / 'mlflow.db'}"


@pytest.fixture
def start(mlflow: Any, home: Path, uri: str) -> Callable[..., RunRef]:
    """Start a run on the embedded store."""

    def start(name: str | None = None) -> RunRef:
        return tracking.start(name, uri, (home / "artifacts").as_uri(), EXPERIMENT)

    return start


def in_thread(call: Callable[[], Any]) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]


# -- from memory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["active", "main_active", "last_id", "is_configured"])
def test_asking_what_is_active_imports_no_mlflow(call: str) -> None:
    code = (
        f"import sys; from mlart_jupyter.store import tracking; answer = tracking.{call}()\n"
        "print(answer or None, [name for name in sys.modules if name.partition('.')[0] == 'mlflow'])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "None []"


def test_without_a_run_none_is_active(mlflow: Any) -> None:
    assert (tracking.active(), tracking.main_active()) == (None, None)


def test_the_active_run_is_the_one_started(start: Callable[..., RunRef]) -> None:
    ref = start("one")
    assert tracking.active() == ref


def test_the_innermost_run_is_active(start: Callable[..., RunRef], mlflow: Any) -> None:
    start("outer")
    with mlflow.start_run(nested=True, run_name="inner"):
        assert tracking.active().name == "inner"  # type: ignore[union-attr]
    assert tracking.active().name == "outer"  # type: ignore[union-attr]


def test_another_thread_has_no_run_of_its_own(start: Callable[..., RunRef]) -> None:
    start("one")
    assert in_thread(tracking.active) is None


def test_another_thread_can_ask_for_the_main_threads_run(start: Callable[..., RunRef]) -> None:
    ref = start("one")
    assert in_thread(tracking.main_active) == ref


def test_another_threads_run_is_not_the_main_ones(start: Callable[..., RunRef], mlflow: Any) -> None:
    start("one")
    tracking.end()

    def other() -> Any:
        with mlflow.start_run(run_name="thread"):
            return tracking.active(), tracking.main_active()

    of_thread, of_main = in_thread(other)
    assert (of_thread.name, of_main) == ("thread", None)


def test_the_last_run_is_remembered_after_its_end(start: Callable[..., RunRef]) -> None:
    ref = start("one")
    tracking.end()
    assert (tracking.active(), tracking.last_id()) == (None, ref.run_id)


# -- starting and ending --------------------------------------------------------------------------


def test_a_run_starts_on_the_embedded_store_when_nothing_is_configured(
    start: Callable[..., RunRef], uri: str, home: Path
) -> None:
    ref = start("one")
    where = f"{(home / 'artifacts').as_uri()}/{EXPERIMENT}/{ref.run_id}/artifacts"
    assert (ref.tracking_uri, ref.artifact_uri, ref.name) == (uri, where, "one")


def test_runs_of_the_embedded_store_share_one_experiment(start: Callable[..., RunRef]) -> None:
    first = start("one")
    tracking.end()
    assert start("two").experiment_id == first.experiment_id


def test_a_run_without_a_name_gets_one(start: Callable[..., RunRef]) -> None:
    assert start().name


def test_an_experiment_that_the_user_chose_is_kept(start: Callable[..., RunRef], mlflow: Any, uri: str) -> None:
    mlflow.set_tracking_uri(uri)
    own = mlflow.set_experiment("of my own")
    assert start("one").experiment_id == own.experiment_id


def test_an_experiment_named_by_the_environment_is_kept(
    start: Callable[..., RunRef], mlflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "of the environment")
    ref = start("one")
    assert mlflow.get_experiment(ref.experiment_id).name == "of the environment"


def test_a_configured_store_is_used_instead_of_the_embedded_one(
    start: Callable[..., RunRef], uri: str, mlflow: Any, home: Path
) -> None:
    mlflow.set_tracking_uri(uri)
    ref = tracking.start("one", "sqlite:////nowhere/mlflow.db", "file:///nowhere", EXPERIMENT)
    assert ref.tracking_uri == uri


def test_a_run_that_cannot_start_says_why(mlflow: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("no database at all, but text that is long enough to be told from one")
    with pytest.raises(StoreUnavailable):
        tracking.start(None, f"sqlite:///{blocked}", tmp_path.as_uri(), EXPERIMENT)


def test_a_second_run_in_a_row_is_refused_in_words(start: Callable[..., RunRef]) -> None:
    start("one")
    with pytest.raises(StoreUnavailable, match="already active"):
        start("two")


def test_the_end_of_a_run_tells_which(start: Callable[..., RunRef]) -> None:
    ref = start("one")
    assert tracking.end() == ref
    assert tracking.find(ref.run_id).status == "FINISHED"


def test_there_is_no_end_without_a_run(mlflow: Any) -> None:
    with pytest.raises(NoRun):
        tracking.end()


# -- finding --------------------------------------------------------------------------------------


@pytest.fixture
def runs(start: Callable[..., RunRef]) -> list[RunRef]:
    """Three ended runs, oldest first."""
    refs = []
    for name in ("alpha", "beta", "gamma's"):
        refs.append(start(name))
        tracking.end()
    return refs


def test_a_run_is_found_by_its_id(runs: list[RunRef]) -> None:
    assert tracking.find(runs[0].run_id).ref == runs[0]


def test_a_run_is_found_by_its_name(runs: list[RunRef]) -> None:
    assert tracking.find("beta").ref == runs[1]


def test_of_runs_with_one_name_the_newest_is_found(runs: list[RunRef], start: Callable[..., RunRef]) -> None:
    newest = start("alpha")
    assert tracking.find("alpha").ref == newest


def test_a_name_with_a_quote_is_found(runs: list[RunRef]) -> None:
    assert tracking.find("gamma's").ref == runs[2]


@pytest.mark.parametrize("name", ["nobody", "0" * 32, "no'body", 'no"body', "a name/with % signs", " "])
def test_an_unknown_run_is_told(runs: list[RunRef], name: str) -> None:
    with pytest.raises(UnknownRun):
        tracking.find(name)


def test_a_run_is_found_on_a_store_that_is_not_configured(runs: list[RunRef], mlflow: Any, uri: str) -> None:
    mlflow.set_tracking_uri(None)
    assert tracking.find(runs[0].run_id, uri).ref == runs[0]


def test_a_summary_tells_state_and_start(start: Callable[..., RunRef], mlflow: Any) -> None:
    ref = start("one")
    summary = tracking.find(ref.run_id)
    started = mlflow.get_run(ref.run_id).info.start_time / 1000
    assert (summary.status, summary.experiment, summary.started) == ("RUNNING", EXPERIMENT, started)


def test_recent_runs_are_newest_first(runs: list[RunRef]) -> None:
    started = [summary.started for summary in tracking.recent(limit=3)]
    assert started == sorted(started, key=lambda time: time or 0, reverse=True)


def test_recent_runs_are_the_newest(runs: list[RunRef]) -> None:
    assert {summary.ref.run_id for summary in tracking.recent(limit=3)} == {ref.run_id for ref in runs}


def test_recent_runs_are_as_many_as_asked(runs: list[RunRef]) -> None:
    assert len(tracking.recent(limit=2)) == 2


def test_recent_runs_come_from_all_experiments(runs: list[RunRef], mlflow: Any, uri: str) -> None:
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("elsewhere")
    with mlflow.start_run():
        ref = tracking.active()
    assert ref in [summary.ref for summary in tracking.recent()]
    assert runs[-1] in [summary.ref for summary in tracking.recent()]


def test_a_run_known_by_its_id_alone_is_completed(runs: list[RunRef], uri: str) -> None:
    assert tracking.complete(RunRef(runs[0].run_id, uri)) == runs[0]


def test_a_complete_run_asks_no_store() -> None:
    ref = RunRef("r", "http://unreachable.invalid", "file:///a")
    assert tracking.complete(ref) is ref


def test_a_run_that_is_gone_cannot_be_completed(runs: list[RunRef], uri: str) -> None:
    with pytest.raises(UnknownRun):
        tracking.complete(RunRef("0" * 32, uri))


# -- URIs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "plain"),
    [
        ("http://user:secret@host:5000/path?q=1", "http://host:5000/path?q=1"),
        ("https://token@host", "https://host"),
        ("postgresql://u:p%40w@host/db", "postgresql://host/db"),
        ("http://u:p@ss@host/", "http://host/"),
        ("http://host:5000", "http://host:5000"),
        ("sqlite:////home/a@b/mlflow.db", "sqlite:////home/a@b/mlflow.db"),
        ("file:///home/a@b", "file:///home/a@b"),
        ("databricks", "databricks"),
        ("", ""),
    ],
)
def test_credentials_are_dropped_from_a_uri(uri: str, plain: str) -> None:
    assert tracking.without_credentials(uri) == plain


def test_the_tracking_uri_is_told_without_its_credentials(mlflow: Any) -> None:
    mlflow.set_tracking_uri("http://user:secret@host:5000")
    assert tracking.tracking_uri() == "http://host:5000"


def test_a_delivery_gets_the_credentials_of_its_process_back(mlflow: Any) -> None:
    mlflow.set_tracking_uri("http://user:secret@host:5000")
    assert tracking.client_of("http://host:5000").tracking_uri == "http://user:secret@host:5000"


def test_credentials_do_not_go_to_another_host(mlflow: Any) -> None:
    mlflow.set_tracking_uri("http://user:secret@host:5000")
    assert tracking.client_of("http://other:5000").tracking_uri == "http://other:5000"


@pytest.mark.parametrize(
    ("uri", "absolute"),
    [
        ("sqlite:///mlflow.db", "sqlite:///{cwd}/mlflow.db"),
        ("sqlite:///sub/mlflow.db", "sqlite:///{cwd}/sub/mlflow.db"),
        ("sqlite:////abs/mlflow.db", "sqlite:////abs/mlflow.db"),
        ("./mlruns", "{cwd}/mlruns"),
        ("mlruns", "{cwd}/mlruns"),
        ("/abs/mlruns", "/abs/mlruns"),
        ("http://host:5000", "http://host:5000"),
        ("mlflow-artifacts:/1/2/artifacts", "mlflow-artifacts:/1/2/artifacts"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("", ""),
        (None, None),
    ],
)
def test_relative_uris_are_pinned(
    uri: str | None, absolute: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tracking._absolute(uri) == (absolute and absolute.format(cwd=tmp_path))


@pytest.mark.parametrize("uri", ["databricks", "databricks://profile", "databricks-uc", "uc"])
def test_names_of_managed_stores_are_no_folders(uri: str, mlflow: Any) -> None:
    assert tracking._absolute(uri) == uri


def test_a_relative_store_is_found_after_the_folder_changes(
    mlflow: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: list[RunRef]
) -> None:
    monkeypatch.chdir(home)
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    with mlflow.start_run(experiment_id=runs[0].experiment_id):
        ref = tracking.active()
    assert ref is not None
    monkeypatch.chdir(tmp_path)
    assert tracking.find(ref.run_id, ref.tracking_uri).ref.run_id == ref.run_id


def test_a_store_chosen_by_code_is_configured(mlflow: Any, uri: str) -> None:
    assert not tracking.is_configured()
    mlflow.set_tracking_uri(uri)
    assert tracking.is_configured()


def test_a_store_chosen_by_the_environment_is_configured(mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host")
    assert tracking.is_configured()


def test_a_database_of_another_version_is_told_with_what_to_do() -> None:
    told = tracking._told(RuntimeError("Detected out-of-date database schema (found version a)"))
    assert isinstance(told, StoreUnavailable)
    assert "mlflow db upgrade" in str(told)
