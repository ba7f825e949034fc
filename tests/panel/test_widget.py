"""The panel's answers over the comm: each operation, an error in words, and nothing that holds up another request."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from PIL import Image

from mlart_jupyter import services as module
from mlart_jupyter.answers import QUESTIONS
from mlart_jupyter.config import Mlart
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.panel import widget as panel_module
from mlart_jupyter.panel.widget import ArtifactBrowser
from mlart_jupyter.services import Services
from mlart_jupyter.store import LocalStore, segment
from mlart_jupyter.zips import CHUNK

SOON = 30
RUN = "0123456789abcdef0123456789abcdef"
CELL = Entry("i1", "table.csv", "frame", "text/csv", "table", 1, "s", RUN, 1.0, "c1", 3, "h", "/nb.ipynb")


def tiff() -> bytes:
    out = io.BytesIO()
    Image.new("L", (2, 2)).save(out, "TIFF")
    return out.getvalue()


@pytest.fixture
def folder(data: Path) -> Path:
    """The artifacts of the run, as MLflow lays them."""
    folder = data / "1" / RUN / "artifacts"
    store = LocalStore(folder)
    store.put("table.csv", b"a,b\n1,2\n")
    store.put("figures/a.txt", b"text")
    store.put("large.bin", bytes(range(256)) * (CHUNK // 256) + b"the end")
    store.put(*segment([CELL], {"h": "table"}))
    return folder


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services(Mlart())
    module.use(services)
    yield services
    module.use(None)


class Kernel:
    """Stands for the comm: what is sent to the browser is caught."""

    def __init__(self, panel: ArtifactBrowser) -> None:
        self.panel, self.replies, self.rid = panel, Queue[tuple[dict[str, Any], list[bytes]]](), 0
        panel.send = lambda content, buffers=None: self.replies.put((content, buffers or []))  # type: ignore[method-assign]

    def tell(self, operation: str, **asked: Any) -> int:
        """Send a request as the browser does; return its number."""
        self.rid += 1
        asked = {"store": self.panel.store, "run": self.panel.run} | asked
        self.panel._handle_custom_msg({"mlart": 1, "rid": self.rid, "op": operation, **asked}, [])
        return self.rid

    def reply(self) -> tuple[dict[str, Any], list[bytes]]:
        return self.replies.get(timeout=SOON)

    def ask(self, operation: str, **asked: Any) -> tuple[dict[str, Any], list[bytes]]:
        rid = self.tell(operation, **asked)
        reply, data = self.reply()
        assert (reply["mlart"], reply["rid"]) == (1, rid)
        assert "error" not in reply, reply
        return reply["result"], data

    def refused(self, operation: str, **asked: Any) -> dict[str, str]:
        self.tell(operation, **asked)
        words: dict[str, str] = self.reply()[0]["error"]
        assert words["error"].endswith(".")
        assert words["next"].endswith(".")
        return words


@pytest.fixture
def kernel(folder: Path, services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setattr("mlart_jupyter.answers._is_made", lambda uri: True)
    panel = ArtifactBrowser(RunRef(RUN, "sqlite:////nowhere/mlflow.db", folder.as_uri(), "7", "shown"))
    yield Kernel(panel)
    panel.close()


ANSWERS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = {
    "status": ({}, lambda found: found["waiting"] == 0 and found["may_delete"]),
    "stores": ({}, lambda found: "sqlite store mlflow.db" in [store["label"] for store in found["stores"]]),
    "session": ({"path": "nb.ipynb"}, lambda found: found == {"session": None}),
    "experiments": ({}, lambda found: found == {"experiments": [{"id": "7", "name": "e"}]}),
    "runs": ({"status": "FAILED"}, lambda found: found == {"runs": [], "cursor": None}),
    "artifacts": ({}, lambda found: [row["path"] for row in found["entries"]] == ["figures", "large.bin", "table.csv"]),
    "find": ({"text": "a.txt"}, lambda found: found["total"] == 1),
    "origin": ({"path": "table.csv"}, lambda found: found["origin"]["source"] == "table"),
    "preview": ({"path": "table.csv", "at": 0}, lambda found: found["kind"] == "table"),
    "picture": ({"path": "figures/a.tiff"}, lambda found: found["png"].startswith("iVBORw0KGgo")),
    "drawing": ({"path": "charts/a.plotly.json"}, lambda found: "Plotly.newPlot" in found["html"]),
}
OF_FILES: dict[str, dict[str, Callable[[], bytes]]] = {
    "picture": {"figures/a.tiff": tiff},
    "drawing": {"charts/a.plotly.json": lambda: b"{}", "lib/plotly-3.js": lambda: b"0"},
}
ANYWHERE = {"status", "stores", "session"}


@pytest.mark.parametrize("operation", sorted({*QUESTIONS, *ANSWERS}))
def test_each_operation_is_answered(
    kernel: Kernel, folder: Path, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlart_jupyter.store.tracking.page", lambda *asked: ([], None))
    monkeypatch.setattr("mlart_jupyter.store.tracking.experiments", lambda uri: [("7", "e")])
    asked, is_right = ANSWERS[operation]
    for path, make in OF_FILES.get(operation, {}).items():
        LocalStore(folder).put(path, make())
    place = {"store": None, "run": None} if operation in ANYWHERE else {}
    place |= {"run": None} if operation in ("runs", "experiments") else {}
    found, data = kernel.ask(operation, **place, **asked)
    assert is_right(found), found
    assert data == []
    assert "nowhere" not in json.dumps(found)


def test_it_speaks_the_language_of_the_settings(kernel: Kernel, services: Services) -> None:
    assert kernel.panel.language == ""
    services.config.language = "pt-BR"
    other = ArtifactBrowser(RunRef(RUN, "sqlite:////nowhere/mlflow.db"))
    assert other.get_state("language") == {"language": "pt-BR"}
    other.close()


@pytest.mark.slow  # nbdime is not among what the lowest versions are tried with
def test_a_runs_notebook_comes_back_and_is_compared(
    kernel: Kernel, services: Services, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    book = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    LocalStore(folder).put("notebooks/nb.ipynb", json.dumps(book).encode())
    assert kernel.ask("checkout", path="notebooks/nb.ipynb")[0] == {"path": "nb-shown.ipynb"}
    assert "%mlart notebook" in kernel.refused("changes", path="notebooks/nb.ipynb")["next"]
    services.notebook = str(tmp_path / "nb-shown.ipynb")
    assert kernel.ask("changes", path="notebooks/nb.ipynb")[0] == {"name": "nb-shown.ipynb", "changes": []}


def collected(kernel: Kernel, operation: str, **place: Any) -> bytes:
    """All chunks, asked for one after the other."""
    found = b""
    while True:
        result, (chunk,) = kernel.ask(operation, **place, offset=len(found))
        assert result["offset"] == len(found)
        found += chunk
        if result["end"]:
            return found


def test_a_file_comes_in_chunks(kernel: Kernel, folder: Path) -> None:
    assert collected(kernel, "content", path="large.bin") == (folder / "large.bin").read_bytes()


def test_a_folder_and_a_selection_come_as_zips(kernel: Kernel) -> None:
    whole = zipfile.ZipFile(io.BytesIO(collected(kernel, "zip", path="")))
    assert {"figures/a.txt", "large.bin", "table.csv"} <= set(whole.namelist())
    some = zipfile.ZipFile(io.BytesIO(collected(kernel, "zip", path="", only='["figures", "table.csv"]')))
    assert sorted(some.namelist()) == ["figures/a.txt", "table.csv"]


def test_a_file_is_deleted_only_where_that_is_allowed(kernel: Kernel, services: Services, folder: Path) -> None:
    assert kernel.ask("delete", path="figures/a.txt")[0] == {"deleted": "figures/a.txt"}
    services.config.deletion = False
    assert "Mlart.deletion" in kernel.refused("delete", path="table.csv")["next"]
    assert sorted(path.name for path in folder.rglob("*.*") if path.suffix != ".jsonl") == ["large.bin", "table.csv"]


@pytest.mark.parametrize("path", ["", ".", "mlart", "%6dlart", "../x", "/etc/passwd", "figures/../.."])
def test_the_run_and_what_is_outside_are_not_deleted(kernel: Kernel, folder: Path, path: str) -> None:
    before = sorted(folder.rglob("*"))
    kernel.refused("delete", path=path)
    assert sorted(folder.rglob("*")) == before


def test_errors_are_sentences_with_a_next_step(kernel: Kernel) -> None:
    assert "no artifact" in kernel.refused("preview", path="none.csv")["error"]
    assert "no store" in kernel.refused("artifacts", store="elsewhere")["error"]
    assert "does not know" in kernel.refused("format-the-disk")["error"]
    assert "path inside the run" in kernel.refused("content", path="../secret.txt")["error"]
    assert "out of order" in kernel.refused("zip", path="", offset=5)["error"]
    assert "could not answer" in kernel.refused("artifacts", surprise=1)["error"]


def test_what_is_no_request_gets_no_answer(kernel: Kernel) -> None:
    for message in ("words", {"op": "status"}, {"mlart": 2, "rid": 1, "op": "status"}):
        kernel.panel._handle_custom_msg(message, [])
    kernel.ask("status", store=None, run=None)
    assert kernel.replies.empty()


def test_a_store_that_hangs_holds_up_no_other_request(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, entered = threading.Event(), threading.Event()

    def hang(*asked: Any) -> Any:
        entered.set()
        assert hanging.wait(SOON)
        return [], None

    monkeypatch.setattr("mlart_jupyter.store.tracking.page", hang)
    slow = kernel.tell("runs", run=None)
    try:
        assert entered.wait(SOON)
        for operation in ("artifacts", "find"):
            assert kernel.ask(operation)[0]["entries"]
        kernel.ask("status", store=None, run=None)
    finally:
        hanging.set()
    assert kernel.reply()[0]["rid"] == slow


def test_what_is_cancelled_is_not_answered_and_does_not_begin(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, entered, asked = threading.Event(), threading.Event(), []

    def hang(*wanted: Any) -> Any:
        asked.append(wanted)
        entered.set()
        assert hanging.wait(SOON)
        return [], None

    monkeypatch.setattr("mlart_jupyter.store.tracking.page", hang)
    first = kernel.tell("runs", run=None)
    assert entered.wait(SOON)
    second = kernel.tell("runs", run=None, search="x")
    kernel.panel._handle_custom_msg({"mlart": 1, "rid": second, "op": "cancel"}, [])
    hanging.set()
    assert kernel.reply()[0]["rid"] == first
    third = kernel.tell("runs", run=None)
    assert kernel.reply()[0]["rid"] == third
    assert len(asked) == 2


def test_the_browser_is_told_of_what_is_kept_until_the_panel_is_closed(kernel: Kernel, services: Services) -> None:
    services.on_kept[0]([])
    assert kernel.reply() == ({"mlart": 1, "push": "changed"}, [])
    kernel.panel.close()
    assert services.on_kept == []


def test_the_page_of_the_run_has_no_credentials(services: Services, folder: Path) -> None:
    panel = ArtifactBrowser(RunRef(RUN, "https://ada:secret@ml.example", folder.as_uri(), "7", "shown"))
    assert panel.page == f"https://ml.example/#/experiments/7/runs/{RUN}"
    assert "secret" not in json.dumps(panel.get_state(["store", "run", "page"]))
    panel.close()


def test_the_page_is_told_by_which_model_it_finds_its_kernel(kernel: Kernel) -> None:
    assert kernel.panel.own == kernel.panel.model_id != ""


def test_a_saved_page_has_the_script_and_a_page_without_widgets_has_words(kernel: Kernel) -> None:
    state = kernel.panel._get_embed_state(drop_defaults=True)["state"]
    assert {"_esm", "_css", "run"} <= set(state)
    assert f"The artifacts of runs:/{RUN}" in kernel.panel._repr_mimebundle_()[0]["text/plain"]


def test_visitors_of_a_dashboard_read_its_run_and_nothing_else(
    folder: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    panel = ArtifactBrowser(RunRef(RUN, "sqlite:////nowhere/mlflow.db", folder.as_uri(), "7", "shown"))
    visitor = Kernel(panel)
    assert panel.visited
    assert not visitor.ask("status", store=None, run=None)[0]["may_delete"]
    assert visitor.ask("artifacts")[0]["entries"]
    assert collected(visitor, "content", path="table.csv") == b"a,b\n1,2\n"
    panel.visited, panel.run = False, "another"  # as a page can say
    for operation in ("delete", "checkout", "changes", "runs", "stores", "experiments", "session"):
        assert "only read" in visitor.refused(operation, run=RUN, path="table.csv")["error"]
    for place in ({"run": "another"}, {"run": RUN, "store": "another"}):
        assert "only read" in visitor.refused("artifacts", **place)["error"]
    assert (folder / "table.csv").exists()
    panel.close()


def test_messages_stay_with_the_subshell_they_came_to() -> None:
    class Comm:
        def _reply_subshell_for(self, data: Any, default: str) -> str:
            return "main"

    comm = Comm()
    panel_module._answer_in_own_subshell(comm)
    assert comm._reply_subshell_for({}, "own") == "own"
