"""``mlart run``: a notebook executed without a browser, inside a run of its own."""

from __future__ import annotations

import argparse
import ast
import json
import os
from pathlib import Path
from typing import Any

from mlart_jupyter import context
from mlart_jupyter.cli.look import heading
from mlart_jupyter.config import Mlart
from mlart_jupyter.errors import MlartError, UnknownFile
from mlart_jupyter.models import RunRef
from mlart_jupyter.outgoing import notebook_encoding
from mlart_jupyter.services import Services, current
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.store import tracking

WORDS = {"true": True, "false": False, "null": None}
FLUSH_SECONDS = 60.0
END_SECONDS = 30.0
"""How long the kernel may take to deliver, and to describe its environment."""


def add_commands(commands: Any) -> None:
    """Declare the arguments."""
    run = commands.add_parser("run", help="execute a notebook inside a run of its own")
    run.add_argument("notebook", type=Path, help="stays as it is; the executed one is in the run")
    run.add_argument("-p", dest="parameters", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    run.add_argument("--name", help="of the run (the notebook's)")
    run.add_argument("--output", type=Path, help="write the executed notebook here, too")
    run.add_argument("--kernel", help="name of the kernel (the notebook's)")
    run.set_defaults(run_command=run_notebook)


def run_notebook(args: argparse.Namespace) -> int:
    """Execute, keep the executed notebook whatever happens, and print the run; exit code 1 when a cell failed."""
    path, services = args.notebook.absolute(), current()
    book = _read(path)
    inject(book, dict(args.parameters))
    services.notebook = str(path)
    context.tell(context.Place(str(path), services.session))
    run = services.remember(_begin(args.name or path.stem, services.config))
    status, problem = "KILLED", ""
    try:
        problem = execute(book, path, run, args.kernel)
        status = "FAILED" if problem else "FINISHED"
    finally:
        tracking.end(status)
        _keep(book, path, run, services, args.output)
    print(heading(services.artifacts(run)))
    print(services.artifacts(run).tree())
    if problem:
        raise MlartError(problem, "The run has the notebook with all that ran until then")
    return 0


def _read(path: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError) as error:
        raise UnknownFile(f"{path} cannot be read as a notebook ({error})", "Check its name") from error


def _begin(name: str, config: Mlart) -> RunRef:
    config.data.mkdir(parents=True, exist_ok=True)
    return tracking.start(name, config.embedded_uri, config.embedded_artifacts, "notebooks")


def inject(book: Any, parameters: dict[str, str]) -> None:
    """Lay a cell that sets parameters behind the cell tagged ``parameters``, as papermill does."""
    from nbformat import v4

    if not parameters:
        return
    tags = [cell.metadata.get("tags", []) for cell in book.cells]
    book.cells[:] = [c for c, names in zip(book.cells, tags, strict=True) if "injected-parameters" not in names]
    tags = [cell.metadata.get("tags", []) for cell in book.cells]
    where = next((i + 1 for i, names in enumerate(tags) if "parameters" in names), 0)
    source = "\n".join(["# Parameters", *(f"{name} = {value(text)!r}" for name, text in parameters.items())])
    book.cells.insert(where, v4.new_code_cell(source, metadata={"tags": ["injected-parameters"]}))


def value(text: str) -> Any:
    """A parameter's value: a Python or JSON literal, else the text itself."""
    if text in WORDS:
        return WORDS[text]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def execute(book: Any, path: Path, run: RunRef, kernel: str | None = None) -> str:
    """Execute a notebook in place, with a line for each cell; return what went wrong, or ``""``."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    code = [index for index, cell in enumerate(book.cells) if cell.cell_type == "code"]

    def tell(cell: Any, cell_index: int, **_: Any) -> None:
        if cell_index in code:
            first = (cell.source.strip() or "(empty)").splitlines()[0]
            print(f"[{code.index(cell_index) + 1}/{len(code)}] {first[:100]}", flush=True)

    options: Any = {"kernel_name": kernel} if kernel else {}
    client = NotebookClient(
        book,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--InteractiveShellApp.extra_extensions=mlart_jupyter"],
        on_cell_start=tell,
        **options,
    )
    client.create_kernel_manager().shutdown_wait_time = END_SECONDS
    try:
        client.execute(env=_environment(book, path, run))
    except CellExecutionError as error:
        return f"A cell of {path.name} failed with {error.ename}: {error.evalue}"
    except DeadKernelError:
        return f"The kernel of {path.name} has died"
    return ""


def _environment(book: Any, path: Path, run: RunRef) -> dict[str, str]:
    """What makes the run that of the notebook's first `start_run`, and of what it shows without one.

    MLflow refuses to go on with a run after `set_experiment` of another experiment: such a notebook
    begins runs of its own.
    """
    own = {"MLART_NOTEBOOK": str(path), "MLART_RUN": json.dumps(run.to_json())}
    if not any("set_experiment" in cell.source for cell in book.cells if cell.cell_type == "code"):
        own["MLFLOW_RUN_ID"] = run.run_id
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        own["MLFLOW_TRACKING_URI"] = run.tracking_uri
    return {**os.environ, **own}


def _keep(book: Any, path: Path, run: RunRef, services: Services, output: Path | None) -> None:
    import nbformat

    data = (nbformat.writes(book) + "\n").encode()
    if output is not None:
        output.write_bytes(data)
    config = services.config
    encoding = notebook_encoding(
        outputs=config.notebook_outputs, output_bytes=config.notebook_output_bytes, html=config.notebook_html
    )
    Snapshots(services.spool, services.version).take(data, str(path), services.words, run=run, encoding=encoding)
    if left := services.flush(FLUSH_SECONDS):
        print(f"mlart: {left} items are still on their way; `mlart flush` delivers them")
