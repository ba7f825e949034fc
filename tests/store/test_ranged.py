"""Files read by parts: the bytes that are fetched are counted exactly."""

from __future__ import annotations

import io
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from mlart_jupyter.store.ranged import LARGEST_WINDOW, ranged

DATA = random.Random(0).randbytes(3 * 2**20 + 17)


class Counted:
    """A remote file that notes what is asked of it."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def read(self, start: int, length: int) -> bytes:
        self.asked.append((start, length))
        return self.data[start : start + length]

    @property
    def bytes(self) -> int:
        return sum(length for _, length in self.asked)


def test_a_head_costs_what_is_asked_in_one_request() -> None:
    remote = Counted()
    with ranged(remote.read, len(DATA)) as file:
        assert file.read(65_536) == DATA[:65_536]
    assert remote.asked == [(0, 65_536)]


def test_opening_and_asking_for_the_size_cost_nothing() -> None:
    remote = Counted()
    with ranged(remote.read, len(DATA)) as file:
        assert file.seek(0, 2) == len(DATA)
        assert file.read() == b""
    assert remote.asked == []


def test_a_jump_does_not_fetch_what_lies_between() -> None:
    remote = Counted()
    with ranged(remote.read, len(DATA)) as file:
        file.read(10)
        file.seek(-8, 2)
        assert file.read() == DATA[-8:]
    assert remote.bytes <= 2 * 65_536


def test_reading_on_takes_fewer_and_fewer_requests_and_each_byte_once() -> None:
    remote = Counted()
    with ranged(remote.read, len(DATA)) as file:
        assert b"".join(iter(lambda: file.read(10_000), b"")) == DATA
    assert remote.bytes == len(DATA)
    assert len(remote.asked) <= 10


def test_no_request_is_larger_than_the_window() -> None:
    size = 5 * LARGEST_WINDOW
    remote = Counted(bytes(size))
    with ranged(remote.read, size) as file:
        while file.read(2**20):
            pass
    assert max(length for _, length in remote.asked) <= LARGEST_WINDOW
    assert remote.bytes == size


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 200_000)), max_size=8))
def test_it_reads_as_a_local_file_does(steps: list[tuple[int, int]]) -> None:
    local = io.BytesIO(DATA)
    with ranged(Counted().read, len(DATA)) as file:
        for at, length in steps:
            file.seek(at)
            local.seek(at)
            assert file.read(length) == local.read(length)
