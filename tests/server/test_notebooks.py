"""A run's notebook back beside the current one, and what changed since: over the server's routes."""

from __future__ import annotations

import json

import nbformat
import pytest
from jupyter_server.auth import Authorizer
from nbformat import v4
from tornado.httpclient import HTTPClientError

from mlart_jupyter.server.notebooks import ROUTES
from mlart_jupyter.store import LocalStore

NAMES = [path.rpartition("/")[2] for path, _ in ROUTES]
CELLS = [{"cell_type": "code", "source": "x = 2"}]


@pytest.fixture
def kept(run_folder, place):
    """A run with a notebook that says of itself that it is trusted; where it is."""
    output = v4.new_output("display_data", {"text/html": "<script>window.hacked = true</script>"})
    cell = v4.new_code_cell("x = 1", id="a", outputs=[output], metadata={"trusted": True})
    book = v4.new_notebook(cells=[cell])
    LocalStore(run_folder).put("notebooks/nb.ipynb", json.dumps(book).encode())
    return {**place, "path": "notebooks/nb.ipynb"}


async def ask(jp_fetch, name, body, **how):
    reply = await jp_fetch("mlart", name, method="POST", body=json.dumps(body), **how)
    return json.loads(reply.body)


async def refusal(jp_fetch, name, body, **how):
    with pytest.raises(HTTPClientError) as caught:
        await ask(jp_fetch, name, body, **how)
    return caught.value


async def test_a_notebook_comes_back_beside_the_current_one_and_never_over_it(jp_fetch, kept, jp_root_dir):
    (jp_root_dir / "sub").mkdir()
    (jp_root_dir / "sub" / "nb.ipynb").write_text("current")
    found = [(await ask(jp_fetch, "checkout", {**kept, "beside": "sub/nb.ipynb"}))["path"] for _ in range(2)]
    assert found == ["sub/nb-shown.ipynb", "sub/nb-shown-2.ipynb"]
    for path in found:
        assert nbformat.read(jp_root_dir / path, 4).cells[0].source == "x = 1"
    assert (jp_root_dir / "sub" / "nb.ipynb").read_text() == "current"


async def test_with_no_notebook_in_front_it_comes_to_the_top(jp_fetch, kept, jp_root_dir):
    assert await ask(jp_fetch, "checkout", {**kept, "beside": ""}) == {"path": "nb-shown.ipynb"}


async def test_what_comes_back_is_not_trusted_whatever_it_says(jp_fetch, kept, jp_serverapp, jp_root_dir):
    path = (await ask(jp_fetch, "checkout", {**kept, "beside": ""}))["path"]
    notary = jp_serverapp.contents_manager.notary
    assert not notary.check_signature(nbformat.read(jp_root_dir / path, 4))
    reply = await jp_fetch("api", "contents", path)
    assert not json.loads(reply.body)["content"]["cells"][0]["metadata"].get("trusted")


@pytest.mark.parametrize("beside", ["../nb.ipynb", "sub/../../nb.ipynb", ".hidden/nb.ipynb", "missing/nb.ipynb"])
async def test_it_is_written_only_where_the_server_lets_files_be(jp_fetch, kept, jp_root_dir, beside):
    (jp_root_dir / ".hidden").mkdir()
    before = set(jp_root_dir.parent.rglob("*.ipynb"))
    assert (await refusal(jp_fetch, "checkout", {**kept, "beside": beside})).code in (400, 404)
    assert set(jp_root_dir.parent.rglob("*.ipynb")) == before


async def test_what_changed_is_told_cell_by_cell(jp_fetch, kept):
    answer = await ask(jp_fetch, "changes", {**kept, "cells": CELLS})
    lines = [line for change in answer["changes"] for line in change["lines"]]
    assert sorted(lines) == [["+", "x = 2"], ["-", "x = 1"]]
    same = [{"cell_type": "code", "source": "x = 1"}]
    assert await ask(jp_fetch, "changes", {**kept, "cells": same}) == {"changes": []}


BAD = [
    {"path": "../../secret.txt"},
    {"path": "notebooks/none.ipynb"},
    {"path": "table.csv"},
    {"path": 3},
    {"store": "sqlite:////etc/passwd"},
    {"run": "unknown"},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", BAD)
async def test_what_is_no_notebook_of_the_run_is_refused_with_a_next_step(jp_fetch, kept, name, wrong):
    error = await refusal(jp_fetch, name, {**kept, "beside": "", "cells": CELLS, **wrong})
    assert 400 <= error.code < 600
    assert json.loads(error.response.body)["next"]


@pytest.mark.parametrize("cells", [None, "x", [3], [{"cell_type": "code"}], [{"cell_type": "code", "source": 3}]])
async def test_cells_that_are_none_are_refused(jp_fetch, kept, cells):
    assert (await refusal(jp_fetch, "changes", {**kept, "cells": cells})).code == 400


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("token", ["", "token wrong"])
async def test_without_the_right_token_they_refuse(jp_fetch, kept, jp_root_dir, name, token):
    body = {**kept, "beside": "", "cells": CELLS}
    error = await refusal(jp_fetch, name, body, headers={"Authorization": token})
    assert error.code == 403
    assert not list(jp_root_dir.rglob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
async def test_from_another_origin_they_refuse(jp_fetch, kept, jp_root_dir, name):
    headers = {"Origin": "https://evil.example"}
    error = await refusal(jp_fetch, name, {**kept, "beside": "", "cells": CELLS}, headers=headers)
    assert error.code in (403, 404)
    assert not list(jp_root_dir.rglob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("with_token", [True, False])
async def test_a_cookie_alone_needs_the_xsrf_token(by_cookie, kept, name, with_token):
    body = json.dumps({**kept, "beside": "", "cells": CELLS})
    reply = await by_cookie(name, "POST", body, with_token=with_token)
    assert reply.code == (200 if with_token else 403), reply.body


class Readers(Authorizer):
    """Lets everybody use our routes, and nobody write files."""

    def is_authorized(self, handler, user, action, resource):
        return (action, resource) != ("write", "contents")


async def test_who_may_not_write_files_brings_none_back(jp_fetch, jp_serverapp, kept, jp_root_dir):
    jp_serverapp.web_app.settings["authorizer"] = Readers(parent=jp_serverapp)
    assert (await refusal(jp_fetch, "checkout", {**kept, "beside": ""})).code == 403
    assert not list(jp_root_dir.rglob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
async def test_they_cannot_be_asked_by_a_link(jp_fetch, kept, name):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("mlart", name, params=kept)
    assert caught.value.code == 405
