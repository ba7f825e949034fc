"""A Jupyter server with the extension, and a run of a dead session for it to show."""

from __future__ import annotations

from pathlib import Path

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
