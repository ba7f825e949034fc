"""The budget of what waits in memory."""

from __future__ import annotations

from mlart_jupyter.memory import Memory


def test_memory_is_taken_up_to_its_budget() -> None:
    memory = Memory(10)
    assert [memory.take(6), memory.take(5), memory.take(4), memory.take(1)] == [True, False, True, False]


def test_memory_given_back_is_free() -> None:
    memory = Memory(10)
    memory.take(10)
    memory.give(3)
    assert (memory.take(4), memory.take(3)) == (False, True)
