"""`log` and `artifacts`, on a real store."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import mlart_jupyter
from mlart_jupyter import artifacts, log
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.config import Mlart
from mlart_jupyter.errors import BadPath, NoRun, NotRenderable, UnknownFile, UnknownRun
from mlart_jupyter.models import RunRef
from mlart_jupyter.services import Services, use
from mlart_jupyter.store import tracking


@pytest.fixture
def services(tmp_path: Path, mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The process's services, with no run active and the current folder empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    services = Services(Mlart())
    use(services)
    yield services
    services.close(0)
    use(None)


@pytest.fixture
def run(services: Services, home: Path, request: pytest.FixtureRequest) -> RunRef:
    """An active run on the store of all tests, with the name of its test."""
    config = Mlart(data_folder=str(home))
    return tracking.start(request.node.name, config.embedded_uri, config.embedded_artifacts, "notebook")


def delivered(run: RunRef) -> Artifacts:
    assert mlart_jupyter.api.current().flush(60) == 0
    return artifacts(run.run_id)


# -- objects --------------------------------------------------------------------------------------


def test_a_dictionary_is_kept_as_json(run: RunRef) -> None:
    (path,) = log({"a": np.float64(1.5)})
    assert json.loads(delivered(run).read(path)) == {"a": 1.5}


def test_a_string_is_kept_as_text(run: RunRef) -> None:
    (path,) = log("größe\n")
    assert delivered(run).text(path) == "größe\n"


def test_a_frame_reads_back_equal(run: RunRef) -> None:
    frame = pd.DataFrame({"a": [1, 2], 3: ["x", None]}, index=pd.Index([5, 6], name="k"))
    (path,) = log(frame, "tables/best.parquet")
    assert path == "tables/best.parquet"
    pd.testing.assert_frame_equal(delivered(run).frame(path), frame)


def test_a_frame_over_the_budget_is_kept_whole(run: RunRef, services: Services) -> None:
    services.config.frame_budget_bytes = services.config.inline_frame_bytes = 1
    frame = pd.DataFrame({"a": range(5000)})
    (path,) = log(frame)
    pd.testing.assert_frame_equal(delivered(run).frame(path), frame)


def test_a_frame_of_slow_cells_is_kept_before_the_call_returns(run: RunRef, services: Services) -> None:
    days = pd.DataFrame({"day": pd.Series([dt.date(2024, 1, 1)] * 2000, dtype=object)})
    assert log(days, path="data/days.parquet") == ("data/days.parquet",)
    assert services.recorder.pending == 0


def test_a_figure_is_drawn(run: RunRef) -> None:
    figure = Figure()
    figure.suptitle("Loss")
    assert log(figure) == ("figures/loss.png",)
    assert delivered(run).read("figures/loss.png").startswith(b"\x89PNG")


def test_an_array_reads_back(run: RunRef, tmp_path: Path) -> None:
    (path,) = log(np.arange(6).reshape(2, 3), "weights")
    back = np.load(delivered(run).download(path, tmp_path))
    assert (path, back.tolist()) == ("weights.npy", [[0, 1, 2], [3, 4, 5]])


def test_what_is_logged_has_an_entry(run: RunRef) -> None:
    (path,) = log({"a": 1}, "best.json")
    entry = delivered(run).info(path).entry
    assert entry is not None
    assert (entry.kind, entry.run_id, entry.size) == ("json", run.run_id, len('{\n  "a": 1\n}'))


def test_what_is_logged_twice_is_kept_once(run: RunRef) -> None:
    assert log({"a": 1}, "best.json") == log({"a": 1}, "best.json") == ("best.json",)
    assert list(delivered(run)) == ["best.json"]


def test_other_content_is_a_new_version(run: RunRef) -> None:
    assert [log({"a": i}, "best.json") for i in (1, 2)] == [("best.json",), ("best_v2.json",)]
    assert list(delivered(run)) == ["best.json", "best_v2.json"]


# -- files and folders ----------------------------------------------------------------------------


def test_a_string_that_names_a_file_is_that_file(run: RunRef) -> None:
    Path("table.csv").write_text("a,b")
    assert log("table.csv") == ("files/table.csv",)
    assert delivered(run).text("files/table.csv") == "a,b"


def test_a_string_with_a_path_is_text_even_if_it_names_a_file(run: RunRef) -> None:
    Path("table.csv").write_text("a,b")
    log("table.csv", "name.txt")
    assert delivered(run).text("name.txt") == "table.csv"


def test_no_text_is_not_the_current_folder(run: RunRef) -> None:
    Path("private.txt").write_text("not asked for")
    assert [path.partition("/")[0] for path in log("")] == ["text"]


@pytest.mark.parametrize("text", ["no such file.csv", "a\nb", "x" * 5000, "nul\0byte"])
def test_other_strings_are_text(run: RunRef, text: str) -> None:
    (path,) = log(text)
    assert path.startswith("text/")
    assert delivered(run).read(path) == text.encode()


def test_a_path_is_that_file(run: RunRef, tmp_path: Path) -> None:
    source = tmp_path / "with space.tar.gz"
    source.write_bytes(b"\x00\x01")
    assert log(source) == ("files/with space.tar.gz",)
    assert delivered(run).read("files/with space.tar.gz") == b"\x00\x01"


def test_a_file_can_be_given_a_path(run: RunRef, tmp_path: Path) -> None:
    source = tmp_path / "model.bin"
    source.write_bytes(b"1")
    assert log(source, "models/best.bin") == ("models/best.bin",)
    assert list(delivered(run)) == ["models/best.bin"]


def test_an_empty_file_is_kept(run: RunRef, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert log(tmp_path / "empty") == ("files/empty",)
    assert delivered(run).read("files/empty") == b""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_bytes(b"top")
    (folder / "data" / "größe 1.bin").write_bytes(b"low")
    return folder


def test_a_folder_is_kept_with_all_it_holds(run: RunRef, folder: Path) -> None:
    assert log(folder) == ("files/model/MLmodel", "files/model/data/größe 1.bin")
    assert list(delivered(run)) == ["files/model/data/größe 1.bin", "files/model/MLmodel"]
    assert artifacts().read("files/model/data/größe 1.bin") == b"low"


def test_a_folder_can_be_given_a_path(run: RunRef, folder: Path) -> None:
    assert log(folder, "m") == ("m/MLmodel", "m/data/größe 1.bin")


def test_a_folder_can_be_the_whole_run(run: RunRef, folder: Path) -> None:
    assert log(folder, "") == ("MLmodel", "data/größe 1.bin")


def test_the_current_folder_is_kept_under_its_name(run: RunRef) -> None:
    Path("a.txt").write_text("a")
    assert log(".") == ("files/here/a.txt",)


def test_an_empty_folder_has_nothing_to_keep(run: RunRef, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert log(tmp_path / "empty") == ()


def test_a_missing_file_is_told(run: RunRef, tmp_path: Path) -> None:
    with pytest.raises(UnknownFile, match=r"missing\.csv"):
        log(tmp_path / "missing.csv")


# -- refusals -------------------------------------------------------------------------------------


def test_without_a_run_nothing_is_kept(services: Services) -> None:
    with pytest.raises(NoRun):
        log({"a": 1})
    assert services.unfinished == 0


def test_an_object_that_no_renderer_knows_is_pickled(run: RunRef) -> None:
    assert log(object(), "any/thing.joblib") == ("any/thing.joblib",)


def test_an_object_that_cannot_even_be_pickled_is_refused(run: RunRef) -> None:
    with pytest.raises(NotRenderable, match=r"builtins\.function"):
        log(lambda: 1)


@pytest.mark.parametrize("path", ["../x.json", "/x.json"])
def test_a_path_outside_the_run_is_refused(run: RunRef, path: str) -> None:
    with pytest.raises(BadPath):
        log({"a": 1}, path)


def test_text_with_a_broken_character_is_refused(run: RunRef) -> None:
    with pytest.raises(NotRenderable):
        log("a\ud800")


def test_an_unknown_run_is_told(run: RunRef) -> None:
    with pytest.raises(UnknownRun, match="nobody"):
        log({"a": 1}, run="nobody")


# -- which run ------------------------------------------------------------------------------------


def test_a_run_that_has_ended_can_be_named(run: RunRef) -> None:
    tracking.end()
    log({"a": 1}, "late.json", run=run.name)
    assert "late.json" in list(delivered(run))


def test_a_thread_without_a_run_uses_the_main_threads(run: RunRef) -> None:
    thread = threading.Thread(target=log, args=({"a": 1}, "thread.json"))
    thread.start()
    thread.join()
    assert list(delivered(run)) == ["thread.json"]


def test_the_last_run_is_read_without_naming_it(run: RunRef) -> None:
    log({"a": 1}, "best.json")
    tracking.end()
    delivered(run)
    assert list(artifacts()) == ["best.json"]


def test_the_package_has_what_users_call() -> None:
    assert (mlart_jupyter.log, mlart_jupyter.artifacts) == (log, artifacts)


def test_an_attribute_that_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        mlart_jupyter.nothing
