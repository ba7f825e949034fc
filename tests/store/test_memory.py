"""The store in memory, while other threads write to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlart_jupyter.store import MemoryStore

CALLS = [
    lambda store: store.list("notes"),
    lambda store: store.info("notes"),
    lambda store: store.delete("notes"),
]


@pytest.mark.parametrize("call", CALLS)
def test_what_is_put_meanwhile_disturbs_nobody(call: Callable[[MemoryStore], object]) -> None:
    store = MemoryStore()

    class Watched(str):
        """A name that is looked at while another thread puts something."""

        def startswith(self, *args: object) -> bool:
            store.files[f"notes/{len(store.files)}"] = b""
            return super().startswith(*args)  # type: ignore[arg-type]

    store.files = {Watched(f"other/{n}"): b"" for n in range(3)}
    call(store)
