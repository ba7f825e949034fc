"""A tracking server that goes away and comes back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


class Server:
    """A real ``mlflow server`` on loopback, to stop and to start again on the same port."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{self.folder / 'server.db'}"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.uri}/health", timeout=2).close()
                return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError((self.folder / "server.log").read_text())

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


def test_what_is_shown_during_an_outage_arrives_after_it(server, start_kernel):
    kernel = start_kernel(MLFLOW_TRACKING_URI=server.uri)
    kernel.ok("%load_ext mlart_jupyter\n%mlart start through-outage")
    kernel.ok("import matplotlib.pyplot as plt, pandas as pd, mlart_jupyter")
    kernel.ok("plt.plot([1, 2]); plt.title('before'); plt.show()\n%mlart flush")
    server.stop()
    during = kernel.ok("plt.plot([2, 3]); plt.title('during'); plt.show()")
    kernel.ok("pd.DataFrame({'a': [1]})")
    kernel.ok("%mlart flush --seconds 10")
    status = kernel.ok("%mlart").text
    assert "waiting 2" in status
    assert "does not answer" in status
    server.start()
    end = time.monotonic() + 30
    while "waiting 0" not in kernel.ok("%mlart").text and time.monotonic() < end:
        time.sleep(0.5)
    paths = eval(kernel.evaluate("list(mlart_jupyter.artifacts())"))
    assert [path.rpartition("/")[2].partition(".")[0] for path in paths][:2] == ["before", "during"]
    assert len(paths) == 3
    assert [eval(kernel.evaluate("mlart_jupyter.artifacts().read('figures/during.png')"))] == during.pictures
