"""The magics as a user types them."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel


def test_status_tells_run_store_and_counts(kernel):
    text = kernel.ok("%mlart").text
    assert "capture on" in text
    assert "sqlite:///" in text
    assert "waiting 0" in text


@pytest.mark.parametrize("magic", ["%mlart", "%log_artifact"])
def test_help_is_a_question_mark_away(kernel, magic):
    reply = kernel.client.session.msg("execute_request", {"code": f"{magic}?", "silent": False, "store_history": True})
    assert reply
    text = kernel.evaluate(f"get_ipython().find_line_magic({magic[1:]!r}).__doc__")
    assert magic in text


@pytest.mark.parametrize("line", ["%mlart --help", "%mlart get --help", "%log_artifact --help"])
def test_help_flag_prints_usage(kernel, line):
    assert "--" in kernel.ok(line).text


BAD = {
    "%mlart get nothing.png": "no artifact nothing.png",
    "%mlart show nothing.png": "no artifact nothing.png",
    "%mlart ls nowhere": "no artifact nowhere",
    "%mlart ls --run nobody": "no run nobody",
    "%mlart get ../../etc/passwd": "not a path inside the run",
    "%log_artifact nothing.csv": "no file and no variable nothing.csv",
    "%log_artifact": "required",
    "%mlart dance": "invalid choice",
    "%mlart start": "active already",
    "import decimal; d = decimal\nget_ipython().run_line_magic('log_artifact', 'd')": "no renderer for builtins.module",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_line_that_says_what_to_do(kernel, line):
    result = kernel.run(line)
    assert result.status == "error"
    assert BAD[line] in result.text
    assert result.text.startswith("UsageError")
    assert result.text.count("\n") == 1


def test_without_a_run_logging_says_how_to_open_one(shared):
    assert "%mlart start" in shared.run("%log_artifact pd").text


def test_tab_completes_subcommands_and_paths(kernel):
    assert {"start", "status"} <= set(kernel.complete("%mlart st"))
    kernel.ok("plt.plot([1]); plt.title('done'); plt.show()")
    kernel.ok("%mlart flush")
    assert "figures/" in kernel.complete("%mlart ls fig")
    assert "figures/done.png" in kernel.complete("%mlart show figures/d")


def test_variables_are_kept_by_their_names(kernel, stored):
    kernel.ok("config = {'a': 1}; words = 'text'; grid = np.eye(2); table = pd.DataFrame({'a': [1]})")
    kernel.ok("%log_artifact config words grid table")
    assert stored() == ["data/config.json", "data/grid.npy", "frames/table.parquet", "text/words.txt"]


def test_files_folders_and_patterns_are_kept(kernel, stored, read):
    kernel.ok("import pathlib; d = pathlib.Path('out'); (d / 'deep').mkdir(parents=True, exist_ok=True)")
    kernel.ok("(d / 'deep' / 'a b.txt').write_text('deep')")
    kernel.ok("for n in '12': pathlib.Path(f'x{n}.csv').write_text(n)")
    kernel.ok("%log_artifact out\n%log_artifact x*.csv --to tables")
    assert stored() == ["files/out/deep/a b.txt", "tables/x1.csv", "tables/x2.csv"]
    assert read("files/out/deep/a b.txt") == b"deep"


def test_a_cell_is_kept_with_all_it_makes(kernel, stored, read):
    kernel.ok(
        "%%log_artifact reports/one\n"
        "print('hello')\n"
        "pathlib.Path('made.txt').write_text('made')\n"
        "plt.plot([1]); plt.title('inside'); plt.show()\n"
        "pd.DataFrame({'a': [1]})"
    )
    names = {path.removeprefix("reports/one/") for path in stored()}
    assert {"source.py", "stdout.txt", "made.txt", "inside.png"} < names
    assert len([name for name in names if name.endswith(".parquet")]) == 1
    assert read("reports/one/stdout.txt") == b"hello\n"


def test_a_failing_cell_is_kept_and_still_fails(kernel, stored):
    result = kernel.run("%%log_artifact bad\nprint('before')\n1 / 0")
    assert result.status == "error"
    assert "ZeroDivisionError" in result.error
    assert {"bad/source.py", "bad/stdout.txt"} <= set(stored())


def test_show_displays_without_keeping_again(kernel, stored):
    shown = kernel.ok("plt.plot([1]); plt.title('once'); plt.show()").pictures
    assert kernel.ok("%mlart show figures/once.png").pictures == shown
    kernel.ok("pd.DataFrame({'a': [1]})\n%mlart flush")
    assert stored() == ["figures/once.png"]


def test_get_downloads_files_and_folders(kernel):
    kernel.ok("%log_artifact config --to settings\n%mlart get settings settings/config.json --to got")
    assert kernel.evaluate("sorted(str(p) for p in pathlib.Path('got').rglob('*.json'))") == (
        "['got/config.json', 'got/settings/config.json']"
    )


def test_off_keeps_nothing_but_what_is_given(kernel, stored):
    kernel.ok("%mlart off")
    kernel.ok("plt.plot([1]); plt.show()")
    kernel.ok("%log_artifact config")
    kernel.ok("%mlart on")
    assert stored() == ["data/config.json"]


def test_a_cell_that_ends_its_run_is_kept_in_it(kernel, stored):
    kernel.ok("%%log_artifact last\nprint('bye')\nmlflow.end_run()")
    assert {"last/source.py", "last/stdout.txt"} <= set(stored())


def test_a_cell_under_the_magic_prints_as_before(kernel):
    result = kernel.ok("%%log_artifact tee\nimport sys, logging\nprint(sys.stdout.encoding, sys.stdout.writable())")
    assert "True" in result.text
    kernel.ok("print('later')")


def test_browsing_another_run_does_not_make_it_the_notebooks(kernel):
    kernel.ok("with mlflow.start_run(run_name='looked-at', nested=True): pass")
    kernel.ok("mlart_jupyter.log('x', 'x.txt')\n%mlart flush")
    kernel.ok("looked = mlart_jupyter.ArtifactBrowser('looked-at')")
    last = "__import__('mlart_jupyter.services').services.current().last_run.run_id == run.info.run_id"
    assert kernel.evaluate(last) == "True"


def test_a_store_is_chosen_for_later_runs(shared, tmp_path):
    place = tmp_path / "mein Ort"
    shared.ok("from mlflow.tracking import fluent; before = fluent._active_experiment_id")
    try:
        words = shared.ok(f'%mlart store "{place}" --experiment elsewhere').text
        assert 'experiment "elsewhere" (new)' in words
        assert "a probe was written, read and deleted" in words
        assert list(place.iterdir()) == []
        shared.ok("with mlflow.start_run() as there:\n    plt.plot([1]); plt.title('Far'); plt.show()\n%mlart flush")
        assert len(list(place.rglob("figures/far.png"))) == 1
        assert "(known)" in shared.ok(f'%mlart store "{place}" --experiment elsewhere').text
    finally:
        shared.ok("fluent._active_experiment_id = before; plt.close('all')")


def test_a_store_that_cannot_be_is_one_line(shared, tmp_path):
    (tmp_path / "file").write_text("")
    result = shared.run(f'%mlart store "{tmp_path}/file/below"')
    assert result.status == "error"
    assert result.text.startswith("UsageError: The run cannot hold this name")
    assert result.text.count("\n") == 1
