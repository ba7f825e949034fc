"""SIGTERM where the home goes with its container."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from pathlib import Path
from mlart_jupyter.config import Mlart
from mlart_jupyter.kernel.terminate import LastWord
from mlart_jupyter.models import Cell, RunRef
from mlart_jupyter.recorder import Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.services import Services
from mlart_jupyter.uploads import worker

worker.SETTLE_SECONDS = 1.0  # SIGTERM comes before the worker
services = Services(Mlart())
word = LastWord(services)
word.install()
run = RunRef("r1", "sqlite:////no/such.db", Path(sys.argv[1]).as_uri())
services.recorder.record(Shown("hello", run, Cell(), {}, path="a.txt"), renderer_for("hello"))
if sys.argv[2] == "unload":
    word.uninstall()
print("kept", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("then", "delivered"), [("stay", True), ("unload", False)])
def test_sigterm_delivers_what_waits_and_ends_the_process(data, tmp_path, then, delivered):
    env = {**os.environ, "COLAB_RELEASE_TAG": "1"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "run"), then]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"kept\n"
        process.terminate()
        assert process.wait(120) == -signal.SIGTERM
    assert (tmp_path / "run" / "a.txt").exists() == delivered
