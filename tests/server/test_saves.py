"""Notebook on save: what the listener puts into the spool, and what it leaves alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import time
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_server.services.contents.manager import ContentsManager
from nbformat import v4

from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import unpack
from mlart_jupyter.server import saves
from mlart_jupyter.server.saves import SaveListener
from mlart_jupyter.spool import Owner, Session, Spool, is_listening, write_session


async def save(jp_fetch, name, text):
    book = v4.new_notebook(cells=[v4.new_code_cell(text, id="one")])
    body = json.dumps({"type": "notebook", "format": "json", "content": book})
    await jp_fetch("api", "contents", name, method="PUT", body=body)


@pytest.fixture
def session(data, jp_root_dir):
    """The session of a kernel that works on nb.ipynb, and that the server did not start."""
    return tell_session(data, jp_root_dir / "nb.ipynb", living_owner(data))


def living_owner(data):
    """The token of an owner that lives: this process."""
    owner = Owner.of_this_process()
    leases = data / "spool" / "v1" / "owners"
    leases.mkdir(parents=True, exist_ok=True)
    owner.sign(leases)
    return owner.token


def tell_session(data, notebook, owner, name="s1", kernel=None):
    ref = RunRef("r" * 32, "sqlite:////nowhere/mlflow.db", (data / "run").as_uri(), "1", "saved")
    words = Session(name, kernel, str(notebook), owner, "python", {}, (ref,))
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


async def test_a_save_succeeds_when_the_spool_cannot_be_written(jp_fetch, data, jp_root_dir):
    tell_session(data, jp_root_dir / "nb.ipynb", "0" * 12)
    (data / "spool" / "v1").write_text("no folder")
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    await asyncio.sleep(0.3)
    assert nbformat.read(jp_root_dir / "nb.ipynb", as_version=4).cells[0].source == "1 + 1"


@pytest.fixture
def kernels(jp_serverapp, monkeypatch):
    """The server's sessions: path → the kernel's id and when it was busy."""
    found = {}

    def list_sessions():
        rows = found.items()
        return [{"type": "notebook", "path": p, "kernel": {"id": k[0], "last_activity": k[1]}} for p, k in rows]

    monkeypatch.setattr(jp_serverapp.session_manager, "list_sessions", list_sessions)
    return found


@pytest.fixture
def alive(data, jp_root_dir):
    """A kernel that the server has started, with a run."""
    return tell_session(data, jp_root_dir / "old.ipynb", living_owner(data), kernel="k1")


def told(items):
    """Path in the run, and note, of each item."""
    return [(entry.path, entry.note) for header, _ in items for entry in [unpack(header).files[0].entry]]


@pytest.mark.parametrize("name", ["sub/nb.ipynb", "Übung 模型.ipynb", "odd #1 50%.ipynb"])
async def test_a_notebook_is_kept_under_its_own_name(jp_fetch, alive, kernels, spooled, jp_root_dir, name):
    (jp_root_dir / "sub").mkdir()
    kernels[name] = "k1", "now"
    await save(jp_fetch, name, "1 + 1")
    [item] = await spooled(1)
    [(path, _)] = told([item])
    assert path == "notebooks/" + name.removeprefix("sub/").replace("#", "-").replace("%", "-")
    assert unpack(item[0]).files[0].entry.notebook == str(jp_root_dir / name)


async def test_a_rename_while_the_kernel_runs_is_followed(jp_fetch, alive, kernels, spooled):
    kernels["a.ipynb"] = "k1", "now"
    await save(jp_fetch, "a.ipynb", "1 + 1")
    await spooled(1)
    kernels["b.ipynb"] = kernels.pop("a.ipynb")
    await jp_fetch("api", "contents", "a.ipynb", method="PATCH", body=json.dumps({"path": "b.ipynb"}))
    await save(jp_fetch, "b.ipynb", "1 + 1")
    assert [path for path, _ in told(await spooled(2))] == ["notebooks/a.ipynb", "notebooks/b.ipynb"]


async def test_save_as_tells_the_session_after_the_save(jp_fetch, alive, kernels, spooled):
    await save(jp_fetch, "copy.ipynb", "1 + 1")
    await asyncio.sleep(0.3)
    kernels["copy.ipynb"] = "k1", "now"
    assert len(await spooled(1)) == 1


async def test_after_the_kernels_end_one_save_reaches_its_run_and_says_so(jp_fetch, data, spooled, jp_root_dir):
    tell_session(data, jp_root_dir / "nb.ipynb", "0" * 12)
    for number in range(3):
        await save(jp_fetch, "nb.ipynb", f"{number}")
        await spooled(1)
    items = await spooled(1)
    assert told(items) == [("notebooks/nb.ipynb", "Saved after its kernel had ended")]
    assert b'"0"' in bytes(items[0][1])


async def test_so_does_one_after_an_automatic_restart_and_a_rename(jp_fetch, data, kernels, spooled, jp_root_dir):
    tell_session(data, jp_root_dir / "other.ipynb", "0" * 12, kernel="k1")
    kernels["nb.ipynb"] = "k1", "now"  # a restarted kernel keeps its id; the extension is not loaded yet
    await save(jp_fetch, "nb.ipynb", "1")
    assert len(await spooled(1)) == 1


async def test_and_one_after_a_rename_of_a_dead_kernels_notebook(jp_fetch, data, spooled, jp_root_dir):
    tell_session(data, jp_root_dir / "a.ipynb", "0" * 12)
    nbformat.write(v4.new_notebook(), jp_root_dir / "a.ipynb")
    await jp_fetch("api", "contents", "a.ipynb", method="PATCH", body=json.dumps({"path": "b.ipynb"}))
    await save(jp_fetch, "b.ipynb", "1 + 1")
    assert [path for path, _ in told(await spooled(1))] == ["notebooks/b.ipynb"]


async def test_a_new_kernels_run_is_not_the_dead_ones(jp_fetch, data, alive, kernels, spooled, jp_root_dir):
    tell_session(data, jp_root_dir / "nb.ipynb", "0" * 12, name="s0")
    kernels["nb.ipynb"] = "k1", "now"
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    [(header, _)] = await spooled(1)
    assert unpack(header).files[0].entry.session == "s1"


async def test_collaboration_is_kept_once_a_minute_or_when_a_cell_has_run(
    jp_fetch, alive, kernels, spooled, monkeypatch
):
    monkeypatch.setattr(SaveListener, "_collaborates", lambda self: True)
    kernels["nb.ipynb"] = "k1", "first"
    for number in range(3):
        await save(jp_fetch, "nb.ipynb", f"{number}")
        await asyncio.sleep(0.2)
    assert len(await spooled(1)) == 1
    kernels["nb.ipynb"] = "k1", "second"
    await save(jp_fetch, "nb.ipynb", "4")
    assert len(await spooled(2)) == 2


async def test_the_last_of_a_minute_is_kept_when_it_ends(jp_fetch, alive, kernels, spooled, monkeypatch):
    monkeypatch.setattr(SaveListener, "_collaborates", lambda self: True)
    monkeypatch.setattr(saves, "COLLABORATION_SECONDS", 1.5)
    kernels["nb.ipynb"] = "k1", "first"
    for number in range(3):
        await save(jp_fetch, "nb.ipynb", f"{number}")
        await asyncio.sleep(0.1)
    items = await spooled(2)
    assert [str(number) in bytes(payload).decode() for number, (_, payload) in zip((0, 2), items, strict=True)]


async def test_the_setting_turns_it_off(jp_fetch, session, spooled, jp_serverapp):
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]))
    extension.services.config.notebooks = False
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    assert await spooled(0) == []


async def test_how_the_copy_is_made_travels_with_it(jp_fetch, session, spooled, jp_serverapp):
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]))
    extension.services.config.notebook_outputs = "strip"
    await save(jp_fetch, "nb.ipynb", "1 + 1")
    [(header, _)] = await spooled(1)
    assert '"strip"' in unpack(header).files[0].encoding


async def test_the_kernels_know_that_the_server_listens(jp_serverapp, data):
    assert is_listening(data / "spool", os.getpid())
    assert not is_listening(data / "spool", 1)
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]))
    extension.listener.uninstall()
    assert not is_listening(data / "spool", os.getpid())


class Elsewhere(ContentsManager):
    """A contents manager that is not the file system, and tells of no save."""

    async def save(self, model, path=""):
        self.kept = getattr(self, "kept", {}) | {path.strip("/"): model["content"]}
        return await self.get(path, content=False)

    async def get(self, path, content=True, type=None, format=None, **kwargs):
        now = dt.datetime.now(dt.UTC)
        what = {"type": "notebook", "format": "json", "content": self.kept[path.strip("/")]} if content else {}
        blank = {"type": "notebook", "format": None, "content": None, "mimetype": None, "writable": True}
        return blank | what | {"name": path, "path": path.strip("/"), "created": now, "last_modified": now}

    async def file_exists(self, path):
        return path.strip("/") in getattr(self, "kept", {})

    async def dir_exists(self, path):
        return not path.strip("/")


async def test_a_contents_manager_that_tells_of_no_save_is_wrapped_and_freed(jp_serverapp, alive, kernels, spooled):
    manager = jp_serverapp.contents_manager = Elsewhere(parent=jp_serverapp)
    extension = next(iter(jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]))
    extension.listener.install()
    kernels["nb.ipynb"] = "k1", "now"
    book = v4.new_notebook(cells=[v4.new_code_cell("1 + 1")])
    assert (await manager.save({"type": "notebook", "content": book}, "/nb.ipynb"))["path"] == "nb.ipynb"
    [(_, payload)] = await spooled(1)
    assert json.loads(bytes(payload))["cells"][0]["source"] == "1 + 1"
    extension.listener.uninstall()
    assert "save" not in vars(manager)


def test_a_large_notebook_is_written_with_rests(monkeypatch):
    rests = []
    monkeypatch.setattr(saves, "BUSY_SECONDS", -1.0)
    monkeypatch.setattr(saves, "time", SimpleNamespace(perf_counter=time.perf_counter, sleep=rests.append))
    content = {"cells": [{"outputs": [{"x": i, "y": [None, True, i / 3, "\u2028 \ud800"]} for i in range(100)]}]}
    assert saves._written(content).decode() == json.dumps(content)
    assert len(rests) > 500
