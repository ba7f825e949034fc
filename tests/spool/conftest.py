"""A spool of the test's own, one of a process that has died, and other processes that use it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlart_jupyter.spool import Owner, Spool

StartScript = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that spools of a test share."""
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    """The spool as the test's process sees it."""
    return Spool(folder)


@pytest.fixture
def dead() -> Owner:
    """A process that is gone: its id belongs to a later one."""
    return dataclasses.replace(Owner.of_this_process(), token="dead0dead0ff", started=1.0)


@pytest.fixture
def left(folder: Path, dead: Owner) -> Spool:
    """The same spool as the process that is gone saw it."""
    return Spool(folder, dead)


@pytest.fixture
def start_script() -> Iterator[StartScript]:
    """Start Python scripts, with arguments, that are killed when the test is done."""
    running: list[subprocess.Popen[str]] = []

    def start(script: str, *args: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, *map(str, args)]
        running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield start
    for process in running:
        with process:
            process.kill()
