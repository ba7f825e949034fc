"""Services: runs found in every way a user names them, and an orderly end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter import progress
from mlart_jupyter import services as module
from mlart_jupyter.config import Mlart
from mlart_jupyter.errors import NoRun, SpoolUnavailable, StoreRefused, StoreUnavailable, UnknownRun
from mlart_jupyter.models import Cell, Census, RunRef
from mlart_jupyter.opening import Opener
from mlart_jupyter.parcels import pack
from mlart_jupyter.progress import tell_watcher
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.renderers.value import render_json
from mlart_jupyter.services import Services
from mlart_jupyter.spool import read_sessions
from mlart_jupyter.store import MemoryStore, alive, tracking

SEEN = RunRef("r1", "sqlite:////x.db", "file:///a", "1", "seen")


@pytest.fixture
def services(mlflow: Any) -> Iterator[Services]:
    """Services of a data folder that holds nothing."""
    services = Services(Mlart())
    yield services
    services.close(0)


@pytest.fixture
def start(services: Services, home: Path) -> Callable[[str], tuple[Services, RunRef]]:
    """Start a run on the store of all tests."""

    def start(name: str) -> tuple[Services, RunRef]:
        config = Mlart(data_folder=str(home))
        return services, tracking.start(name, config.embedded_uri, config.embedded_artifacts, "notebook")

    return start


def keep(services: Services, run: RunRef, value: Any = 1) -> None:
    services.recorder.record(Shown({"a": value}, run, Cell(), {}, "x"), render_json)


# -- finding runs ---------------------------------------------------------------------------------


def test_without_any_run_there_is_none(services: Services) -> None:
    with pytest.raises(NoRun):
        services.find()


def test_no_run_id_is_asked_of_a_store_that_was_never_made(services: Services) -> None:
    with pytest.raises(UnknownRun, match="nothing was logged here yet"):
        services.find("r1")
    assert not services.config.data.exists()


def test_the_active_run_is_found_first(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, ref = start("active")
    services.remember(SEEN)
    assert services.find() == ref


def test_without_an_active_run_the_last_one_is_found(services: Services) -> None:
    services.remember(SEEN)
    services.remember(RunRef("r2", "sqlite:////x.db"))
    assert services.find().run_id == "r2"


def test_without_a_run_of_its_own_the_newest_session_tells(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for session, run in (("20240101-000000-a", "old"), ("20250101-000000-b", "new"), ("20250102-000000-c", None)):
        other = Services(Mlart())
        other.session = session
        if run:
            other.remember(RunRef(run, "sqlite:////x.db"))
        else:
            other.presence.tell()
    assert services.find().run_id == "new"


def test_a_run_is_found_by_its_id_in_session_files(services: Services) -> None:
    Services(Mlart()).remember(SEEN)
    assert services.find("r1") == SEEN


def test_a_run_is_found_by_its_name_in_session_files(services: Services) -> None:
    Services(Mlart()).remember(SEEN)
    assert services.find("seen") == SEEN


@pytest.mark.parametrize("uri", ["runs:/r1", "runs:/r1/", "runs:/r1/figures/loss.png"])
def test_a_run_is_found_by_its_uri_in_session_files(services: Services, uri: str) -> None:
    Services(Mlart()).remember(SEEN)
    assert services.find(uri) == SEEN


def test_a_run_of_this_process_needs_no_session_file(services: Services) -> None:
    services.remember(SEEN)
    for path in (services.config.spool / "sessions").iterdir():
        path.unlink()
    assert services.find("r1") == SEEN


def test_a_run_of_this_process_is_found_by_its_name(services: Services) -> None:
    services.remember(SEEN)
    assert services.find("seen") == SEEN


def test_of_runs_with_one_name_that_of_this_process_is_found(services: Services) -> None:
    services.remember(SEEN)
    newer = Services(Mlart())
    newer.session = "99990101-000000-a"
    newer.remember(RunRef("r2", "sqlite:////x.db", "file:///b", "1", "seen"))
    assert services.find("seen") == SEEN


def test_a_name_with_a_slash_is_a_name(services: Services) -> None:
    named = RunRef("r3", "sqlite:////x.db", "file:///a", "1", "lr=0.1/batch=8")
    services.remember(named)
    assert services.find("lr=0.1/batch=8") == named


def test_a_run_is_asked_of_the_embedded_store(
    start: Callable[[str], tuple[Services, RunRef]], mlflow: Any, home: Path
) -> None:
    _, ref = start("asked")
    tracking.end()
    mlflow.set_tracking_uri(None)
    services = Services(Mlart(data_folder=str(home)))
    assert services.find(ref.run_id) == ref
    assert services.find("asked") == ref


def test_a_run_is_asked_of_the_configured_store(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, ref = start("configured")
    tracking.end()
    assert services.find("configured") == ref


def test_an_unknown_run_is_told(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, _ = start("known")
    with pytest.raises(UnknownRun, match="nobody"):
        services.find("nobody")


def test_the_artifacts_of_a_run_are_opened(start: Callable[[str], tuple[Services, RunRef]], mlflow: Any) -> None:
    services, ref = start("with artifacts")
    mlflow.log_text("hello", "a/b.txt")
    for run in (None, ref, ref.run_id, "with artifacts", f"runs:/{ref.run_id}"):
        assert services.artifacts(run).text("a/b.txt") == "hello"


def test_a_run_that_is_known_by_id_alone_can_be_opened(
    start: Callable[[str], tuple[Services, RunRef]], mlflow: Any
) -> None:
    services, ref = start("bare")
    mlflow.log_text("hello", "b.txt")
    assert services.artifacts(RunRef(ref.run_id, ref.tracking_uri)).text("b.txt") == "hello"


# -- remembering ----------------------------------------------------------------------------------


def test_what_was_first_known_of_a_run_is_pinned(services: Services) -> None:
    services.remember(SEEN)
    later = RunRef("r1", "sqlite:////elsewhere.db", "file:///elsewhere")
    assert services.remember(later) == SEEN
    assert services.known("r1") == SEEN


def test_where_a_run_keeps_its_artifacts_is_added(services: Services) -> None:
    services.remember(RunRef("r1", "sqlite:////x.db"))
    assert services.remember(SEEN) == SEEN


def test_an_unknown_place_does_not_replace_a_known_one(services: Services) -> None:
    services.remember(SEEN)
    assert services.remember(RunRef("r1", "sqlite:////x.db")) == SEEN


def test_a_run_that_cannot_be_told_to_others_is_remembered(services: Services) -> None:
    services.config.data.mkdir(parents=True)
    services.config.spool.write_text("a file in the way")
    assert services.remember(SEEN) == SEEN
    assert "session file cannot be written" in services.failures[0]


# -- delivering, and the end ----------------------------------------------------------------------


def test_making_services_leaves_nothing_on_disk(services: Services) -> None:
    assert not services.config.data.exists()
    assert (services.unfinished, services.census().unfinished) == (0, 0)


def test_nothing_to_flush_is_flushed(services: Services) -> None:
    assert services.flush(0) == 0


def test_flush_delivers_what_waits(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, ref = start("flushed")
    keep(services, ref)
    assert services.flush(60) == 0
    assert services.artifacts(ref).text("data/x.json") == '{\n  "a": 1\n}'


def test_after_a_flush_others_are_told_at_once_what_was_kept(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, run = start("told")
    services.presence.tell()  # so that the next word would only come seconds later
    keep(services, run)
    services.flush(30.0)
    [session] = read_sessions(services.config.spool / "sessions")
    assert session.kept == 1


def test_a_flush_that_takes_a_while_shows_how_far_it_is(
    services: Services, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []

    class Slow(MemoryStore):
        def put(self, path: str, data: Any) -> None:
            if path == "a.bin":
                tell_watcher()(3)
                gone.wait(30)
            super().put(path, data)

    def looked(self: Any, done: int) -> None:
        to(self, done)
        seen.append(done)
        if done == 3:
            gone.set()

    gone, to, store = threading.Event(), progress.Bar.to, Slow()
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress.Bar, "to", looked)
    services.opener.for_delivery = lambda run: store  # type: ignore[assignment, method-assign, return-value]
    services.recorder.record(Shown(b"12345", SEEN, Cell(), {}, path="a.bin"), renderer_for(b""))
    assert services.flush(60, bar=True) == 0
    assert 3 in seen
    assert "delivering" in capfd.readouterr().err


def test_flush_tells_how_many_are_left(services: Services) -> None:
    gone = RunRef("r1", "http://127.0.0.1:9", "http://127.0.0.1:9/artifacts")
    for value in range(3):
        keep(services, gone, value)
    assert services.flush(60) == 3
    assert services.unfinished == 3


def test_close_delivers_and_leaves_no_trace_in_the_spool(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    services, ref = start("closed")
    keep(services, ref)
    assert services.close(60) == 0
    assert [p for p in services.spool.root.rglob("*") if p.is_file()] == []
    assert "data/x.json" in list(services.artifacts(ref))


def test_close_tells_how_many_stay_in_the_spool(services: Services) -> None:
    keep(services, RunRef("r1", "http://127.0.0.1:9", "http://127.0.0.1:9/artifacts"))
    assert services.close(60) == 1
    assert len(services.spool.waiting()) == 1


def test_close_of_nothing_is_nothing(services: Services) -> None:
    assert (services.close(), services.close()) == (0, 0)


def test_a_forked_child_closes_nothing(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(services, RunRef("r1", "http://127.0.0.1:9", "http://127.0.0.1:9/artifacts"))
    monkeypatch.setattr(module.os, "getpid", lambda: -1)
    assert services.close(60) == 0
    monkeypatch.undo()
    assert services.unfinished == 1


def test_sync_in_the_cell_is_a_setting() -> None:
    assert Services(Mlart(spool_sync="cell")).spool.sync_at_once
    assert not Services(Mlart()).spool.sync_at_once


def test_sessions_have_names_of_their_own() -> None:
    assert Services(Mlart()).session != Services(Mlart()).session


# -- budgets, deleted runs, credentials ------------------------------------------------------------


def test_an_item_of_a_deleted_run_is_kept_with_the_reason_and_can_be_revived(
    start: Callable[[str], tuple[Services, RunRef]], mlflow: Any
) -> None:
    services, ref = start("deleted")
    tracking.end()
    mlflow.MlflowClient(ref.tracking_uri).delete_run(ref.run_id)
    keep(services, ref)
    assert services.flush(60) == 0
    ((name, reason),) = services.spool.dead()
    assert "was deleted" in reason
    assert "flush --dead" in reason
    mlflow.MlflowClient(ref.tracking_uri).restore_run(ref.run_id)
    assert services.spool.revive(name)
    assert services.flush(60) == 0
    assert "data/x.json" in list(services.artifacts(ref))


def test_a_tracking_store_that_does_not_answer_does_not_hold_up_a_delivery(services: Services, tmp_path: Path) -> None:
    ref = RunRef("r1", "http://127.0.0.1:9", (tmp_path / "artifacts").as_uri())
    keep(services, ref)
    assert services.flush(60) == 0
    assert (tmp_path / "artifacts" / "data" / "x.json").exists()


def test_where_a_run_keeps_its_artifacts_is_not_asked_for_minutes(services: Services) -> None:
    with pytest.raises(StoreUnavailable, match=r"store http://127\.0\.0\.1:9 does not answer") as caught:
        services.opener.for_delivery(RunRef("r1", "http://127.0.0.1:9"))
    assert caught.value.whole_host


def test_a_run_that_its_database_does_not_know_is_deleted(start: Callable[[str], tuple[Services, RunRef]]) -> None:
    _, ref = start("alive")
    alive.check_alive(ref)
    with pytest.raises(StoreRefused, match="was deleted"):
        alive.check_alive(RunRef("0" * 32, ref.tracking_uri))


@pytest.mark.parametrize("when_full", ["wait", "skip"])
def test_a_full_spool_waits_or_skips_as_the_setting_says(
    when_full: str, mlflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, store, go = RunRef("r1", "http://example", "mem"), MemoryStore(), threading.Event()

    class Gated(MemoryStore):
        def put(self, path: str, data: bytes | memoryview) -> None:
            go.wait(30)
            store.put(path, data)

    monkeypatch.setattr(Opener, "for_delivery", lambda self, run: Gated())
    services = Services(Mlart(spool_budget_bytes=5000, when_full=when_full))
    said: list[str] = []
    services.say = said.append
    keep(services, ref, "x" * 3000)
    threading.Timer(0.3 if when_full == "wait" else 30.0, go.set).start()
    if when_full == "skip":
        with pytest.raises(SpoolUnavailable, match="spool_budget_bytes"):
            keep(services, ref, "y" * 3000)
    else:
        keep(services, ref, "y" * 3000)
        assert "cells wait" in said[0]
    go.set()
    assert services.close(60) == 0
    assert len([path for path in store.files if not path.startswith("mlart/")]) == (1 if when_full == "skip" else 2)


def test_no_secret_of_an_artifact_uri_is_written_and_the_delivery_has_it(
    start: Callable[[str], tuple[Services, RunRef]], mlflow: Any, tmp_path: Path
) -> None:
    services, _ = start("any")
    tracking.end()
    secret = "ftp://ada:s3cr3t@store.example/runs"
    experiment = mlflow.create_experiment(f"secret {tmp_path}", artifact_location=secret)
    with mlflow.start_run(experiment_id=experiment):
        ref = tracking.active()
    assert ref is not None
    services.remember(ref)
    services.spool.put(*_packed(ref))
    for file in services.config.data.rglob("*"):
        assert not file.is_file() or b"s3cr3t" not in file.read_bytes()
    assert "s3cr3t" in str(tracking.complete(ref).artifact_uri)


def _packed(ref: RunRef) -> tuple[bytes, bytes]:
    header, _ = pack(ref, [], [])
    return header, b""


def test_waiting_for_the_end_of_a_run_is_a_setting(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[float] = []
    with monkeypatch.context() as patched:
        patched.setattr(services, "flush", flushed.append)
        services.flush_at_end()
        services.config.flush_on_end = True
        services.flush_at_end()
        patched.setattr(services, "census", lambda: Census(last_error="The store does not answer"))
        services.flush_at_end()
    assert flushed == [5.0]


def test_the_end_of_a_process_tells_what_waits(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    services.config.flush_seconds = 30.0
    keep(services, RunRef("r1", "http://127.0.0.1:9", "http://127.0.0.1:9/artifacts"))
    services._close_at_exit()
    assert "1 items wait in the spool; `mlart flush`" in capsys.readouterr().err


# -- one per process ------------------------------------------------------------------------------


@pytest.fixture
def nobody() -> Iterator[None]:
    """A process without services."""
    module.use(None)
    yield
    module.use(None)


def test_a_process_has_one_services(nobody: None) -> None:
    assert module.current() is module.current()


def test_the_process_uses_what_it_is_given(nobody: None, services: Services) -> None:
    module.use(services)
    assert module.current() is services
