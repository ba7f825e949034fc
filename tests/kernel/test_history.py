"""``%mlart notebook``, ``checkout`` and ``diff`` as a user types them, without a Jupyter server."""

from __future__ import annotations

import time

import nbformat
import pytest
from nbformat import v4

pytestmark = [pytest.mark.kernel, pytest.mark.slow]  # nbdime is not among what the lowest versions are tried with

FORGET = """import os, pathlib
os.environ.pop("MLART_NOTEBOOK", None)
__import__("mlart_jupyter.services").services.current().notebook = None
for path in pathlib.Path().rglob("*.ipynb"):
    path.unlink()"""


class Book:
    """This notebook's file, which the test writes as its host would."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.folder = kernel.evaluate("str(pathlib.Path.cwd())").strip("'")

    def write(self, *sources, name="nb.ipynb"):
        cells = [v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
        nbformat.write(v4.new_notebook(cells=cells), f"{self.folder}/{name}")
        return self

    def kept(self, path="notebooks/nb.ipynb", word=b""):
        """Wait until the run has a notebook, with a word in it."""
        look = f"path in (run := mlart_jupyter.artifacts()) and {word!r} in run.read(path)"
        self.kernel.ok(f"path = {path!r}")
        end = time.monotonic() + 60
        while (found := self.kernel.evaluate(look.replace("run", "_kept"))) != "True" and time.monotonic() < end:
            time.sleep(0.2)
        assert found == "True"
        return self


@pytest.fixture
def book(kernel):
    kernel.ok(FORGET)
    yield Book(kernel)
    kernel.ok(FORGET)


def test_a_notebook_that_is_named_is_kept_in_each_run(kernel, book):
    book.write("x = 1")
    told = kernel.ok("%mlart notebook nb.ipynb").text
    assert f"this notebook is {book.folder}/nb.ipynb" in told
    book.kept()
    kernel.ok("mlflow.end_run()\nrun = mlflow.start_run(run_name='the next')")
    book.kept()


def test_checkout_brings_back_the_newest_and_earlier_ones_beside_it(kernel, book):
    book.write("x = 1")
    kernel.ok("%mlart notebook nb.ipynb")
    book.kept().write("x = 2").kept(word=b"x = 2")
    line = "%mlart checkout test_checkout_brings_back_the_newest_and_earlier_ones_beside_it"
    first, second = (kernel.ok(line).text.strip() for _ in range(2))
    assert first.startswith(f"{book.folder}/nb-test_checkout")
    assert second == first.replace(".ipynb", "-2.ipynb")
    assert "x = 2" in nbformat.read(first, 4).cells[0].source
    kernel.ok("import os; os.makedirs('old', exist_ok=True)")
    earlier = kernel.ok(f"{line} notebooks/nb_v1.ipynb --to old").text.strip()
    assert "x = 1" in nbformat.read(f"{book.folder}/{earlier}", 4).cells[0].source
    assert nbformat.read(f"{book.folder}/nb.ipynb", 4).cells[0].source == "x = 2"


def test_diff_tells_what_changed_since_a_run_and_between_runs(kernel, book):
    book.write("same", "x = 1")
    kernel.ok("%mlart notebook nb.ipynb")
    book.kept()
    assert "have the same sources" in kernel.ok("%mlart diff").text
    kernel.ok("before = run.info.run_id\nmlflow.end_run()")
    kernel.ok("run = mlflow.start_run(run_name='later')")  # before the change, which would reach the ended run
    book.write("same", "x = 2")
    book.kept(word=b"x = 2")
    for line in ("%mlart diff $before", "%mlart diff $before later", "%mlart diff $before nb.ipynb"):
        told = kernel.ok(line).text
        assert "x = 1" in told, line
        assert "x = 2" in told
        assert "same" not in told


def test_of_two_notebooks_of_a_run_the_one_of_this_name_is_compared(kernel, book):
    book.write("one", name="a.ipynb").write("two", name="b.ipynb")
    kernel.ok("%mlart notebook a.ipynb")
    book.kept("notebooks/a.ipynb")
    kernel.ok("%mlart notebook b.ipynb")
    book.kept("notebooks/b.ipynb")
    assert "have the same sources" in kernel.ok("%mlart diff").text
    text = kernel.run("run_id = run.info.run_id\n%mlart checkout $run_id").text
    assert "several notebooks" in text
    named = next(word for word in text.replace(",", " ").replace(". ", " ").split() if word.endswith("/a.ipynb"))
    assert named.startswith("runs:/")
    assert kernel.ok(f"%mlart checkout {named}").text.strip().startswith(f"{book.folder}/a-")


BAD = {
    "%mlart notebook none.ipynb": "There is no file",
    "%mlart notebook .": "is no notebook",
    "%mlart notebook": "required",
    "%mlart checkout": "required",
    "%mlart checkout nobody": "no run nobody",
    "%mlart checkout test_bad": "no run test_bad",
    "%mlart checkout $run_id": "has no notebook",
    "%mlart checkout $run_id notebooks/none.ipynb": "no artifact notebooks/none.ipynb",
    "%mlart checkout $run_id files/plain.txt": "is no notebook",
    "%mlart checkout $run_id files": "is no notebook",
    "%mlart checkout $run_id ../../x.ipynb": "not a path inside the run",
    "%mlart diff": "%mlart notebook PATH",
    "%mlart diff $run_id none.ipynb": "no run none.ipynb",
    "%mlart diff nobody $run_id": "no run nobody",
    "%mlart diff a b c": "unrecognized arguments",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_line_that_says_what_to_do(kernel, book, line):
    kernel.ok("import pathlib; pathlib.Path('plain.txt').write_text('x')\n%log_artifact plain.txt\n%mlart flush")
    result = kernel.run(f"run_id = run.info.run_id\n{line}")
    assert result.status == "error"
    assert BAD[line] in result.text
    assert result.text.startswith("UsageError")
    assert result.text.count("\n") == 1


def test_a_folder_that_cannot_be_written_and_a_torn_notebook_are_told(kernel, book):
    book.write("x = 1")
    kernel.ok("%mlart notebook nb.ipynb")
    book.kept()
    assert "Give another folder with --to" in kernel.run("r = run.info.run_id\n%mlart checkout $r --to nowhere").text
    kernel.ok("pathlib.Path('torn.ipynb').write_text('{')")
    text = kernel.run("%mlart diff $r torn.ipynb").text
    assert "torn.ipynb is no notebook" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("command", ["notebook", "checkout", "diff"])
def test_help_names_them_and_tells_of_each(kernel, command):
    assert command in kernel.ok("%mlart --help").text
    assert f"%mlart {command}" in kernel.evaluate("get_ipython().find_line_magic('mlart').__doc__")
    told = kernel.ok(f"%mlart {command} --help").text
    assert told.startswith(f"usage: %mlart {command}")


def test_tab_completes_commands_runs_and_notebooks_on_disk(kernel, book):
    assert {"checkout", "diff", "notebook", "store"} <= {
        name for start in "cdns" for name in kernel.complete(f"%mlart {start}")
    }
    own = "test_tab_completes_commands_runs_and_notebooks_on_disk"
    assert own in kernel.complete("%mlart checkout test_tab")
    assert own in kernel.complete("%mlart diff test_tab")
    book.write("x", name="only.ipynb")
    kernel.ok("pathlib.Path('folder').mkdir(exist_ok=True)")
    assert kernel.complete("%mlart notebook on") == ["only.ipynb"]
    assert kernel.complete("%mlart notebook fol") == ["folder/"]
