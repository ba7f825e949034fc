"""A file of the server goes into a notebook's run: over the route."""

from __future__ import annotations

import base64
import dataclasses
import json

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from mlart_jupyter.parcels import unpack
from mlart_jupyter.spool import Spool, read_sessions, write_session

HERE = {"notebook": "nb.ipynb", "kernel": "kernel-1"}


@pytest.fixture
def spooled(run_folder, data):
    """Look into the spool: path in the run → bytes."""
    spool = Spool(data / "spool")

    def look():
        found = {}
        for name in spool.waiting():
            header, payload = spool.peek(spool.find(name), name)
            found |= {file.entry.path: bytes(part) for file, part in unpack(header).parts(payload)}
        return found

    return look


async def ask(jp_fetch, path, how=None, **more):
    body = json.dumps({**HERE, "path": path, **more})
    return json.loads((await jp_fetch("mlart", "intake", method="POST", body=body, headers=how or {})).body)


async def refusal(jp_fetch, path, how=None, **more):
    with pytest.raises(HTTPClientError) as caught:
        await ask(jp_fetch, path, how, **more)
    return caught.value


@pytest.fixture
def files(jp_root_dir):
    (jp_root_dir / "sub").mkdir()
    (jp_root_dir / "sub" / "data.csv").write_text("a,b\n1,2\n")
    (jp_root_dir / "empty").touch()
    (jp_root_dir / ".secret").write_text("hidden")
    (jp_root_dir / ".ssh").mkdir()
    (jp_root_dir / ".ssh" / "key").write_text("hidden")
    (jp_root_dir.parent / "outside.txt").write_text("outside")
    return jp_root_dir


async def test_a_file_is_spooled_for_the_notebooks_run(jp_fetch, files, spooled, place):
    for kernel in ("kernel-1", ""):
        assert await ask(jp_fetch, "sub/data.csv", kernel=kernel) == {**place, "path": "files/data.csv"}
    await ask(jp_fetch, "empty")
    assert spooled() == {"files/data.csv": b"a,b\n1,2\n", "files/empty": b""}


async def test_a_file_of_a_folder_keeps_its_place(jp_fetch, files, spooled, place):
    (files / "sub" / "deep" / "er").mkdir(parents=True)
    (files / "sub" / "deep" / "er" / "50%.txt").write_text("x")
    assert await ask(jp_fetch, "sub/data.csv", folder="sub") == {**place, "path": "files/sub/data.csv"}
    await ask(jp_fetch, "sub/deep/er/50%.txt", folder="sub/deep")
    assert spooled() == {"files/sub/data.csv": b"a,b\n1,2\n", "files/deep/er/50-.txt": b"x"}


@pytest.mark.parametrize("folder", ["other", "su", "..", "sub/../..", "sub/data.csv"])
async def test_a_file_is_in_the_folder_that_is_named(jp_fetch, files, spooled, folder):
    assert (await refusal(jp_fetch, "sub/data.csv", folder=folder)).code == 400
    assert spooled() == {}


async def test_links_of_a_folder_that_lead_out_are_refused(jp_fetch, files, spooled):
    (files / "sub" / "out.txt").symlink_to(files.parent / "outside.txt")
    (files / "sub" / "up").symlink_to(files.parent)
    (files / "sub" / "in.csv").symlink_to(files / "sub" / "data.csv")
    for path in ("sub/out.txt", "sub/up/outside.txt"):
        error = await refusal(jp_fetch, path, folder="sub")
        assert (error.code, "link out" in json.loads(error.response.body)["error"]) == (404, True)
    assert spooled() == {}
    await ask(jp_fetch, "sub/in.csv", folder="sub")
    assert spooled() == {"files/sub/in.csv": b"a,b\n1,2\n"}


OUTSIDE = ["../outside.txt", "sub/../../outside.txt", "/../outside.txt", "..%2foutside.txt", "sub\\..\\..\\outside.txt"]


@pytest.mark.parametrize("path", [*OUTSIDE, ".secret", ".ssh/key", "sub", "", "none.txt", "sub/data.csv/x", "x\0y"])
async def test_what_the_server_shows_nobody_is_refused(jp_fetch, files, spooled, path):
    error = await refusal(jp_fetch, path)
    assert error.code in (400, 404), error.response.body
    assert json.loads(error.response.body)["next"]
    assert spooled() == {}


async def test_hidden_files_may_be_logged_where_the_server_shows_them(jp_fetch, jp_serverapp, files, spooled):
    jp_serverapp.contents_manager.allow_hidden = True
    await ask(jp_fetch, ".secret")
    assert spooled() == {"files/.secret": b"hidden"}


async def test_a_manager_without_files_of_its_own_hands_them_out(jp_fetch, jp_serverapp, files, spooled, monkeypatch):
    class Manager:
        allow_hidden, size = False, 3

        async def file_exists(self, path):
            return path == "cloud.bin"

        def is_hidden(self, path):
            return False

        def get(self, path, content, type, format=None):
            return {"size": self.size, "content": base64.b64encode(b"\0\1\2").decode() if content else None}

    monkeypatch.setitem(jp_serverapp.web_app.settings, "contents_manager", Manager())
    await ask(jp_fetch, "cloud.bin")
    assert spooled() == {"files/cloud.bin": b"\0\1\2"}
    Manager.size = 2**40
    assert (await refusal(jp_fetch, "cloud.bin")).code == 404


async def test_without_a_run_it_says_so(jp_fetch, files, spooled, data):
    error = await refusal(jp_fetch, "sub/data.csv", notebook="other.ipynb", kernel="")
    assert (error.code, "%load_ext" in json.loads(error.response.body)["next"]) == (409, True)
    session = next(read_sessions(data / "spool" / "sessions"))
    write_session(data / "spool" / "sessions", dataclasses.replace(session, runs=()))
    error = await refusal(jp_fetch, "sub/data.csv")
    assert (error.code, "no run yet" in json.loads(error.response.body)["error"]) == (409, True)
    assert spooled() == {}


@pytest.mark.parametrize("body", [{"path": 3}, {"kernel": None}, {"notebook": []}])
async def test_a_request_of_another_form_is_refused(jp_fetch, files, spooled, body):
    assert (await refusal(jp_fetch, **{"path": "sub/data.csv", **body})).code == 400


@pytest.mark.parametrize("how", [{"Authorization": ""}, {"Authorization": "token x"}, {"Origin": "https://evil.test"}])
async def test_strangers_and_other_origins_are_refused(jp_fetch, files, spooled, how):
    assert (await refusal(jp_fetch, "sub/data.csv", how)).code in (403, 404)
    assert spooled() == {}


@pytest.mark.parametrize("with_token", [True, False])
async def test_a_cookie_alone_needs_the_xsrf_token(by_cookie, files, spooled, with_token):
    body = json.dumps({**HERE, "path": "sub/data.csv"})
    reply = await by_cookie("intake", "POST", body, with_token=with_token)
    assert (reply.code, bool(spooled())) == ((200, True) if with_token else (403, False)), reply.body


async def test_who_may_not_read_files_logs_none(jp_fetch, jp_serverapp, files, spooled):
    class Writers(Authorizer):
        def is_authorized(self, handler, user, action, resource):
            return (action, resource) != ("read", "contents")

    jp_serverapp.web_app.settings["authorizer"] = Writers(parent=jp_serverapp)
    assert (await refusal(jp_fetch, "sub/data.csv")).code == 403
    assert spooled() == {}
