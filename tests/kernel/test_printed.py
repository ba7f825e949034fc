"""Printed text and errors, where IPython does not remember them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mlart_jupyter.kernel import printed
from mlart_jupyter.kernel.printed import Printed


class Stream:
    """A stream as ipykernel's are: an object of Python."""

    def __init__(self):
        self.written = []

    def write(self, text):
        self.written.append(text)
        return len(text)


@pytest.fixture
def streams(monkeypatch):
    """Both streams."""
    streams = SimpleNamespace(stdout=Stream(), stderr=Stream())
    monkeypatch.setattr(printed, "sys", streams)  # pytest has put its own there
    return streams


@pytest.fixture
def session():
    return Printed(SimpleNamespace(_last_traceback=["Traceback", "ValueError: no"]))


def told(session, count):
    return [(output["name"], "".join(output["text"])) for output in session.outputs(count)[0]]


def test_each_streams_text_is_remembered_in_turns(session, streams):
    session.begin(1)
    streams.stdout.write("one\ntwo\n")
    streams.stderr.write("bad\n")
    streams.stdout.write("three\n")
    session.end(1, None)
    assert told(session, 1) == [("stdout", "one\ntwo\n"), ("stderr", "bad\n"), ("stdout", "three\n")]
    assert session.outputs(1)[0][0]["text"] == ["one\n", "two\n"]
    assert streams.stdout.written == ["one\ntwo\n", "three\n"]


def test_after_the_cell_the_streams_are_as_they_were(session, streams):
    session.begin(1)
    session.end(1, None)
    streams.stdout.write("later")
    assert told(session, 1) == []
    assert [vars(stream) for stream in (streams.stdout, streams.stderr)] == [{"written": ["later"]}, {"written": []}]


def test_what_another_tool_has_put_over_a_stream_stays(session, streams):
    out = streams.stdout
    before, out.write = [], lambda text, write=out.write: (before.append(text), write(text))[1]
    earlier = out.write
    session.begin(1)
    session.end(1, None)
    assert out.write is earlier
    session.begin(2)
    heard = out.write
    out.write = later = lambda text: heard(text)
    session.end(2, None)
    out.write("on")
    assert out.write is later
    assert (told(session, 2), before) == ([], ["on"])


def test_a_stream_that_takes_nothing_is_left_alone(session, monkeypatch):
    closed = type("Closed", (), {"__slots__": (), "write": lambda self, text: len(text)})()
    monkeypatch.setattr(printed, "sys", SimpleNamespace(stdout=closed, stderr=None))
    session.begin(1)
    closed.write("text")
    session.end(1, None)
    assert told(session, 1) == []


def test_a_cell_that_prints_for_hours_has_a_limit(session, streams, monkeypatch):
    monkeypatch.setattr(printed, "MOST_OF_A_CELL", 100)
    session.begin(1)
    for _ in range(100):
        streams.stdout.write("x" * 30)
    session.end(1, None)
    assert told(session, 1) == [("stdout", "x" * 100)]


def test_the_oldest_cells_are_forgotten(session, streams, monkeypatch):
    monkeypatch.setattr(printed, "MOST", 100)
    for count in range(1, 6):
        session.begin(count)
        streams.stdout.write(f"{count}" * 40)
        session.end(count, None)
    assert [bool(told(session, count)) for count in range(1, 6)] == [False, False, True, True, True]


def test_an_error_is_remembered_as_a_notebook_has_it(session, streams):
    session.begin(1)
    session.end(1, ValueError("no"))
    [error] = session.outputs(1)[1]
    lines = ["Traceback", "ValueError: no"]
    assert error == {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": lines}


def test_a_cleared_output_is_gone(session, streams):
    session.begin(1)
    streams.stdout.write("before\n")
    session.cleared(1)
    streams.stdout.write("after\n")
    session.end(1, None)
    assert told(session, 1) == [("stdout", "after\n")]
