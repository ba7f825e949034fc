"""Which run a shown thing goes to."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture
def paths_of(shared):
    def paths(name):
        shared.ok("%mlart flush")
        return eval(shared.evaluate(f"list(mlart_jupyter.artifacts({name!r}))"))

    return paths


def test_a_loop_of_runs_keeps_each_figure_in_its_own(shared, paths_of):
    shared.ok(
        "for i in range(3):\n"
        "    with mlflow.start_run(run_name=f'loop-{i}'):\n"
        "        plt.figure(); plt.plot([i, 1]); plt.title(f'figure {i}')"
    )
    assert [paths_of(f"loop-{i}") for i in range(3)] == [[f"figures/figure-{i}.png"] for i in range(3)]


def test_a_frame_goes_to_the_run_that_ended_in_its_cell(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='ended'):\n    pass\npd.DataFrame({'late': [1]})")
    assert len(paths_of("ended")) == 1


def test_a_later_cell_does_not_reach_an_ended_run(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='over'):\n    pass")
    shared.ok("pd.DataFrame({'later': [1]})")
    assert paths_of("over") == []


def test_a_nested_run_takes_what_is_shown_in_it(shared, paths_of):
    shared.ok(
        "with mlflow.start_run(run_name='outer'):\n"
        "    with mlflow.start_run(run_name='inner', nested=True):\n"
        "        display(pd.DataFrame({'in': [1]}))\n"
        "    display(pd.DataFrame({'out': [1]}))"
    )
    assert (len(paths_of("inner")), len(paths_of("outer"))) == (1, 1)


def test_a_thread_without_a_run_shows_into_the_main_threads(shared, paths_of):
    shared.ok(
        "import threading\n"
        "with mlflow.start_run(run_name='main-thread'):\n"
        "    t = threading.Thread(target=lambda: display(pd.DataFrame({'t': [1]}))); t.start(); t.join()"
    )
    assert len(paths_of("main-thread")) == 1


def test_a_figure_shown_again_changed_goes_to_the_run_active_then(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='first'):\n    fig = plt.figure(); plt.plot([1]); plt.title('f')")
    shared.ok("with mlflow.start_run(run_name='second'):\n    fig.axes[0].plot([2, 3]); display(fig)")
    assert (paths_of("first"), paths_of("second")) == (["figures/f.png"], ["figures/f.png"])


def test_a_figure_shown_again_unchanged_stays_where_it_is(shared, paths_of):
    shared.ok("with mlflow.start_run(run_name='home'):\n    fig = plt.figure(); plt.plot([1]); plt.title('f')")
    shared.ok("with mlflow.start_run(run_name='elsewhere'):\n    display(fig)")
    assert (paths_of("home"), paths_of("elsewhere")) == (["figures/f.png"], [])


def test_a_change_of_folder_in_mid_notebook_loses_nothing(shared, paths_of, tmp_path):
    shared.ok(f"import os; before = os.getcwd(); run = mlflow.start_run(run_name='moved'); os.chdir({str(tmp_path)!r})")
    shared.ok("display(pd.DataFrame({'m': [1]}))")
    shared.ok("os.chdir(before); mlflow.end_run()")
    assert len(paths_of("moved")) == 1


def test_without_a_run_it_says_so_once_and_keeps_nothing(start_kernel, data):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\nimport pandas as pd")
    texts = [kernel.ok("pd.DataFrame({'a': [1]})").text for _ in range(2)]
    assert "%mlart start" in texts[0]
    assert texts[1] == ""
    assert not (data / "spool").exists()
