"""Breakers: a run that fails says nothing of its neighbours, a host that is down speaks for all."""

from __future__ import annotations

import time

import pytest

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import RunRef
from mlart_jupyter.uploads import Breakers, host_of
from mlart_jupyter.uploads.breaker import FIRST_DELAY, LONGEST_DELAY, LONGEST_REST, Breaker

ONE = RunRef("r1", "http://mlflow.example:5000", "mlflow-artifacts:/1/r1/artifacts")
TWO = RunRef("r2", "http://mlflow.example:5000", "mlflow-artifacts:/1/r2/artifacts")
ELSEWHERE = RunRef("r3", "http://mlflow.example:5000", "s3://bucket/r3")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(
    ("run", "host"),
    [
        (ONE, "http://mlflow.example:5000"),
        (ELSEWHERE, "s3://bucket"),
        (RunRef("r", "sqlite:////x.db", "file:///data/r"), "run r"),
        (RunRef("r", "http://h:1", None), "http://h:1"),
        (RunRef("r", "http://h:1", "mlflow-artifacts://other:2/r"), "mlflow-artifacts://other:2"),
    ],
)
def test_runs_of_one_server_share_its_host(run: RunRef, host: str) -> None:
    assert host_of(run) == host


def test_a_run_that_fails_does_not_stop_its_neighbour() -> None:
    breakers = Breakers()
    breakers.failed(ONE, StoreUnavailable("It fails", "Wait"))
    assert (breakers.lets_pass(ONE), breakers.lets_pass(TWO)) == (False, True)


def test_a_host_that_is_down_stops_all_its_runs_and_no_other() -> None:
    breakers = Breakers()
    breakers.failed(ONE, StoreUnavailable.of_host("It is down", "Wait"))
    assert [breakers.lets_pass(run) for run in (ONE, TWO, ELSEWHERE)] == [False, False, True]
    breakers.arrived(TWO)
    assert breakers.lets_pass(ONE)


def test_retry_after_is_kept(clock: list[float]) -> None:
    breakers = Breakers()
    breakers.failed(ONE, StoreUnavailable.of_host("Too many", "Wait", retry_after=40.0))
    clock[0] += 39.0
    assert not breakers.lets_pass(ONE)
    clock[0] += 2.0
    assert breakers.lets_pass(ONE)


def test_nobody_can_ask_for_a_day(clock: list[float]) -> None:
    breaker = Breaker()
    breaker.fail("Too many", 86400.0)
    clock[0] += LONGEST_REST + 1.0
    assert not breaker.is_open


def test_hurrying_lets_everything_pass_once_more() -> None:
    breakers = Breakers()
    breakers.failed(ONE, StoreUnavailable.of_host("It is down", "Wait"))
    breakers.hurry()
    assert breakers.lets_pass(ONE)
    assert breakers.failures(ONE) == 1


def test_the_time_that_a_try_took_is_part_of_the_wait(clock: list[float]) -> None:
    waits = []
    for took in (0.0, 3.0, 60.0):
        breaker = Breaker()
        breaker.failures = 10
        breaker.fail("It hangs", took=took)
        waits.append(breaker.closed_at - clock[0])
    assert LONGEST_DELAY / 2 <= waits[0] <= LONGEST_DELAY
    assert FIRST_DELAY / 2 <= waits[1] <= LONGEST_DELAY - 3.0
    assert waits[2] == FIRST_DELAY / 2


def test_retry_after_begins_when_it_is_said(clock: list[float]) -> None:
    breaker = Breaker()
    breaker.fail("Too many", 20.0, took=15.0)
    assert breaker.closed_at == clock[0] + 20.0
