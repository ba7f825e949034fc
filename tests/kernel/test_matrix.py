"""Every road by which a figure is shown × every set-up × a cell that is fine or raises: each picture once, its bytes.

One kernel per set-up goes through all roads, each in a run of its own; two kernels at a time, on one store of MLflow's.
"""

from __future__ import annotations

import ast
import base64
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.utils import ensure_event_loop

from mlart_jupyter.store.local import local_folder

from .conftest import Kernel, Result

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

AFTER = "%config InlineBackend.figure_formats = ['png']\nplt.rcdefaults(); plt.close('all')"
SIZE = "figsize=(2, 1.5)"
DRAW = f"fig = plt.figure({SIZE}); plt.plot([1, 2, 4]); plt.title('t')"

ROADS: dict[str, list[str]] = {
    "plt.show": [f"{DRAW}; plt.show()"],
    "last expression": [f"{DRAW}; plt.close(fig)\nfig"],
    "expression and flush": [f"{DRAW}\nfig"],
    "display": [f"{DRAW}; plt.close(fig); display(fig)"],
    "inline flush": [f"{DRAW};"],
    "several in a cell": [f"for i in range(3):\n    plt.figure({SIZE}); plt.plot([i, 1]); plt.title(f't {{i}}')"],
    "closed before the end": [f"{DRAW}; plt.show(); plt.close('all')"],
    "shown twice": [f"{DRAW}; display(fig); display(fig)"],
    "shown again later": [f"{DRAW}; display(fig); plt.close(fig)", "display(fig)"],
    "changed and shown again": [f"{DRAW}; display(fig); plt.close(fig)", "fig.axes[0].plot([4, 1]); display(fig)"],
    "subfigures": [
        "fig = plt.figure(figsize=(3, 1.5)); a, b = fig.subfigures(1, 2); a.suptitle('left')",
        "a.subplots().plot([1, 2]); b.subplots().plot([2, 1]); display(fig)",
    ],
    "pandas.plot": [f"pd.Series([1, 3, 2]).plot({SIZE}, title='t');"],
    "seaborn": ["sns.relplot(x=[1, 2, 3], y=[3, 1, 2], height=1.5)"],
    "style": [f"with plt.style.context('ggplot'):\n    {DRAW}; plt.show()"],
    "retina": [f"%config InlineBackend.figure_formats = ['retina']\n{DRAW}; plt.show()", f"{DRAW}\nfig"],
    "SVG": [f"%config InlineBackend.figure_formats = ['svg']\n{DRAW}; plt.show()", f"{DRAW}; display(fig)\nfig"],
    "PNG, SVG and PDF": [f"%config InlineBackend.figure_formats = ['png', 'svg', 'pdf']\n{DRAW}\nfig"],
    "JPEG": [f"%config InlineBackend.figure_formats = ['jpeg']\n{DRAW}; plt.show()"],
    "whole canvas": [
        f"%config InlineBackend.print_figure_kwargs = {{'bbox_inches': None}}\n{DRAW}; plt.show()",
        "%config InlineBackend.print_figure_kwargs = {'bbox_inches': 'tight'}",
    ],
    "animation": [
        "from matplotlib.animation import FuncAnimation\nplt.rcParams['animation.html'] = 'jshtml'",
        f"fig, ax = plt.subplots({SIZE}); [line] = ax.plot([1, 2]); ax.set_title('moves'); plt.close(fig)",
        "anim = FuncAnimation(fig, lambda i: line.set_ydata([i, 1]), frames=2); display(anim); display(anim)",
    ],
}
"""Road → its cells. What the front end got is the measure; `shows` tells whether it got something at all."""

SETUPS: dict[str, tuple[dict[str, str], list[str]]] = {
    "extension first": ({}, ["%load_ext mlart_jupyter", "import matplotlib.pyplot as plt"]),
    "matplotlib first": ({}, ["import matplotlib.pyplot as plt\nplt.plot([1]);", "%load_ext mlart_jupyter"]),
    "inline before": ({}, ["%matplotlib inline\n%load_ext mlart_jupyter", "import matplotlib.pyplot as plt"]),
    "inline after": ({}, ["%load_ext mlart_jupyter\n%matplotlib inline", "import matplotlib.pyplot as plt"]),
    "ipympl": ({}, ["%load_ext mlart_jupyter\n%matplotlib widget", "import matplotlib.pyplot as plt"]),
    "no display": ({"MPLBACKEND": "agg"}, ["%load_ext mlart_jupyter", "import matplotlib.pyplot as plt"]),
    "switched": (
        {},
        [
            "%load_ext mlart_jupyter\n%matplotlib inline\nimport matplotlib.pyplot as plt",
            "plt.plot([1]);",
            "%matplotlib widget",
            "plt.plot([2]);",
            "%matplotlib inline",
        ],
    ),
}
LIBRARIES = (
    "%xmode Minimal\nimport warnings; warnings.simplefilter('ignore')\nimport pandas as pd, seaborn as sns, mlflow"
)
EXPERIMENT = "figures"
OUTCOMES = {"ok": "", "raises": "\nraise RuntimeError('after showing')"}

PICTURES = {
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/jpeg": ".jpg",
    "application/pdf": ".pdf",
    "text/html": ".html",
}


@dataclass
class Trip:
    """One road in one kernel: what the front end got, and what is in the run."""

    results: list[Result]
    shown: list[tuple[str, bytes]]
    stored: dict[str, bytes]


def pictures(results: list[Result]) -> list[tuple[str, bytes]]:
    """Suffix and bytes of every picture in the outputs; an animation is its page."""
    bundles = [display["data"] for result in results for display in result.displays]
    return [(PICTURES[kind], as_bytes(kind, b[kind])) for b in bundles for kind in PICTURES if wanted(kind, b)]


def wanted(kind: str, bundle: dict[str, Any]) -> bool:
    return kind in bundle and (kind != "text/html" or "Animation" in bundle["text/plain"])


def as_bytes(kind: str, data: str) -> bytes:
    return data.encode() if kind in ("image/svg+xml", "text/html") else base64.b64decode(data)


def look(picture: tuple[str, bytes]) -> tuple[str, bytes]:
    """A picture without what matplotlib draws by lot, and the time."""
    suffix, data = picture
    if suffix == ".svg":
        data = re.sub(rb"<dc:date>.*?</dc:date>", b"", re.sub(rb"[0-9a-f]{10}", b"", data))
    if suffix == ".pdf":
        data = re.sub(rb"/CreationDate \(.*?\)", b"", data)
    return suffix, data


def travel(setup: str, tracking_uri: str, folder: Path) -> dict[tuple[str, str], Trip]:
    """Take one kernel through all roads."""
    environment, cells = SETUPS[setup]
    environment = {**environment, "MLFLOW_TRACKING_URI": tracking_uri, "MLFLOW_EXPERIMENT_NAME": EXPERIMENT}
    kernel = Kernel(folder / "work", folder / "data", **environment)
    try:
        for cell in [*cells, LIBRARIES]:
            kernel.ok(cell)
        results = {}
        for road, outcome in itertools.product(ROADS, OUTCOMES):
            kernel.ok(f"run = mlflow.start_run(run_name={f'{road} {outcome}'!r})")
            results[road, outcome] = [kernel.run(cell + OUTCOMES[outcome]) for cell in ROADS[road]]
            kernel.ok(f"places = [*globals().get('places', []), run.info.artifact_uri]\nmlflow.end_run()\n{AFTER}")
        kernel.ok("%mlart flush")
        places = map(local_folder, ast.literal_eval(kernel.evaluate("places")))
    finally:
        kernel.kill()
        kernel.stop()
        ensure_event_loop().close()  # jupyter_client makes one for each thread
    return {
        way: Trip(got, pictures(got), files(place)) for (way, got), place in zip(results.items(), places, strict=True)
    }


def files(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file() and "mlart" not in path.relative_to(root).parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def shows(setup: str, road: str, outcome: str) -> bool:
    """Agg shows a figure's text alone, and a cell that raises has no last expression."""
    return road == "animation" or (setup != "no display" and (road, outcome) != ("last expression", "raises"))


@pytest.fixture(scope="module")
def trips(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[dict[tuple[str, str], Trip]]]]:
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("runs")
    uri = f"sqlite:///{folder / 'runs.db'}"
    MlflowClient(uri).create_experiment(EXPERIMENT, artifact_location=folder.as_uri())
    with ThreadPoolExecutor(2) as pool:
        yield {setup: pool.submit(travel, setup, uri, tmp_path_factory.mktemp("matrix")) for setup in SETUPS}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("setup", SETUPS)
def test_each_picture_is_kept_once_with_its_bytes(trips, setup, road, outcome):
    trip = trips[setup].result()[road, outcome]
    stored = [(Path(path).suffix, data) for path, data in trip.stored.items()]
    assert set(stored) <= set(trip.shown)
    assert sorted(map(look, stored)) == sorted(set(map(look, trip.shown)))
    assert bool(trip.shown) == shows(setup, road, outcome)
    assert [result.status == "ok" for result in trip.results] == [outcome == "ok"] * len(trip.results)
