"""How many files go side by side: found by what they take."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlart_jupyter.uploads.width import REST, Width

MOST = 8


def after(files: int, takes: Callable[[int], float]) -> Width:
    """The width after so many files, when one of them takes so long beside how many others."""
    width = Width(MOST)
    for _ in range(files):
        width.took(takes(width.now))
    return width


def far(width: int) -> float:
    """A round trip of 20 ms and a server that is quick."""
    return 0.02


def one_by_one(width: int) -> float:
    """A server of one process, which 3 ms of work keep busy."""
    return 0.003 * width


def between(width: int) -> float:
    """The same, 9 ms away."""
    return max(0.012, 0.003 * width)


def here(width: int) -> float:
    """A folder of this machine; threads that take turns slow it down."""
    return 0.0001 * width * (1 + 0.1 * width)


@pytest.mark.parametrize(("takes", "expected"), [(far, 8), (one_by_one, 2), (between, 4), (here, 1)])
def test_as_few_as_make_it_no_slower(takes: Callable[[int], float], expected: int) -> None:
    assert after(400, takes).now == expected


def test_a_few_files_all_go_at_once() -> None:
    assert after(MOST, one_by_one).now == MOST


def test_what_is_near_begins_with_few_and_is_given_more_when_it_proves_far() -> None:
    width = Width(MOST, 1)
    assert width.now == 1
    for _ in range(200):
        width.took(far(width.now))
    assert width.now == MOST


def test_what_has_become_far_is_found_out() -> None:
    width = after(400, one_by_one)
    for _ in range(REST * 60):
        width.took(far(width.now))
    assert width.now == MOST
