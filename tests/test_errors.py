"""The errors: the tree as it is drawn, and the sentence that a user reads."""

from __future__ import annotations

import pickle
import re

import pytest

from mlart_jupyter import errors
from mlart_jupyter.errors import MlartError, NoRun

ALL = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, MlartError)]


def an(error: type[MlartError]) -> MlartError:
    return NoRun() if error is NoRun else error("The spool is full", "Free some room")


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert sorted(drawn) == sorted(error.__name__ for error in MlartError.__subclasses__())


def test_no_branch_is_left_out_of_the_drawing() -> None:
    assert {error for error in ALL if error is not MlartError} == set(MlartError.__subclasses__())


def test_an_error_is_a_sentence_and_a_next_step() -> None:
    assert str(MlartError("The spool is full", "Free some room")) == "The spool is full. Free some room."


def test_an_error_tells_its_parts() -> None:
    error = MlartError("The spool is full", "Free some room")
    assert (error.problem, error.next_step) == ("The spool is full", "Free some room")


def test_no_run_says_how_to_get_one() -> None:
    assert "%mlart start" in NoRun().next_step


@pytest.mark.parametrize("error", ALL)
def test_an_error_reaches_another_process(error: type[MlartError]) -> None:
    raised = an(error)
    assert str(pickle.loads(pickle.dumps(raised))) == str(raised)
