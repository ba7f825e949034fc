"""Short forms of the stress scripts; each prints its figures, and its long form is run by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

SCRIPTS = [("kills.py", "16"), ("crowd.py", "300"), ("outages.py", "1"), ("disks.py",)]


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script[0])
def test_nothing_is_lost(script: tuple[str, ...], tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(HERE / script[0]), *script[1:]],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        cwd=tmp_path,
    )
    print(result.stdout, result.stderr)
    assert result.returncode == 0, result.stdout + result.stderr
