"""`kill -9` of whole kernels: what the cells that had finished showed is found in the run after `mlart flush`.

    python tests/stress/kernels.py [KERNELS]

Each kernel is a real ipykernel with the extension, in a run of its own on a real tracking store, killed at a
random moment while cells run one after the other. Every third delivery is killed as well, and repeated.
"""

from __future__ import annotations

import os
import queue
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from jupyter_client.manager import KernelManager

from mlart_jupyter.config import Mlart
from mlart_jupyter.spool import Spool, read_sessions
from mlart_jupyter.store import LocalStore, local_folder, read_catalogue, walk

CELLS = 150
READY = "%load_ext mlart_jupyter\n%mlart start {name}\nfrom IPython.display import SVG\nimport mlart_jupyter"
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg"><text>{token}</text></svg>'
REPEATED = 5_000
SHOWN = (
    f"SVG('{PICTURE}')",
    f"mlart_jupyter.log(b'{{token}}' * {REPEATED}, 'data/{{token}}.bin')",
    f"display(SVG('{PICTURE}')); sum(range(200_000))",
)


class Kernel:
    """A kernel that is about to be killed."""

    def __init__(self, folder: Path, name: str) -> None:
        env = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_TRACKING")}
        self.said = ""
        self.manager = KernelManager()
        self.manager.start_kernel(env=env, cwd=str(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.done(self.client.execute(READY.format(name=name)), 120)

    def done(self, wanted: str, seconds: float) -> None:
        """Wait for the end of one cell."""
        end = time.monotonic() + seconds
        while wanted not in self.idle(1.0):
            assert time.monotonic() < end, "the kernel does not answer"

    def idle(self, seconds: float) -> set[str]:
        """Ids of the cells whose end was told within the time."""
        found, end = set(), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except queue.Empty:
                break
            assert message["msg_type"] != "error", message["content"]
            if message["msg_type"] == "stream":
                self.said += message["content"]["text"]
            if message["content"].get("execution_state") == "idle":
                found.add(message["parent_header"]["msg_id"])
                if len(found) == 1 and seconds == 1.0:
                    break
        return found

    def kill(self) -> None:
        """``kill -9``, as an out-of-memory killer would."""
        os.kill(self.manager.provisioner.process.pid, signal.SIGKILL)
        self.manager.provisioner.process.wait()

    def close(self) -> None:
        """Let go of what is left of it."""
        self.client.stop_channels()
        self.manager.cleanup_resources()


def one_life(folder: Path, number: int, dice: random.Random) -> list[str]:
    """Run cells in a kernel until it is killed; return the tokens of those that had finished."""
    kernel = Kernel(folder, f"k{number}")
    tokens = [f"k{number}c{cell}" for cell in range(CELLS)]
    sent = {kernel.client.execute(SHOWN[i % 3].format(token=token)): token for i, token in enumerate(tokens)}
    finished = kernel.idle(dice.uniform(0.02, 2.5))
    kernel.kill()
    finished |= kernel.idle(0.5)  # what it had sent before
    kernel.close()
    if "not kept" in kernel.said or "cannot" in kernel.said:
        print(f"kernel {number} said: {kernel.said}")
    return [token for message, token in sent.items() if message in finished]


def flush(dice: random.Random, number: int) -> None:
    """Deliver what is left; at times with a process that is killed as well."""
    command = [sys.executable, "-m", "mlart_jupyter", "flush"]
    if number % 3 == 0:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(dice.uniform(0.3, 2.0))
            process.kill()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def audit(config: Mlart, number: int, finished: list[str]) -> list[str]:
    """Say what is lost, torn, doubled, not told or unclean."""
    spool = Spool(config.spool)
    wrong = [f"{found.path} {found.problem}" for found in spool.check()]
    wrong += [f"{name} still waits" for name in spool.waiting()] + [f"dead: {reason}" for _, reason in spool.dead()]
    store = store_of(config, number)
    told = read_catalogue(store).entries
    files = {row.path: store.read(row.path) for row in walk(store, "") if not row.is_dir}
    files = {path: data for path, data in files.items() if not path.startswith("mlart/")}
    tokens = {path: token_of(data) for path, data in files.items()}
    held = Counter(tokens.values())
    wrong += [f"{path} is torn" for path, data in files.items() if data not in whole(tokens[path])]
    wrong += [f"{path} is not in the catalogue" for path in files if path not in told]
    wrong += [f"{path} is in the catalogue, but not in the run" for path in told if path not in files]
    wrong += [f"{token} is lost" for token in finished if not held[token]]
    wrong += [f"{token} is there {times} times" for token, times in held.items() if times > 1]
    return [f"kernel {number}: {words}" for words in wrong]


def store_of(config: Mlart, number: int) -> LocalStore:
    """The artifacts of a kernel's run."""
    runs = [run for session in read_sessions(config.spool / "sessions") for run in session.runs]
    folder = next(local_folder(run.artifact_uri or "") for run in runs if run.name == f"k{number}")
    assert folder is not None
    return LocalStore(folder)


def token_of(data: bytes) -> str:
    """Which cell has made a file."""
    found = re.search(rb"k\d+c\d+", data)
    return found[0].decode() if found else ""


def whole(token: str) -> tuple[bytes, bytes]:
    """What the files of a cell hold."""
    return PICTURE.format(token=token).encode(), token.encode() * REPEATED


def main() -> int:
    """Kill, deliver, audit."""
    kernels = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    dice, wrong, kept, begun = random.Random(11), [], 0, time.monotonic()
    with tempfile.TemporaryDirectory() as text:
        os.environ["MLART_DATA"] = str(Path(text) / "data")
        config = Mlart()
        for number in range(kernels):
            finished = one_life(Path(text), number, dice)
            kept += len(finished)
            flush(dice, number)
            wrong += audit(config, number, finished)
    print(f"{kernels} kernels killed at random moments, {-(-kernels // 3)} deliveries too; ", end="")
    print(f"{kept} of their cells had finished ({time.monotonic() - begun:.0f} s)")
    print("\n".join(wrong[:20]))
    print(f"lost, torn, doubled, not told or unclean: {len(wrong)}")
    return 1 if wrong or not kept else 0


if __name__ == "__main__":
    sys.exit(main())
