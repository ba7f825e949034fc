"""Notebook on save: what the listener puts into the spool, and what it leaves alone."""

from __future__ import annotations

import asyncio
import json
import time

import nbformat
import pytest
from nbformat import v4

from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import unpack
from mlart_jupyter.spool import Session, Spool, write_session


async def save(jp_fetch, name, text):
    book = v4.new_notebook(cells=[v4.new_code_cell(text, id="one")])
    body = json.dumps({"type": "notebook", "format": "json", "content": book})
    await jp_fetch("api", "contents", name, method="PUT", body=body)


@pytest.fixture
def session(data, jp_root_dir):
    """A dead kernel's session for nb.ipynb."""
    ref = RunRef("r" * 32, "sqlite:////nowhere/mlflow.db", (data / "run").as_uri(), "1", "saved")
    words = Session("s1", None, str(jp_root_dir / "nb.ipynb"), "0" * 12, "python", {}, (ref,))
    write_session(data / "spool" / "sessions", words)
    return words


@pytest.fixture
def spooled(data):
    """Wait until nothing more comes, and tell what is in the spool."""

    async def items(count):
        end = time.monotonic() + 5
        spool = Spool(data / "spool")
        while len(spool.waiting()) < count and time.monotonic() < end:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        return [spool.peek(spool.find(name), name) for name in spool.waiting()]

    return items


async def test_a_saved_notebook_is_spooled_for_its_kernels_run(jp_fetch, session, spooled, jp_root_dir):
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    [(header, payload)] = await spooled(1)
    parcel = unpack(header)
    assert parcel.run == session.runs[0]
    assert parcel.files[0].entry.path == "notebooks/nb.ipynb"
    assert parcel.files[0].replaces
    assert bytes(payload) == (jp_root_dir / "nb.ipynb").read_bytes()


async def test_unchanged_content_is_not_spooled_again(jp_fetch, session, spooled):
    for _ in range(3):
        await save(jp_fetch, "nb.ipynb", "1 + 1")
    assert len(await spooled(1)) == 1


async def test_changed_content_is(jp_fetch, session, spooled):
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    await spooled(1)
    await save(jp_fetch, "nb.ipynb", "2 + 2")
    assert len(await spooled(2)) == 2


async def test_a_notebook_without_a_run_is_left_alone(jp_fetch, session, spooled):
    await save(jp_fetch, "other.ipynb", "1 + 1")
    assert await spooled(0) == []


async def test_a_save_succeeds_when_the_spool_cannot_be_written(jp_fetch, session, data, jp_root_dir):
    (data / "spool" / "v1").write_text("no folder")
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    await asyncio.sleep(0.3)
    assert nbformat.read(jp_root_dir / "nb.ipynb", as_version=4).cells[0].source == "1 + 1"
