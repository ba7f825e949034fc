"""The shell's command, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Mlart = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mlart(data: Path, tmp_path: Path) -> Mlart:
    """Run ``mlart`` with arguments in the test's folder."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mlart_jupyter", *arguments],
            env={**os.environ, **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )

    return run
