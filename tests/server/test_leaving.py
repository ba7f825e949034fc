"""A client that goes away in the middle of a download."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from mlart_jupyter.store import LocalStore

FILES = 400
READ = 256 * 1024


async def still(count, seconds=1.0):
    """Wait until a number has not changed for so long; return it."""
    for _ in range(60):
        before = count()
        await asyncio.sleep(seconds)
        if count() == before:
            return before
    raise AssertionError("it never comes to rest")


async def test_a_zip_stops_when_its_client_leaves(
    jp_fetch, jp_http_port, jp_auth_header, jp_base_url, run_folder, place, monkeypatch
):
    (run_folder / "many").mkdir()
    for number in range(FILES):
        with (run_folder / "many" / f"{number:03d}.bin").open("wb") as file:
            file.truncate(2**20)
    opened, own = [], LocalStore.open
    monkeypatch.setattr(LocalStore, "open", lambda store, path: opened.append(path) or own(store, path))

    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    address = f"{jp_base_url}mlart/zip?{urlencode({**place, 'path': 'many'})}"
    head = f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {jp_auth_header['Authorization']}\r\n\r\n"
    writer.write(head.encode())
    assert b"200" in await reader.readline()
    await reader.readexactly(READ)
    held = await still(lambda: len(opened))  # nobody reads on, so nothing is made on
    writer.close()
    left = await still(lambda: len(opened))
    assert held <= left < held + 5 < FILES

    reply = await jp_fetch("mlart", "status")  # and the server goes on
    assert reply.code == 200
