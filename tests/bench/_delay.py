"""A network between a client and a server on loopback: what is sent arrives later, in order.

    python -m tests.bench._delay PORT MILLISECONDS

Listens on a free port, which it prints, and passes everything on to the port; a round trip takes so many
milliseconds longer. A process of its own, so that it shares no interpreter lock with what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator


class End(asyncio.Protocol):
    """One end of a connection: what it is sent leaves the other end later."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: End | None = None
        self.transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.flush()

    def flush(self) -> None:
        """Send what came before the other end was there."""
        if self.other:
            for data in self.other._early:
                self.send(data)
            self.other._early.clear()

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.delay, self._pass, data)

    def _pass(self, data: bytes) -> None:
        if self.other and self.other.transport:
            self.other.send(data)
        else:
            self._early.append(data)

    def send(self, data: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        loop = asyncio.get_running_loop()
        if self.other and self.other.transport:
            loop.call_later(self.delay, self.other.transport.close)


async def serve(port: int, seconds: float) -> None:
    """Pass everything on, each way with half of the delay."""
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    async def connect(near: End) -> None:
        far = End(seconds / 2)
        far.other, near.other = near, far
        await loop.create_connection(lambda: far, "127.0.0.1", port)

    def accept() -> End:
        near = End(seconds / 2)
        task = loop.create_task(connect(near))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return near

    server = await loop.create_server(accept, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def delayed(port: int, milliseconds: int) -> Iterator[int]:
    """A port that is so far away from the given one."""
    command = [sys.executable, "-m", "tests.bench._delay", str(port), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
