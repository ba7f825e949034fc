"""The routes over HTTP, with authentication on."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import threading
import zipfile
from base64 import b64decode
from urllib.parse import urlencode

import pytest
from PIL import Image
from tornado.httpclient import HTTPClientError

from mlart_jupyter import listings
from mlart_jupyter.answers import QUESTIONS
from mlart_jupyter.models import Cell, Entry, RunRef
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.server.extension import WORKERS
from mlart_jupyter.spool import Deletions, Spool, read_sessions, write_session
from mlart_jupyter.store import LocalStore, segment

ROUTES = [*QUESTIONS, "content", "zip"]


async def answer(jp_fetch, operation, **params):
    reply = await jp_fetch("mlart", operation, params=params)
    return json.loads(reply.body)


async def refusal(jp_fetch, operation, *, headers=None, **params):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("mlart", operation, params=params, headers=headers or {})
    return caught.value


async def test_a_session_is_found_by_its_kernel_and_by_its_notebook(jp_fetch, run_folder, place):
    for params in ({"path": "other.ipynb", "kernel": "kernel-1"}, {"path": "nb.ipynb"}):
        session = (await answer(jp_fetch, "session", **params))["session"]
        assert (session["store"], session["alive"]) == (place["store"], False)
        assert [run["run_id"] for run in session["runs"]] == [place["run"]]


async def test_the_kernels_own_session_beats_a_newer_one_of_the_same_name(jp_fetch, run_folder, data):
    old = next(read_sessions(data / "spool" / "sessions"))
    newer = dataclasses.replace(old, session="20270101-000000-abcdef", kernel="kernel-2", notebook="/else/nb.ipynb")
    write_session(data / "spool" / "sessions", newer)
    session = (await answer(jp_fetch, "session", path="nb.ipynb", kernel="kernel-1"))["session"]
    assert session["notebook"] == "/notebooks/nb.ipynb"


async def test_no_session_is_no_error(jp_fetch):
    assert await answer(jp_fetch, "session", path="nb.ipynb") == {"session": None}


async def test_no_answer_names_a_tracking_uri(jp_fetch, run_folder, place):
    for operation, params in {"session": {"path": "nb.ipynb"}, "stores": {}, "artifacts": place}.items():
        reply = await jp_fetch("mlart", operation, params=params)
        assert b"nowhere/" not in reply.body
        assert b"sqlite:///" not in reply.body


async def test_a_folder_is_listed_in_pages(jp_fetch, run_folder, place):
    first = await answer(jp_fetch, "artifacts", **place, limit="2")
    rest = await answer(jp_fetch, "artifacts", **place, limit="2", cursor=first["cursor"])
    assert [row["path"] for row in first["entries"] + rest["entries"]] == ["figures", "page.html", "table.csv"]
    assert rest["cursor"] is None


async def test_a_large_folder_is_read_only_as_far_as_it_is_shown(jp_fetch, run_folder, place, monkeypatch):
    names = [f"{i:04}.txt" for i in range(2500)]
    (run_folder / "many").mkdir()
    for name in names:
        (run_folder / "many" / name).touch()
    looked = []
    info = LocalStore._info
    monkeypatch.setattr(LocalStore, "_info", lambda self, path, link: looked.append(path) or info(self, path, link))
    page = await answer(jp_fetch, "artifacts", **place, path="many")
    assert len(looked) < 1500
    found = page["entries"]
    while page["cursor"]:
        page = await answer(jp_fetch, "artifacts", **place, path="many", cursor=page["cursor"], limit="1000")
        found += page["entries"]
    assert [row["name"] for row in found] == names


PREVIEWS = {"figures/a.png": "image", "page.html": "html", "table.csv": "table", "figures/odd name & ü.txt": "text"}


async def test_a_chart_comes_with_its_script_and_a_tiff_as_png(jp_fetch, run_folder, place):
    (run_folder / "a.plotly.json").write_text("{}")
    assert (await answer(jp_fetch, "preview", **place, path="a.plotly.json"))["library"] == "plotly"
    assert "Plotly.newPlot" in (await answer(jp_fetch, "drawing", **place, path="a.plotly.json"))["html"]
    refused = await refusal(jp_fetch, "drawing", **place, path="table.csv")
    assert "is no chart" in json.loads(refused.response.body)["error"]
    Image.new("L", (3, 2)).save(run_folder / "a.tiff")
    made = await answer(jp_fetch, "picture", **place, path="a.tiff")
    assert made["facts"] == [{"label": "picture", "value": "TIFF"}, {"label": "pixels", "value": "3 × 2"}]
    assert b64decode(made["png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize("path", PREVIEWS)
async def test_a_file_is_previewed_by_what_it_is(jp_fetch, run_folder, place, path):
    assert (await answer(jp_fetch, "preview", **place, path=path))["kind"] == PREVIEWS[path]


async def test_content_is_the_file_and_cannot_run(jp_fetch, run_folder, place):
    reply = await jp_fetch("mlart", "content", params={**place, "path": "page.html"})
    assert reply.body == (run_folder / "page.html").read_bytes()
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert "allow-scripts" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_download_has_the_files_name(jp_fetch, run_folder, place):
    reply = await jp_fetch("mlart", "content", params={**place, "path": "figures/odd name & ü.txt", "download": "1"})
    assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''odd%20name%20%26%20%C3%BC.txt"


async def test_a_folder_comes_as_one_zip(jp_fetch, run_folder, place):
    reply = await jp_fetch("mlart", "zip", params={**place, "path": "figures"})
    archive = zipfile.ZipFile(io.BytesIO(reply.body))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == ["a.png", "odd name & ü.txt"]


async def test_a_selection_comes_as_one_zip(jp_fetch, run_folder, place):
    reply = await jp_fetch("mlart", "zip", params={**place, "only": json.dumps(["table.csv", "figures"])})
    names = zipfile.ZipFile(io.BytesIO(reply.body)).namelist()
    assert sorted(names) == ["figures/a.png", "figures/odd name & ü.txt", "table.csv"]


@pytest.mark.parametrize("only", ["{", "3", '["../secret.txt"]', '["page.html"]'])
async def test_a_selection_from_elsewhere_is_refused(jp_fetch, run_folder, place, only):
    assert (await refusal(jp_fetch, "zip", **place, path="figures", only=only)).code == 400


PARTS = {"bytes=0-3": b"a,b\n", "bytes=4-": b"1,2\n", "bytes=-2": b"2\n", "bytes=4-99": b"1,2\n"}


@pytest.mark.parametrize("wanted", PARTS)
async def test_a_player_gets_the_part_it_asks_for(jp_fetch, run_folder, place, wanted):
    params = {**place, "path": "table.csv"}
    reply = await jp_fetch("mlart", "content", params=params, headers={"Range": wanted})
    assert (reply.code, reply.body) == (206, PARTS[wanted])
    first = reply.headers["Content-Range"].removeprefix("bytes ").partition("-")[0]
    assert int(first) == b"a,b\n1,2\n".index(PARTS[wanted])


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "rows=1-2", "bytes=-", "bytes=x-"])
async def test_an_odd_range_gets_the_whole_file(jp_fetch, run_folder, place, wanted):
    params = {**place, "path": "table.csv"}
    reply = await jp_fetch("mlart", "content", params=params, headers={"Range": wanted})
    assert (reply.code, reply.body) == (200, b"a,b\n1,2\n")


async def test_a_part_after_the_end_is_refused(jp_fetch, run_folder, place):
    error = await refusal(jp_fetch, "content", headers={"Range": "bytes=99-"}, **place, path="table.csv")
    assert error.code == 416


async def test_files_are_found_by_words_and_kind_in_any_folder(jp_fetch, run_folder, place):
    async def paths(**how):
        answered = await answer(jp_fetch, "find", **place, **how)
        return [row["path"] for row in answered["entries"]]

    assert await paths(text="ODD fig") == ["figures/odd name & ü.txt"]
    assert await paths(kind="picture") == ["figures/a.png"]
    assert (await paths(sort="size"))[0] == "page.html"
    first = await answer(jp_fetch, "find", **place, limit="3")
    rest = await answer(jp_fetch, "find", **place, limit="3", cursor=first["cursor"])
    assert (first["total"], len(first["entries"]), len(rest["entries"]), rest["cursor"]) == (4, 3, 1, None)


async def test_a_folder_is_listed_in_the_order_that_is_asked_for(jp_fetch, run_folder, place):
    rows = (await answer(jp_fetch, "artifacts", **place, sort="size"))["entries"]
    assert [row["path"] for row in rows] == ["figures", "page.html", "table.csv"]


async def test_what_is_slowly_read_whole_is_kept_until_something_comes_or_goes(
    jp_fetch, run_folder, data, place, monkeypatch
):
    monkeypatch.setattr(listings, "PATIENCE", 1e9)
    monkeypatch.setattr(listings, "LONGEST", 1e9)
    store = LocalStore(run_folder)

    async def has(name):
        listed = await answer(jp_fetch, "artifacts", **place, sort="size")
        found = await answer(jp_fetch, "find", **place, text=name)
        return [name in {row["path"] for row in each["entries"]} for each in (listed, found)]

    assert await has("new.txt") == [False, False]
    store.put("new.txt", b"new")
    assert await has("new.txt") == [False, False]
    await delete(jp_fetch, **place, path="table.csv")
    assert await has("new.txt") == [True, True]
    store.put("newer.txt", b"newer")
    Recorder(Spool(data / "spool"), "s1").record(
        Shown("x", RunRef(place["run"], "sqlite:////nowhere/mlflow.db"), Cell(), {}, path="coming.txt"),
        renderer_for("x"),
    )
    assert await has("coming.txt") == [True, False]
    assert await has("newer.txt") == [True, True]


async def test_a_page_number_that_is_none_is_refused(jp_fetch, run_folder, place):
    assert (await refusal(jp_fetch, "artifacts", **place, cursor="-1")).code == 400
    assert (await refusal(jp_fetch, "preview", **place, path="table.csv", at="x")).code == 400


async def test_an_artifact_tells_its_cell_and_its_versions(jp_fetch, run_folder, place):
    store = LocalStore(run_folder)
    facts = {"kind": "figure", "media_type": "image/png", "key": "figures/a", "session": "s", "run_id": "r"}
    entries = [
        Entry("i1", "figures/a.png", version=1, time=1.0, source_hash="h", cell_id="c1", execution_count=3, **facts),
        Entry("i2", "figures/a_v2.png", version=2, time=2.0, source_hash="h", **facts),
    ]
    store.put("figures/a_v2.png", b"x")
    store.put(*segment(entries, {"h": "plt.show()"}))
    origin = (await answer(jp_fetch, "origin", **place, path="figures/a.png"))["origin"]
    assert (origin["source"], origin["cell_id"], origin["cell"]) == ("plt.show()", "c1", 3)
    assert [each["path"] for each in origin["versions"]] == ["figures/a.png", "figures/a_v2.png"]
    assert await answer(jp_fetch, "origin", **place, path="table.csv") == {"origin": None}


async def test_to_look_for_runs_makes_no_store(jp_fetch, data):
    stores = (await answer(jp_fetch, "stores"))["stores"]
    for store in stores:
        assert await answer(jp_fetch, "runs", store=store["alias"]) == {"runs": [], "cursor": None}
    assert not (data / "mlflow.db").exists()


async def test_a_store_that_hangs_holds_up_no_other_request(jp_fetch, run_folder, place, monkeypatch):
    hanging, entered = threading.Event(), threading.Event()

    def hang(*args, **kwargs):
        entered.set()
        assert hanging.wait(60)
        return [], None

    monkeypatch.setattr("mlart_jupyter.store.tracking.page", hang)
    monkeypatch.setattr("mlart_jupyter.answers._is_made", lambda uri: True)
    slow = asyncio.ensure_future(answer(jp_fetch, "runs", store=place["store"]))
    try:
        while not entered.is_set():
            await asyncio.sleep(0.01)
        assert (await answer(jp_fetch, "artifacts", **place))["entries"]
        assert not slow.done()
    finally:
        hanging.set()
    assert (await slow)["runs"] == []


@pytest.fixture
def hanging(monkeypatch):
    """The tracking store hangs until this is set; it counts who has entered."""
    hanging = threading.Event()
    hanging.entered = []

    def hang(*args, **kwargs):
        hanging.entered.append(args)
        assert hanging.wait(60)
        return [], None

    monkeypatch.setattr("mlart_jupyter.store.tracking.page", hang)
    monkeypatch.setattr("mlart_jupyter.answers._is_made", lambda uri: True)
    yield hanging
    hanging.set()


async def until(condition):
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_many_who_wait_for_a_store_that_hangs_hold_up_nobody_else(jp_fetch, run_folder, place, hanging):
    slow = [asyncio.ensure_future(answer(jp_fetch, "runs", store=place["store"])) for _ in range(WORKERS + 3)]
    await until(lambda: len(hanging.entered) == WORKERS)
    assert (await answer(jp_fetch, "status"))["waiting"] == 0
    assert (await answer(jp_fetch, "session", path="nb.ipynb"))["session"]
    elsewhere = await refusal(jp_fetch, "artifacts", store="unknown", run="x")
    assert elsewhere.code == 404
    assert not any(each.done() for each in slow)
    hanging.set()
    assert all(each["runs"] == [] for each in await asyncio.gather(*slow))


async def test_what_nobody_waits_for_any_more_never_begins(jp_fetch, run_folder, place, hanging, caplog):
    slow = [asyncio.ensure_future(answer(jp_fetch, "runs", store=place["store"])) for _ in range(WORKERS)]
    await until(lambda: len(hanging.entered) == WORKERS)
    with pytest.raises(HTTPClientError) as caught:  # the client closes its connection
        await jp_fetch("mlart", "runs", params={"store": place["store"]}, request_timeout=0.5)
    assert caught.value.code == 599
    hanging.set()
    await asyncio.gather(*slow)
    await answer(jp_fetch, "runs", store=place["store"])
    assert len(hanging.entered) == WORKERS + 1
    assert "Traceback" not in caplog.text


async def test_status_counts_the_spool(jp_fetch, run_folder):
    status = await answer(jp_fetch, "status")
    assert (status["waiting"], status["dead"], status["last_error"]) == (0, 0, None)


LEAVING = ["../secret.txt", "figures/../../secret.txt", "/etc/passwd", "figures/\\..\\..\\secret.txt"]


@pytest.mark.parametrize("path", LEAVING)
@pytest.mark.parametrize("operation", ["artifacts", "preview", "content", "zip"])
async def test_a_path_that_leaves_the_run_is_refused(jp_fetch, run_folder, place, operation, path):
    error = await refusal(jp_fetch, operation, **place, path=path)
    assert 400 <= error.code < 500
    assert json.loads(error.response.body)["next"]


async def test_a_link_out_of_the_run_is_no_artifact(jp_fetch, run_folder, place):
    (run_folder / "out").symlink_to(run_folder.parents[1])
    (run_folder / "file.txt").symlink_to(run_folder.parents[1] / "secret.txt")
    names = [row["name"] for row in (await answer(jp_fetch, "artifacts", **place))["entries"]]
    assert not {"out", "file.txt"} & set(names)
    for path in ("out/secret.txt", "file.txt"):
        assert (await refusal(jp_fetch, "content", **place, path=path)).code == 404


@pytest.mark.parametrize(
    "params",
    [
        {"store": "sqlite:////etc/passwd", "run": "x"},
        {"store": "unknown", "run": "x"},
        {"run": "x"},
        {},
    ],
)
async def test_a_store_is_named_by_its_alias_only(jp_fetch, run_folder, params):
    assert 400 <= (await refusal(jp_fetch, "artifacts", **params)).code < 500


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("token", ["", "token wrong"])
async def test_without_the_right_token_every_route_refuses(jp_fetch, run_folder, place, route, token):
    error = await refusal(jp_fetch, route, headers={"Authorization": token}, **place, path="page.html")
    assert error.code == 403


@pytest.mark.parametrize("route", ROUTES)
async def test_from_another_origin_every_route_refuses(jp_fetch, run_folder, place, route):
    error = await refusal(jp_fetch, route, headers={"Origin": "https://evil.example"}, **place, path="page.html")
    assert error.code in (403, 404)
    assert "Access-Control-Allow-Origin" not in error.response.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_written(jp_fetch, run_folder, method):
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("mlart", "status", method=method, allow_nonstandard_methods=True)
    assert caught.value.code == 405


# -- deleting -------------------------------------------------------------------------------------


async def delete(jp_fetch, *, headers=None, **params):
    reply = await jp_fetch("mlart", "artifact", method="DELETE", params=params, headers=headers or {})
    return json.loads(reply.body)


async def kept(jp_fetch, expected, **params):
    with pytest.raises(HTTPClientError) as caught:
        await delete(jp_fetch, **params)
    assert caught.value.code in expected
    return json.loads(caught.value.response.body)


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


async def test_a_file_and_a_folder_are_deleted(jp_fetch, run_folder, place):
    assert await delete(jp_fetch, **place, path="table.csv") == {"deleted": "table.csv"}
    await delete(jp_fetch, **place, path="figures")
    assert [row["path"] for row in (await answer(jp_fetch, "artifacts", **place))["entries"]] == ["page.html"]
    assert everything(run_folder) == ["page.html"]
    await kept(jp_fetch, (404,), **place, path="table.csv")


async def test_the_kernels_are_told_what_was_deleted(jp_fetch, run_folder, data, place):
    entry = Entry("item", "table.csv", "text", "text/csv", "table", 1, "s1", place["run"], 1.0)
    LocalStore(run_folder).put(*segment([entry], {}))
    await delete(jp_fetch, **place, path="table.csv")
    assert Deletions(data / "spool").news(place["run"]) == {"item"}


async def test_where_it_is_forbidden_nothing_is_deleted(jp_fetch, jp_serverapp, run_folder, place):
    (extension,) = jp_serverapp.extension_manager.extension_apps["mlart_jupyter"]
    config = extension.services.config
    assert (await answer(jp_fetch, "status"))["may_delete"]
    config.deletion = False
    words = await kept(jp_fetch, (403,), **place, path="table.csv")
    assert "Mlart.deletion" in words["next"]
    assert not (await answer(jp_fetch, "status"))["may_delete"]
    assert (run_folder / "table.csv").exists()


HOSTILE = ["", ".", "%2e", "mlart", "mlart/s", "%6dlart", "../secret.txt", "..%2fsecret.txt", "%252e%252e/secret.txt"]
HOSTILE += ["/etc/passwd", "figures/../../secret.txt", "figures\\..\\..\\secret.txt", "out/secret.txt", "out/", "a\0b"]


@pytest.mark.parametrize("path", HOSTILE)
async def test_only_what_is_in_the_run_is_deleted(jp_fetch, run_folder, data, place, path):
    (data / "elsewhere").mkdir()
    (data / "elsewhere" / "secret.txt").touch()
    (run_folder / "out").symlink_to(data / "elsewhere")
    (run_folder / "mlart" / "s").mkdir(parents=True)
    before = everything(data)
    await kept(jp_fetch, (400, 404), **place, path=path)
    assert everything(data) == before


@pytest.mark.parametrize("headers", [{"Authorization": ""}, {"Authorization": "token wrong"}])
async def test_nobody_without_the_token_deletes(jp_fetch, run_folder, place, headers):
    await kept(jp_fetch, (403,), **place, path="table.csv", headers=headers)
    assert (run_folder / "table.csv").exists()


async def test_a_page_of_another_origin_deletes_nothing(jp_fetch, run_folder, place):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        await kept(jp_fetch, (403, 404), **place, path="table.csv", headers=headers)
    assert (run_folder / "table.csv").exists()


async def test_who_is_signed_in_by_a_cookie_needs_the_xsrf_token(by_cookie, run_folder, place):
    """A cookie alone, which the browser adds to any request, is not enough."""
    address = f"artifact?{urlencode({**place, 'path': 'table.csv'})}"
    refused = await by_cookie(address, "DELETE", with_token=False)
    assert refused.code == 403
    assert "xsrf" in refused.body.decode()
    assert (run_folder / "table.csv").exists()
    assert (await by_cookie(address, "DELETE", with_token=True)).code == 200
    assert not (run_folder / "table.csv").exists()


def test_the_walk_covers_all_routes():
    """A new route must stand in ROUTES, so that the refusals above cover it."""
    from mlart_jupyter.server.routes import routes

    assert len(routes(None, None)) == 4
