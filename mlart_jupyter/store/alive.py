"""Whether a run is still there: what is delivered to a deleted one would be lost to sight.

One of the modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import contextlib
import sqlite3
from urllib.parse import quote

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.models import RunRef
from mlart_jupyter.store.tracking import client_of

CHECK_SECONDS = 5.0
"""How long the question whether a run still is there may take."""


def check_alive(ref: RunRef) -> bool:
    """Ask whether a run still is there; False when the tracking store does not say, which is no reason to wait.

    Raises
    ------
    StoreRefused
        It was deleted: what is delivered to it would be lost to sight.
    """
    try:
        stage = _stage(ref)
    except Exception as error:  # as in `start`
        if getattr(error, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
            return False
        stage = "deleted"
    if stage == "deleted":
        raise StoreRefused(
            f"Run {ref.run_id} was deleted", "Restore it (`mlflow runs restore`), then run `mlart flush --dead`"
        )
    return True


def _stage(ref: RunRef) -> str:
    """A run's life-cycle stage; over HTTP with time-outs of our own."""
    if ref.tracking_uri.startswith("sqlite:///"):
        return _stage_in_file(ref)
    client = client_of(ref.tracking_uri)
    store = client._tracking_client.store  # noqa: SLF001  knows the server's credentials
    if not hasattr(store, "get_host_creds"):
        return str(client.get_run(ref.run_id).info.lifecycle_stage)
    from mlflow.utils.rest_utils import http_request

    answer = http_request(
        store.get_host_creds(),
        "/api/2.0/mlflow/runs/get",
        "GET",
        max_retries=0,
        timeout=CHECK_SECONDS,
        raise_on_status=False,
        params={"run_id": ref.run_id},
    )
    values = answer.json()
    if values.get("error_code") == "RESOURCE_DOES_NOT_EXIST":
        return "deleted"
    return str(values["run"]["info"]["lifecycle_stage"])


def _stage_in_file(ref: RunRef) -> str:
    """Read it as it stands: an adopting process need not import MLflow, which takes seconds, for one word."""
    file = ref.tracking_uri.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True, timeout=CHECK_SECONDS)) as base:
        row = base.execute("SELECT lifecycle_stage FROM runs WHERE run_uuid = ?", (ref.run_id,)).fetchone()
    return str(row[0]) if row else "deleted"
