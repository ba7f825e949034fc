"""A real JupyterLab and a real Notebook 7, driven in headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from playwright.sync_api import Browser, Page, sync_playwright

TOKEN = "e2e-token"
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
READY = """async () => {
  const app = window.jupyterapp;
  await app.started; await app.restored;
  const ready = () => app.shell.currentWidget && app.shell.currentWidget.sessionContext;
  for (let i = 0; i < 600 && !ready(); i++) await new Promise(r => setTimeout(r, 50));
  const widget = app.shell.currentWidget;
  await widget.context.ready; await widget.sessionContext.ready;
  await widget.sessionContext.session.kernel.info;
}"""
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SHOTS = Path(os.environ.get("MLART_SHOTS") or Path(__file__).parents[2] / ".tests" / "screenshots")


class Server:
    """One Jupyter server with folders of its own; `app` is ``lab`` or ``notebook``."""

    ready = "api/status"

    def __init__(self, app: str, home: Path, **environment: str) -> None:
        self.given = environment
        self.app, self.root, self.data, self.log = app, home / "work", home / "mlart", home / "server.log"
        self.root.mkdir(parents=True)
        self.base = f"http://127.0.0.1:{_free_port()}"
        _quiet(home / "settings")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self._command(), env=self._environment(home), cwd=self.root, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait()

    def _command(self) -> list[str]:
        module = {"lab": "jupyterlab", "notebook": "notebook"}[self.app]
        options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
        options += [f"--ServerApp.port={self.base.rpartition(':')[2]}", f"--IdentityProvider.token={TOKEN}"]
        options += [f"--ServerApp.root_dir={self.root}", "--LabApp.expose_app_in_browser=True"]
        return [sys.executable, "-m", module, *options, "--JupyterNotebookApp.expose_app_in_browser=True"]

    def _environment(self, home: Path) -> dict[str, str]:
        names = {"CONFIG": "config", "DATA": "data", "RUNTIME": "run"}
        own = {f"JUPYTER_{name}_DIR": str(home / folder) for name, folder in names.items()}
        own |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "ws")}
        own |= {"IPYTHONDIR": str(home / "ipython"), "MLART_DATA": str(self.data), "MLFLOW_DISABLE_TELEMETRY": "true"}
        return {**os.environ, **own, **self.given}

    def _wait(self) -> None:
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.base}/{self.ready}?token={TOKEN}", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(self.log.read_text())

    def address(self, name: str) -> str:
        """Where a notebook opens; in JupyterLab in a workspace of its own."""
        place = f"lab/workspaces/{Path(name).stem}/tree/{name}" if self.app == "lab" else f"notebooks/{name}"
        return f"{self.base}/{place}?token={TOKEN}"

    def stored(self, ending: str) -> list[Path]:
        """The files in MLflow's artifact folder whose path ends so, newest run last."""
        found = [path for path in (self.data / "artifacts").rglob("*") if str(path).endswith(ending)]
        return sorted(found, key=lambda path: path.stat().st_mtime)

    def stop(self) -> None:
        """Stop the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quiet(settings: Path) -> None:
    """No question about news in the corner."""
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    words = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    (folder / "notification.jupyterlab-settings").write_text(json.dumps(words))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one a skip at home and a failure in CI."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        if os.environ.get("CI"):
            pytest.fail("there is no chromium")
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, and ask what takes long and is the same in both hosts of one only."""
    if os.environ.get("MLART_LONG") != "1":
        once = [item for item in items if not (item.get_closest_marker("lab") and "[notebook]" in item.name)]
        kept = [item for item in once if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.fixture(scope="session", params=["lab", "notebook"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, then Notebook 7."""
    server = Server(request.param, tmp_path_factory.mktemp(request.param))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def collaborating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab with jupyter-collaboration, which has a folder of its own: installed, it would change every server."""
    folder = installed("collaboration")
    server = Server(
        "lab", tmp_path_factory.mktemp("collaborating"), **of_folder(folder, JUPYTER_CONFIG_PATH=folder / "etc/jupyter")
    )
    yield server
    server.stop()


def installed(name: str) -> Path:
    """A folder of packages that tests/run has installed apart; without it a skip at home and a failure in CI."""
    folder = Path(os.environ.get(f"MLART_{name.upper()}") or Path(__file__).parents[2] / ".tests" / name)
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"there is no {folder}")
        pytest.skip(f"there is no {folder}; tests/run installs it")
    return folder


def of_folder(folder: Path, **paths: Path) -> dict[str, str]:
    """The environment of a server that has the packages of a folder besides its own."""
    paths = {"PYTHONPATH": folder, "JUPYTER_PATH": folder / "share/jupyter"} | paths
    return {name: str(path) for name, path in paths.items()}


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page; the test fails on an error of our own in its console."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    page = context.new_page()
    ours: list[str] = []
    page.on("console", lambda m: ours.append(m.text) if m.type == "error" and "mlart" in m.text else None)
    yield page
    if request.node.failed_call:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(SHOTS / f"failed-{request.node.name}.png"))
    context.close()
    assert ours == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
    """Tell the fixtures of a failed test that it has failed: they keep a picture of its page."""
    report = yield
    item.failed_call = getattr(item, "failed_call", False) or call.excinfo is not None  # type: ignore[attr-defined]
    return report


class Driver:
    """A notebook in a page."""

    def __init__(self, server: Server, page: Page) -> None:
        self.server, self.page = server, page

    def open(self, name: str) -> None:
        """Open a notebook and wait for its kernel."""
        self.page.goto(self.server.address(name))
        self.page.wait_for_function("() => window.jupyterapp", timeout=60_000)
        self.page.evaluate(READY)

    def command(self, name: str) -> None:
        """Run one of the application's commands to its end."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", name)

    def begin(self, name: str) -> None:
        """Run one of the application's commands without waiting for its end."""
        self.page.evaluate("name => { window.jupyterapp.commands.execute(name); }", name)

    def shot(self, name: str) -> None:
        """Keep a screenshot."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=str(SHOTS / f"{self.server.app}-{name}.png"))

    def picture(self, selector: str) -> bytes:
        """The bytes of the first picture under a selector, as the page holds them.

        A picture that the page takes away while it is read has no address any more: the one in its place is read.
        """
        script = """async selector => {
          const picture = document.querySelector(selector);
          const answer = picture && (await fetch(picture.src).catch(() => null));
          return answer && Array.from(new Uint8Array(await answer.arrayBuffer()));
        }"""
        for _ in range(50):
            if (found := self.page.evaluate(script, selector)) is not None:
                return bytes(found)
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no picture is shown at {selector}")


@pytest.fixture
def driver(server: Server, page: Page) -> Driver:
    """Drive a notebook in a page of the server."""
    return Driver(server, page)


@pytest.fixture
def write_notebook(server: Server) -> Callable[..., str]:
    """Write a notebook of the given cells; return its name."""

    def write(name: str, *sources: str) -> str:
        cells = [v4.new_code_cell(source) for source in sources]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(v4.new_notebook(cells=cells, metadata=kernel), server.root / name)
        return name

    return write


@pytest.fixture
def quickstart(server: Server) -> str:
    """A copy of the quickstart notebook."""
    shutil.copy(NOTEBOOKS / "quickstart.ipynb", server.root)
    return "quickstart.ipynb"
