"""A real ipykernel, driven as a front end drives it."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager


@dataclass
class Result:
    """What one cell gave back."""

    status: str
    count: int | None
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Printed text, both streams."""
        return "".join(o["content"]["text"] for o in self.outputs if o["msg_type"] == "stream")

    @property
    def value(self) -> str:
        """Text of the cell's last expression."""
        return next(o["content"]["data"]["text/plain"] for o in self.outputs if o["msg_type"] == "execute_result")

    @property
    def error(self) -> str:
        """The error's text, without colours."""
        errors = [o["content"] for o in self.outputs if o["msg_type"] == "error"]
        return "\n".join(f"{e['ename']}: {e['evalue']}" for e in errors)

    @property
    def displays(self) -> list[dict[str, Any]]:
        """Contents of the rich outputs."""
        return [o["content"] for o in self.outputs if "data" in o["content"]]

    @property
    def pictures(self) -> list[bytes]:
        """The PNG pictures that the front end got."""
        return [base64.b64decode(d["data"]["image/png"]) for d in self.displays if "image/png" in d["data"]]

    @property
    def marks(self) -> list[dict[str, Any]]:
        """`metadata.mlart` of the outputs that have one."""
        return [d["metadata"]["mlart"] for d in self.displays if "mlart" in d["metadata"]]


class Kernel:
    """One kernel process in a folder of its own."""

    def __init__(self, folder: Path, data: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_TRACKING")}
        env |= {"MLART_DATA": str(data), "MLFLOW_DISABLE_TELEMETRY": "true", **environment}
        self.stopped = False
        # no ports: two kernels that start at once can be given the same; a socket's name is at most 107 bytes
        self.sockets = Path(tempfile.mkdtemp(prefix="k"))
        self.manager = KernelManager(transport="ipc", ip=str(self.sockets / "k"))
        self.manager.start_kernel(env=env, cwd=str(folder))
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, cell_id: str | None = None, timeout: float = 120) -> Result:
        """Run a cell and gather what it sends, to its idle message."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        content["stop_on_error"] = False  # ipykernel 6 would abort the cell after one that fails
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        self.client.shell_channel.send(message)
        wanted = message["header"]["msg_id"]
        outputs, end = [], time.monotonic() + timeout
        while True:
            reply = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            if reply["parent_header"].get("msg_id") != wanted:
                continue
            if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
                break
            if reply["msg_type"] != "status":
                outputs.append(reply)
        while (answer := self.client.get_shell_msg(timeout=60))["parent_header"]["msg_id"] != wanted:
            pass
        return Result(answer["content"]["status"], answer["content"].get("execution_count"), outputs)

    def ok(self, code: str, cell_id: str | None = None) -> Result:
        """Run a cell that must not fail."""
        result = self.run(code, cell_id)
        assert result.status == "ok", result.error
        return result

    def evaluate(self, expression: str) -> str:
        """The text of an expression's value."""
        return self.ok(expression).value

    def complete(self, code: str) -> list[str]:
        """What Tab offers at the end of the code."""
        reply = self.client.complete(code, len(code), reply=True, timeout=60)
        matches: list[str] = reply["content"]["matches"]
        return matches

    def kill(self) -> None:
        """``kill -9``, as an out-of-memory killer would."""
        os.kill(self.manager.provisioner.process.pid, signal.SIGKILL)
        self.manager.provisioner.process.wait()

    def stop(self) -> None:
        """Shut down as a user's "shut down kernel" does."""
        if not self.stopped:
            self.stopped = True
            self.client.stop_channels()
            self.manager.shutdown_kernel()
            self.manager.cleanup_resources()
            shutil.rmtree(self.sockets, ignore_errors=True)


StartKernel = Callable[..., Kernel]


@pytest.fixture
def start_kernel(tmp_path: Path, data: Path) -> Iterator[StartKernel]:
    """Start kernels that are stopped when the test is done."""
    kernels: list[Kernel] = []

    def start(name: str = "work", **environment: str) -> Kernel:
        kernels.append(Kernel(tmp_path / name, data, **environment))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for a module, with the extension loaded and MLflow on the embedded store."""
    folder = tmp_path_factory.mktemp("kernel")
    kernel = Kernel(folder / "work", folder / "data")
    kernel.ok("%load_ext mlart_jupyter\n%mlart start warm-up\n%mlart end")
    kernel.ok("import matplotlib.pyplot as plt, pandas as pd, numpy as np, mlflow, mlart_jupyter")
    yield kernel
    kernel.stop()


@pytest.fixture
def kernel(shared: Kernel, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """The module's kernel, inside a run of this test's own."""
    shared.ok(f"run = mlflow.start_run(run_name={request.node.name!r})")
    yield shared
    shared.ok("mlflow.end_run()\nplt.close('all')")


@pytest.fixture
def stored(kernel: Kernel) -> Callable[[], list[str]]:
    """Flush, and list the paths of the test's run."""

    def paths() -> list[str]:
        text = kernel.evaluate(
            "get_ipython().run_line_magic('mlart', 'flush') or list(mlart_jupyter.artifacts(run.info.run_id))"
        )
        found: list[str] = eval(text)
        return found

    return paths


@pytest.fixture
def read(kernel: Kernel) -> Callable[[str], bytes]:
    """Read an artifact of the test's run."""

    def content(path: str) -> bytes:
        data: bytes = eval(kernel.evaluate(f"mlart_jupyter.artifacts(run.info.run_id).read({path!r})"))
        return data

    return content
