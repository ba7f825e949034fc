"""What changed from one notebook to another, cell by cell."""

from __future__ import annotations

import json
import sys

import pytest
from nbformat import v4

from mlart_jupyter.changes import MOST_CHANGES, MOST_LINES, changed_cells, difference
from mlart_jupyter.errors import MlartError

pytestmark = pytest.mark.slow  # nbdime is not among what the lowest versions are tried with


def book(*sources):
    cells = [v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    return (json.dumps(v4.new_notebook(cells=cells)) + "\n").encode()


def cells(*sources, cell_type="code"):
    return [{"cell_type": cell_type, "source": source} for source in sources]


def changes(before, after):
    return [(c.kind, c.at, list(c.lines)) for c in changed_cells(book(*before), cells(*after), "nb")]


BODY = "import numpy as np\nx = np.arange(10)\ny = x + 1"


def test_cells_that_are_the_same_are_no_change():
    assert changes([BODY, "b"], [BODY, "b"]) == []


def test_a_changed_cell_tells_its_lines():
    lines = [(" ", "import numpy as np"), (" ", "x = np.arange(10)"), ("-", "y = x + 1"), ("+", "y = x + 2")]
    assert changes([BODY, "b"], [BODY.replace("+ 1", "+ 2"), "b"]) == [("changed", 0, lines)]


def test_added_and_removed_cells_are_told_where_they_are():
    assert changes(["a = 1", BODY], [BODY]) == [("removed", 0, [("-", "a = 1")])]
    assert changes([BODY], [BODY, "new = 1"]) == [("added", 1, [("+", "new = 1")])]


def test_a_cell_in_the_place_of_another_has_changed():
    assert changes(["x = 1", BODY], ["y = 'other'", BODY, "z"]) == [
        ("changed", 0, [("-", "x = 1"), ("+", "y = 'other'")]),
        ("added", 2, [("+", "z")]),
    ]


def test_what_is_told_has_limits():
    many = [f"cell_{i} = {i}" for i in range(MOST_CHANGES + 50)]
    assert len(changed_cells(book(), cells(*many), "nb")) == MOST_CHANGES
    [change] = changed_cells(book(), cells("\n".join(map(str, range(MOST_LINES + 50)))), "nb")
    assert len(change.lines) == MOST_LINES


def test_without_nbdime_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nbdime", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MlartError, match=r"mlart-jupyter\[diff\]"):
        changed_cells(book(), [], "nb")


def test_what_is_no_notebook_is_told():
    with pytest.raises(MlartError, match="no notebook"):
        difference(b"torn", book("x"), ("a", "b"))
