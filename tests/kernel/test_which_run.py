"""Which run a shown thing goes to, in the ways that notebooks really take: resumed, threaded, async, moved, shared."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel

FRAME = "display(pd.DataFrame({'a': [1]}))"
FIGURE = "plt.figure(figsize=(1, 1)); plt.plot([1, 2])"


@pytest.fixture
def paths_of(shared):
    """The artifacts of a run by its name; no run stays active for the next test."""

    def paths(name):
        shared.ok("%mlart flush")
        return eval(shared.evaluate(f"list(mlart_jupyter.artifacts({name!r}))"))

    yield paths
    shared.ok("while mlflow.active_run(): mlflow.end_run()\nplt.close('all')")


@pytest.fixture
def note_of(shared):
    """The catalogue's note on an artifact."""

    def note(run, path):
        shared.ok("%mlart flush")
        return eval(shared.evaluate(f"mlart_jupyter.artifacts({run!r}).info({path!r}).entry.note or ''"))

    return note


# -- runs inside one cell -------------------------------------------------------------------------


def test_runs_opened_and_closed_in_a_cell_take_what_is_shown_in_them(shared, paths_of):
    shared.ok(
        f"for name in ('open-a', 'open-b'):\n    with mlflow.start_run(run_name=name):\n"
        f"        {FIGURE}; plt.title(name); plt.show(); {FRAME}"
    )
    assert [len(paths_of(name)) for name in ("open-a", "open-b")] == [2, 2]


def test_a_loop_of_runs_in_one_cell_keeps_each_flushed_figure_in_its_own(shared, paths_of):
    result = shared.ok(
        "for i in range(4):\n    with mlflow.start_run(run_name=f'flush-{i}'):\n"
        f"        {FIGURE}; plt.title(f'f {{i}}')"
    )
    assert [paths_of(f"flush-{i}") for i in range(4)] == [[f"figures/f-{i}.png"] for i in range(4)]
    assert [mark["path"] for mark in result.marks] == [f"figures/f-{i}.png" for i in range(4)]


def test_nested_runs_keep_what_was_made_in_each(shared, paths_of):
    shared.ok(
        "with mlflow.start_run(run_name='nest-outer'):\n"
        f"    {FIGURE}; plt.title('outer')\n"
        "    for i in range(2):\n"
        "        with mlflow.start_run(run_name=f'nest-{i}', nested=True):\n"
        f"            {FIGURE}; plt.title(f'inner {{i}}')"
    )
    found = [paths_of(name) for name in ("nest-outer", "nest-0", "nest-1")]
    assert found == [["figures/outer.png"], ["figures/inner-0.png"], ["figures/inner-1.png"]]


# -- figures and more than one run ----------------------------------------------------------------


def test_a_figure_drawn_on_by_several_runs_is_in_the_first_which_names_the_others(shared, paths_of, note_of):
    shared.ok(
        "for i in range(3):\n    with mlflow.start_run(run_name=f'drawn-{i}'):\n"
        "        plt.plot([i, 1]); plt.title('all of them')"
    )
    assert [len(paths_of(f"drawn-{i}")) for i in range(3)] == [1, 0, 0]
    assert note_of("drawn-0", "figures/all-of-them.png") == "drawn on in drawn-1, drawn-2 too"


def test_axes_made_before_all_runs_belong_to_the_first_that_draws(shared, paths_of, note_of):
    shared.ok(
        "fig, axes = plt.subplots(1, 2, figsize=(2, 1)); fig.suptitle('axes')\n"
        "for i, ax in enumerate(axes):\n    with mlflow.start_run(run_name=f'axes-{i}'):\n        ax.plot([i, 1])"
    )
    assert [len(paths_of(f"axes-{i}")) for i in range(2)] == [1, 0]
    assert note_of("axes-0", "figures/axes.png") == "drawn on in axes-1 too"


def test_showing_or_saving_a_figure_in_another_run_is_not_drawing_on_it(shared, paths_of, note_of, tmp_path):
    shared.ok(f"with mlflow.start_run(run_name='own'):\n    {FIGURE}; plt.title('own'); fig = plt.gcf()")
    shared.ok(
        "with mlflow.start_run(run_name='other'):\n    display(fig)\n"
        f"    fig.savefig({str(tmp_path / 'x.svg')!r}); fig.savefig({str(tmp_path / 'x.png')!r}, dpi=30)"
    )
    shared.ok("with mlflow.start_run(run_name='third'):\n    fig.axes[0].plot([3, 1]); display(fig)")
    assert (len(paths_of("own")), paths_of("other"), len(paths_of("third"))) == (1, [], 1)
    assert note_of("own", "figures/own.png") == ""
    assert note_of("third", "figures/own.png") == "drawn on in own too"


def test_a_figure_of_one_run_has_no_note(shared, paths_of, note_of):
    shared.ok(f"with mlflow.start_run(run_name='alone'):\n    {FIGURE}; plt.title('alone')")
    assert note_of("alone", "figures/alone.png") == ""


# -- runs that go on ------------------------------------------------------------------------------


def test_a_resumed_run_takes_what_is_shown_then(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='again') as r:\n    pass")
    shared.ok(f"with mlflow.start_run(run_id=r.info.run_id):\n    {FRAME}")
    assert len(paths_of("again")) == 1


def test_a_run_resumed_right_after_it_ended_and_ended_again_is_seen(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='twice') as r:\n    pass")
    shared.ok(f"with mlflow.start_run(run_id=r.info.run_id):\n    pass\n{FRAME}")
    assert len(paths_of("twice")) == 1


def test_what_comes_a_cell_after_a_resumed_runs_end_is_not_its(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='thrice') as r:\n    pass")
    shared.ok("with mlflow.start_run(run_id=r.info.run_id):\n    pass")
    shared.ok(FRAME)
    assert paths_of("thrice") == []


def test_a_run_of_a_client_takes_what_is_given_to_it_by_id(shared, paths_of):
    shared.ok(
        "c = mlflow.MlflowClient(); experiment = c.search_experiments()[0].experiment_id\n"
        "r = c.create_run(experiment, run_name='by-client')\n"
        "mlart_jupyter.log({'a': 1}, 'given.json', run=r.info.run_id)"
    )
    assert paths_of("by-client") == ["given.json"]


# -- threads, async cells -------------------------------------------------------------------------


def test_runs_in_threads_take_what_their_threads_show(shared, paths_of):
    shared.ok(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from matplotlib.figure import Figure\n"
        "def work(i):\n    with mlflow.start_run(run_name=f'thread-{i}'):\n"
        "        display(pd.DataFrame({'i': [i]}))\n"
        "        fig = Figure(figsize=(1, 1)); fig.subplots().plot([i, 1]); display(fig)\n"
        "with ThreadPoolExecutor(3) as pool: list(pool.map(work, range(3)))"
    )
    assert [len(paths_of(f"thread-{i}")) for i in range(3)] == [2, 2, 2]


def test_an_async_cell_shows_into_its_run(shared, paths_of):
    shared.ok(
        "import asyncio\nasync def show():\n    await asyncio.sleep(0.01)\n"
        f"    {FRAME}\n    {FIGURE}; plt.title('async'); plt.show()\n"
        "with mlflow.start_run(run_name='async'):\n    await asyncio.gather(show())"
    )
    assert len(paths_of("async")) == 2


# -- places that change ---------------------------------------------------------------------------


def test_two_tracking_stores_in_one_notebook_each_get_their_own(shared, paths_of, tmp_path):
    shared.ok(f"before = mlflow.get_tracking_uri()\nwith mlflow.start_run(run_name='store-a'):\n    {FRAME}")
    shared.ok(
        f"mlflow.set_tracking_uri('sqlite:///{tmp_path / 'other.db'}')\n"
        f"e = mlflow.create_experiment('other', artifact_location={(tmp_path / 'other').as_uri()!r})\n"
        f"with mlflow.start_run(run_name='store-b', experiment_id=e):\n    {FRAME}"
    )
    assert len(paths_of("store-b")) == len(list((tmp_path / "other").rglob("frames/*.parquet"))) == 1
    shared.ok("mlflow.set_tracking_uri(before)")
    assert len(paths_of("store-a")) == 1


def test_a_tracking_uri_changed_while_a_run_is_active_does_not_move_it(shared, paths_of, tmp_path):
    shared.ok("before = mlflow.get_tracking_uri(); run = mlflow.start_run(run_name='stays')")
    shared.ok(f"mlflow.set_tracking_uri('sqlite:///{tmp_path / 'elsewhere.db'}')\n{FRAME}")
    uri = "__import__('mlart_jupyter.services').services.current().known(run.info.run_id).tracking_uri == before"
    assert shared.evaluate(uri) == "True"
    shared.ok("mlflow.set_tracking_uri(before); mlflow.end_run()")
    assert len(paths_of("stays")) == 1


def test_a_change_of_folder_between_run_and_figure_loses_nothing(start_kernel, tmp_path):
    kernel = start_kernel("first", MLFLOW_TRACKING_URI="sqlite:///mlflow.db")
    kernel.ok("%load_ext mlart_jupyter\nimport mlflow, matplotlib.pyplot as plt, os, mlart_jupyter")
    kernel.ok(f"mlflow.start_run(run_name='moved'); {FIGURE}; plt.title('before')")
    kernel.ok(f"os.makedirs('deep')\n%cd deep\n{FIGURE}; plt.title('after')")
    kernel.ok("%mlart flush")
    found = list((tmp_path / "first").rglob("figures/*.png"))
    assert sorted(path.name for path in found) == ["after.png", "before.png"]
    assert not [path for path in found if "deep" in path.parts]


def test_two_notebooks_on_one_run_lose_nothing_of_each_other(shared, start_kernel, data, paths_of):
    shared.ok("run = mlflow.start_run(run_name='both')")
    uri, run_id = (eval(shared.evaluate(word)) for word in ("mlflow.get_tracking_uri()", "run.info.run_id"))
    other = start_kernel("other", MLFLOW_TRACKING_URI=uri, MLFLOW_RUN_ID=run_id)
    other.ok("%load_ext mlart_jupyter\nimport mlflow, pandas as pd, matplotlib.pyplot as plt\nmlflow.start_run()")
    show = f"for i in range(5):\n    {FIGURE}; plt.plot([WHO, i]); plt.title('same name'); plt.show()"
    other.client.execute(show.replace("WHO", "1"))  # both at the same time
    shared.ok(show.replace("WHO", "2"))
    other.ok("%mlart flush")
    assert len(paths_of("both")) == 10


def test_without_a_run_nothing_is_kept_and_nothing_raised(shared):
    kept = "__import__('mlart_jupyter.services').services.current().census().kept"
    before = shared.evaluate(f"get_ipython().run_line_magic('mlart', 'flush') or {kept}")
    for code in (FRAME, f"{FIGURE}; plt.show()", f"{FIGURE};"):
        assert shared.ok(code).marks == []
    assert shared.evaluate(f"get_ipython().run_line_magic('mlart', 'flush') or {kept}") == before
