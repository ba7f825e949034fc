"""A Jupyter server with the extension, and a run of a dead session for it to show."""

from __future__ import annotations

import urllib.parse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mlart_jupyter.models import RunRef
from mlart_jupyter.spool import Session, write_session
from mlart_jupyter.store import LocalStore

RUN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def jp_server_config() -> dict[str, object]:
    """Only our extension."""
    return {"ServerApp": {"jpserver_extensions": {"mlart_jupyter": True}}}


@pytest.fixture
def run_folder(data: Path) -> Path:
    """The artifact folder of a run that a session file names, with files in it."""
    folder = data / "artifacts" / RUN
    store = LocalStore(folder)
    store.put("figures/a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + (3).to_bytes(4, "big") + (2).to_bytes(4, "big"))
    store.put("figures/odd name & ü.txt", b"odd")
    store.put("page.html", b"<script>window.hacked = true</script>")
    store.put("table.csv", b"a,b\n1,2\n")
    (data / "secret.txt").write_text("outside of the run")
    ref = RunRef(RUN, "sqlite:////nowhere/mlflow.db", folder.as_uri(), "1", "shown")
    session = Session("20260101-000000-abcdef", "kernel-1", "/notebooks/nb.ipynb", "0" * 12, "python", {}, (ref,))
    write_session(data / "spool" / "sessions", session)
    return folder


@pytest.fixture
def place() -> dict[str, str]:
    """The store's alias and the run's id, as the browser sends them."""
    from mlart_jupyter.shapes import alias_of

    return {"store": alias_of("sqlite:////nowhere/mlflow.db"), "run": RUN}


@pytest.fixture
def by_cookie(jp_serverapp: Any, http_server_client: Any, jp_base_url: str) -> Callable[..., Awaitable[Any]]:
    """Ask as a page does whose user is signed in by a cookie, with the page's XSRF token or without it."""

    async def ask(address: str, method: str, body: str | None = None, *, with_token: bool) -> Any:
        login = f"{jp_base_url}login?token={jp_serverapp.identity_provider.token}"
        reply = await http_server_client.fetch(login, follow_redirects=False, raise_error=False)
        cookies = dict(each.partition(";")[0].split("=", 1) for each in reply.headers.get_list("Set-Cookie"))
        cookies.setdefault("_xsrf", "2|aaaaaaaa|bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|1700000000")
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
        headers |= {"X-XSRFToken": urllib.parse.unquote(cookies["_xsrf"])} if with_token else {}
        url = f"{jp_base_url}mlart/{address}"
        return await http_server_client.fetch(url, method=method, body=body, headers=headers, raise_error=False)

    return ask
