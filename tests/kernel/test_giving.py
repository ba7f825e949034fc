"""What is given by hand with ``%log_artifact``, and whole cells under ``%%log_artifact``."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel


def test_a_name_and_a_folder_can_be_chosen(kernel, stored):
    kernel.ok("config = {'a': 1}; grid = np.eye(2)")
    kernel.ok("%log_artifact config --to settings --name best.json\n%log_artifact grid --name Identity")
    kernel.ok("open('x.bin', 'wb').write(b'x')")
    kernel.ok("%log_artifact x.bin --name deep/y.bin")
    assert stored() == ["data/identity.npy", "files/deep/y.bin", "settings/best.json"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%log_artifact np pd --name x", "--name names one thing"),
        ("%log_artifact *.part --name x", "is 2 files"),
        ("%log_artifact 'x", "No closing quotation"),
        ("%log_artifact x --run nobody", "no run nobody"),
    ],
)
def test_a_choice_that_cannot_be_is_said_in_one_line(kernel, line, words):
    kernel.ok("for n in '12': open(f'{n}.part', 'w').write(n)\nx = 1")
    text = kernel.run(line).text
    assert words in text
    assert text.count("\n") == 1


def test_patterns_reach_into_folders(kernel, stored):
    kernel.ok("import pathlib; d = pathlib.Path('tree/deep'); d.mkdir(parents=True, exist_ok=True)")
    kernel.ok("for p in (d, d.parent): (p / f'{p.name}.dat').write_text('x')")
    kernel.ok("%log_artifact tree/**/*.dat")
    assert stored() == ["files/deep.dat", "files/tree.dat"]


def test_another_run_can_be_named(kernel, stored):
    kernel.ok("other = mlflow.MlflowClient().create_run(run.info.experiment_id).info.run_id; x = 'text'")
    kernel.ok("get_ipython().run_line_magic('log_artifact', f'x --run {other}')")
    kernel.ok("cell = 'plt.plot([1]); plt.title(\"t\"); plt.show()'")
    kernel.ok("get_ipython().run_cell_magic('log_artifact', f'all --run {other}', cell)")
    assert stored() == []
    assert kernel.evaluate("list(mlart_jupyter.artifacts(other))") == "['all/source.py', 'all/t.png', 'text/x.txt']"


def test_without_a_run_the_user_chooses_what_happens(shared):
    shared.ok("x = 'text'")
    assert "%mlart start" in shared.run("%log_artifact x").text
    assert "nothing is kept" in shared.ok("%log_artifact x --no-run skip").text
    assert "ran" in shared.ok("%%log_artifact --no-run skip\nprint('ran')").text
    assert "ZeroDivisionError" in shared.run("%%log_artifact --no-run skip\n1 / 0").error
    assert "text/x.txt" in shared.ok("%log_artifact x --no-run start").text
    shared.ok("mlflow.end_run()")


def test_the_files_of_a_cell_can_be_chosen(kernel, stored):
    kernel.ok("%%log_artifact out --files *.csv\nfor n in ('a.csv', 'b.txt'): open(n, 'w').write(n)")
    kernel.ok("%%log_artifact none --files ''\nopen('c.csv', 'w').write('1')")
    assert stored() == ["none/source.py", "out/a.csv", "out/source.py"]


def test_a_failing_cell_leaves_its_traceback(kernel, read):
    kernel.run("%%log_artifact bad\ndef divide(): return 1 / 0\ndivide()")
    kernel.ok("%mlart flush")
    lines = read("bad/traceback.txt").decode().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert not any("interactiveshell" in line for line in lines)
    assert "1 / 0" in "\n".join(lines)


def test_any_object_is_kept_by_joblib_with_a_warning(kernel, stored):
    kernel.ok("import fractions; half = fractions.Fraction(1, 2)")
    assert "only if you trust" in kernel.ok("%log_artifact half").text
    assert stored() == ["objects/half.joblib"]


def test_a_long_list_of_receipts_is_cut(kernel):
    kernel.ok("d = pathlib.Path('many'); d.mkdir(exist_ok=True)\nfor i in range(30): (d / f'{i}').write_text('x')")
    text = kernel.ok("%log_artifact many").text
    assert text.count("\n") == 21
    assert "and 10 more" in text


def test_the_environment_is_kept(kernel, stored, read):
    kernel.ok("%mlart env")
    assert "environment/requirements.txt" in stored()
    lines = read("environment/requirements.txt").decode().splitlines()
    assert lines[0].startswith("# CPython 3.")
    assert any(line.startswith("pandas==") for line in lines)


@pytest.mark.slow
def test_a_model_is_a_logged_model_that_mlflow_loads(kernel):
    kernel.ok("from sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit(np.eye(2), [1, 2])")
    text = kernel.ok("%log_artifact model --name 'Best model'").text
    assert "models/best-model (MLflow model " in text
    uri = text.partition("MLflow model ")[2].partition(")")[0]
    assert kernel.evaluate(f"mlflow.sklearn.load_model({uri!r}).predict(np.eye(2)).round().tolist()") == "[1.0, 2.0]"
