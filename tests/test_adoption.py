"""What dead kernels left is looked for; the delivery itself is in tests/cli, tests/kernel and tests/server."""

from __future__ import annotations

import pytest

from mlart_jupyter import adoption
from mlart_jupyter.adoption import Patience


def test_adoption_is_tried_the_less_often_the_less_it_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(adoption.time, "monotonic", lambda: now[0])
    patience = Patience()
    assert not patience.allows(0)
    tries = 0
    for _ in range(3600):
        now[0] += 1
        if patience.allows(2):
            patience.tried(2)
            tries += 1
    assert tries < 12
    assert patience.allows(3)  # something new was left
