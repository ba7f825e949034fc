"""``mlart demo``: the quickstart notebook, in JupyterLab or run and checked without a browser."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Any

from mlart_jupyter.cli.look import heading
from mlart_jupyter.cli.verify import verify
from mlart_jupyter.errors import MlartError, UnknownFile
from mlart_jupyter.services import current

QUICKSTART = "quickstart.ipynb"
SETTINGS: dict[str, dict[str, Any]] = {
    "@mlart/labextension/plugin": {"openOnStart": True},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    demo = commands.add_parser("demo", help="open the quickstart notebook on the embedded store")
    demo.add_argument("--headless", action="store_true", help="run it here, print and check its artifacts")
    demo.add_argument("--folder", type=Path, help="where the copy goes (the data folder)")
    demo.set_defaults(run_command=run_demo)


def run_demo(args: argparse.Namespace) -> int:
    """Copy the notebook and open or run it."""
    os.environ.pop("MLFLOW_TRACKING_URI", None)  # the demo is on the embedded store
    folder = (args.folder or current().config.data / "demo").absolute()
    notebook = copy_notebook(folder)
    return run_headless(notebook) if args.headless else open_lab(notebook)


def shipped(name: str) -> Path:
    """A notebook that the package ships, or that stands in its source tree."""
    package = Path(__file__).parents[1]
    for path in (package / "notebooks" / name, package.parent / "notebooks" / name):
        if path.is_file():
            return path
    raise UnknownFile(f"The notebook {name} is not installed", "Reinstall mlart-jupyter")


def copy_notebook(folder: Path) -> Path:
    """Copy the quickstart, keeping one that the user has changed under its own name."""
    source = shipped(QUICKSTART)
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / QUICKSTART, 1
    while target.exists() and target.read_bytes() != source.read_bytes():
        number += 1
        target = folder / f"quickstart-{number}.ipynb"
    shutil.copyfile(source, target)
    return target


def open_lab(notebook: Path) -> int:
    """Open JupyterLab on the notebook; it prints its address, and a browser opens where there is one."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={notebook.parent}"]
    command.append(f"--LabApp.default_url=/lab/tree/{notebook.name}")  # the printed address leads there too
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    if not _has_browser():
        command.append("--no-browser")
        print("mlart: no browser here; open the address that JupyterLab prints below")
    os.chdir(notebook.parent)
    return _become(command, _demo_environment(notebook.parent))


def _become(command: list[str], environment: dict[str, str]) -> int:
    """Go on as another program, so that stopping this one stops that one; Windows has no such thing."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606
    return subprocess.run(command, check=False, env=environment).returncode


def _demo_environment(folder: Path) -> dict[str, str]:
    """Settings and workspaces of the demo's own, with the sidebar open; the user's stay as they are."""
    settings = folder / ".jupyterlab" / "settings"
    for name, values in SETTINGS.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {"JUPYTERLAB_SETTINGS_DIR": str(settings), "JUPYTERLAB_WORKSPACES_DIR": str(settings.parent / "workspaces")}
    return {**os.environ, **own}


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_headless(notebook: Path) -> int:
    """Run the notebook with progress, print its run, and compare the run with what the cells showed."""
    executed = execute(notebook)
    artifacts = current().artifacts()
    print(heading(artifacts))
    print(artifacts.tree())
    problems = verify(executed, artifacts, notebook.parent)
    for problem in problems:
        print(f"✗ {problem}")
    if not problems:
        print("✓ every figure and frame that a cell showed, and every file it logged, is in the run as it was")
    return 1 if problems else 0


def execute(notebook: Path) -> Any:
    """Run a notebook in a kernel of this environment, with a line for each cell.

    Raises
    ------
    MlartError
        A cell failed.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = nbformat.read(notebook, as_version=4)
    code = [index for index, cell in enumerate(book.cells) if cell.cell_type == "code"]

    def tell(cell: Any, cell_index: int, **_: Any) -> None:
        if cell_index in code:
            first = (cell.source.strip() or "(empty)").splitlines()[0]
            print(f"[{code.index(cell_index) + 1}/{len(code)}] {first}", flush=True)

    client = NotebookClient(
        book, kernel_name="python3", resources={"metadata": {"path": str(notebook.parent)}}, on_cell_start=tell
    )
    try:
        client.execute(env={**os.environ, "MLART_NOTEBOOK": str(notebook)})
    except CellExecutionError as error:
        raise MlartError(f"A cell of {notebook.name} failed:\n{error}", "See the error above") from error
    return book
