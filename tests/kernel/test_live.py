"""Displays that a cell redraws in place: the first and the last state are kept."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

LIVE = "fig, ax = plt.subplots(figsize=(1, 1)); [line] = ax.plot([1, 2]); ax.set_title('live'); plt.close(fig)\n"
STEP = "line.set_ydata([i, 1]); ax.relim(); ax.autoscale()"
LOOPS = {
    "handle.update": f"h = display(fig, display_id=True)\nfor i in range(N):\n    {STEP}; h.update(fig)",
    "same display_id": f"for i in range(N):\n    {STEP}; display(fig, display_id='same')",
    "update_display": (
        "from IPython.display import update_display\ndisplay(fig, display_id='x')\n"
        f"for i in range(N):\n    {STEP}; update_display(fig, display_id='x')"
    ),
    "clear_output": (
        "from IPython.display import clear_output\n"
        f"for i in range(N):\n    clear_output(wait=True); {STEP}; display(fig)"
    ),
    "new figures": (
        "from IPython.display import clear_output\nfor i in range(N):\n"
        "    plt.figure(figsize=(1, 1)); plt.plot([i, 1]); plt.title('live'); plt.show(); clear_output(wait=True)"
    ),
}
PATHS = ["figures/live.png", "figures/live_v2.png"]


@pytest.mark.parametrize("loop", LOOPS)
def test_of_a_loop_the_first_and_the_last_state_are_kept(kernel, stored, read, loop):
    result = kernel.ok(LIVE + LOOPS[loop].replace("N", "8"))
    assert stored() == PATHS
    assert [read(path) for path in PATHS] == [result.pictures[0], result.pictures[-1]]


def test_two_hundred_updates_are_two_artifacts(kernel, stored):
    kernel.ok(LIVE + LOOPS["handle.update"].replace("N", "200"))
    assert stored() == PATHS


def test_an_untitled_figure_in_one_place_has_versions_of_one_name(kernel, stored):
    loop = "from IPython.display import clear_output\nfor i in range(4):\n    clear_output(wait=True); "
    result = kernel.ok(loop + "plt.figure(figsize=(1, 1)); plt.plot([i, 1]); plt.show()")
    assert stored() == [f"figures/cell-{result.count}.png", f"figures/cell-{result.count}_v2.png"]


def test_the_last_state_is_on_disk_when_the_cell_is_done(kernel):
    waiting = "len(mlart_jupyter.services.current().spool.unfinished())"
    kernel.ok(
        "import mlart_jupyter.services\n%mlart flush\n"
        "from mlart_jupyter.uploads import worker; worker.SETTLE_SECONDS = 5"
    )
    kernel.ok(LIVE + LOOPS["handle.update"].replace("N", "8"))
    assert kernel.evaluate(waiting) == "2"
    kernel.ok("worker.SETTLE_SECONDS = 0.05\n%mlart flush")


@pytest.mark.parametrize("loop", ["handle.update", "clear_output"])
def test_a_cell_that_raises_loses_nothing(kernel, stored, read, loop):
    result = kernel.run(LIVE + LOOPS[loop].replace("N", "5") + "\n    1 / (3 - i)")
    assert result.status == "error"
    assert stored() == PATHS
    assert read(PATHS[1]) == result.pictures[-1]


def test_an_interrupted_cell_loses_nothing(kernel, stored, read):
    pid = int(kernel.evaluate("__import__('os').getpid()"))
    kernel.ok("import pathlib, time; pathlib.Path('here').unlink(missing_ok=True)")
    place = eval(kernel.evaluate("str(pathlib.Path('here').absolute())"))
    stop = interrupt_when(Path(place), pid)
    wait = "pathlib.Path('here').touch()\nfor _ in range(1200):\n    time.sleep(0.1)"
    result = kernel.run(LIVE + LOOPS["handle.update"].replace("N", "5") + "\n" + wait)
    stop.join()
    assert "KeyboardInterrupt" in result.error
    assert stored() == PATHS
    assert read(PATHS[1]) == result.pictures[-1]


def interrupt_when(place: Path, pid: int) -> threading.Thread:
    """Send SIGINT as soon as the cell says that it is there."""

    def watch() -> None:
        for _ in range(1000):
            if place.exists():
                os.kill(pid, signal.SIGINT)
                return
            threading.Event().wait(0.1)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def test_a_frame_redrawn_in_place_is_kept_as_it_was_when_shown(kernel, stored):
    kernel.ok(
        "df = pd.DataFrame({'a': [0, 0]}); h = display(df, display_id=True)\n"
        "for i in range(5):\n    df.loc[0, 'a'] = i; h.update(df)\n"
        "df.loc[0, 'a'] = 99"
    )
    assert stored() == ["frames/df.parquet", "frames/df_v2.parquet"]
    cells = [f"int(mlart_jupyter.artifacts(run.info.run_id).frame({path!r})['a'][0])" for path in stored()]
    assert [kernel.evaluate(cell) for cell in cells] == ["0", "4"]


def test_each_place_has_a_last_state(kernel, stored):
    kernel.ok(
        "from IPython.display import clear_output\nfor i in range(4):\n    clear_output(wait=True)\n"
        "    for name in 'ab':\n        display(pd.DataFrame({name: [i]}))"
    )
    assert len(stored()) == 4


def test_what_stays_on_the_screen_is_all_kept(kernel, stored):
    kernel.ok("for i in range(4):\n    display(pd.DataFrame({'a': [i]}))")
    assert len(stored()) == 4


def test_two_output_widgets_are_two_places(kernel, stored):
    kernel.ok(
        "import ipywidgets\nfrom IPython.display import clear_output\na, b = ipywidgets.Output(), ipywidgets.Output()"
    )
    kernel.ok(
        "for i in range(4):\n    for n, out in enumerate((a, b)):\n"
        "        with out:\n            clear_output(wait=True); display(pd.DataFrame({'n': [n], 'i': [i]}))"
    )
    assert len(stored()) == 4


def test_each_run_of_a_loop_has_its_own(kernel):
    kernel.ok(
        "mlflow.end_run()\nfrom IPython.display import clear_output\nfor i in range(3):\n"
        "    with mlflow.start_run(run_name=f'live-{i}'):\n"
        "        clear_output(wait=True); display(pd.DataFrame({'i': [i]}))"
    )
    kernel.ok("%mlart flush")
    counts = "[len(list(mlart_jupyter.artifacts(f'live-{i}'))) for i in range(3)]"
    assert kernel.evaluate(counts) == "[1, 1, 1]"


def test_a_loop_in_a_later_cell_begins_anew(kernel, stored):
    kernel.ok(LIVE + "h = display(fig, display_id=True)")
    kernel.ok(f"for i in range(5):\n    {STEP}; h.update(fig)")
    assert stored() == [*PATHS, "figures/live_v3.png"]


def test_where_no_cell_runs_the_last_state_follows(kernel):
    place = Path(eval(kernel.evaluate("run.info.artifact_uri.removeprefix('file://')")))
    kernel.ok(
        "import threading, time\nfrom mlart_jupyter.kernel.extension import _loaded\n"
        "[extension] = _loaded.values()\n"
        "def late():\n    while extension.live._in_cell: time.sleep(0.01)\n"
        "    for i in range(5): display(pd.DataFrame({'i': [i]}), display_id='t')\n"
        "threading.Thread(target=late).start()"
    )
    end = time.monotonic() + 60
    while len(list(place.rglob("*.parquet"))) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    assert len(list(place.rglob("*.parquet"))) == 2


def test_the_setting_all_keeps_every_state(kernel, stored):
    kernel.ok("%config Mlart.live = 'all'")
    kernel.ok(LIVE + LOOPS["handle.update"].replace("N", "5"))
    kernel.ok("%config Mlart.live = 'first-last'")
    assert len(stored()) == 6


def test_the_output_names_its_artifact(kernel):
    result = kernel.ok(LIVE + LOOPS["handle.update"].replace("N", "5"))
    first, last = result.marks[0], result.marks[-1]
    assert first["path"] == "figures/live.png"
    assert last["key"] == "figures/live"
    assert {mark["item"] for mark in result.marks[1:]} == {last["item"]}
    entry = "mlart_jupyter.artifacts(run.info.run_id).info('figures/live_v2.png').entry.item"
    assert eval(kernel.evaluate(f"get_ipython().run_line_magic('mlart', 'flush') or {entry}")) == last["item"]
