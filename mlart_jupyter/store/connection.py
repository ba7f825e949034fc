"""Requests to a server with MLflow's credentials, over connections that are kept.

MLflow works out anew for each request who the user is (variables, plug-ins, ``.netrc``, proxies), which
takes longer than a small file. Here one request of MLflow's own shows it, and those of the next seconds
look the same. One of the modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from mlart_jupyter.models import Payload
from mlart_jupyter.store.view import View

CONNECT_SECONDS = 3.0
BRISK, BRISK_RATE = 8.0, 1_000_000
"""What a store that was quick so far may take for an answer: seconds, and bytes per second beyond them."""
PATIENT, PATIENT_RATE = 60.0, 100_000
"""The same for one that answers, but slowly."""
PROBE_SECONDS = 3.0
"""What it may take to show that it answers at all."""
LIKE_SECONDS = 10.0
"""Requests are made like one of MLflow's for so long: a token that a plug-in gives may be a short one."""
CONNECTIONS = 16
SMALL = 64 * 1024
"""Bytes that are sent as they are; more are read block by block."""
NO_LONGER = (401, 403, 407)
"""HTTP status of who one was a moment ago."""
OWN_HEADERS = {"content-length", "content-type", "transfer-encoding", "cookie"}
"""What a request says of itself alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """A request of MLflow's that has succeeded, for others to be made like it."""

    creds: dict[str, Any]
    headers: dict[str, str]
    settings: dict[str, Any]
    until: float


class Connection:
    """Makes requests; safe to use from several threads."""

    def __init__(self) -> None:
        self._model: Model | None = None
        self._session: Any = None

    def request(self, creds: Any, endpoint: str, method: str, seconds: float, **more: Any) -> Any:
        """Make a request and return its answer, whatever it says.

        Parameters
        ----------
        creds
            MLflow's ``MlflowHostCreds``.
        seconds
            How long the server may take to answer.
        more
            ``body``, ``extra_headers`` and ``params``.
        """
        model = self._model
        if "params" in more or model is None or model.until < time.monotonic() or model.creds != vars(creds):
            return self._as_mlflow(creds, endpoint, method, seconds, **more)
        answer = self._alike(model, f"{creds.host.rstrip('/')}{endpoint}", method, seconds, **more)
        if answer.is_redirect or answer.status_code in NO_LONGER:
            self._model = None
            return self._as_mlflow(creds, endpoint, method, seconds, **more)
        return answer

    def _as_mlflow(
        self, creds: Any, endpoint: str, method: str, seconds: float, body: Payload | None = None, **more: Any
    ) -> Any:
        from mlflow.utils.rest_utils import http_request

        if body is not None:
            more["data"] = _data(body)
        times = (CONNECT_SECONDS, seconds)
        answer = http_request(creds, endpoint, method, max_retries=0, timeout=times, raise_on_status=False, **more)
        if method == "PUT" and answer.status_code < 300 and _is_repeatable(creds, answer):
            self._learn(creds, answer)
        return answer

    def _learn(self, creds: Any, answer: Any) -> None:
        session = self._session or _session()
        headers = {name: text for name, text in answer.request.headers.items() if name.lower() not in OWN_HEADERS}
        settings = session.merge_environment_settings(answer.request.url, {}, None, creds.verify, None)
        cert = getattr(creds, "client_cert_path", None)
        settings |= {"cert": cert or settings["cert"], "allow_redirects": False}
        session.cookies.update(answer.cookies)
        self._session = session
        self._model = Model(dict(vars(creds)), headers, settings, time.monotonic() + LIKE_SECONDS)

    def _alike(
        self,
        model: Model,
        url: str,
        method: str,
        seconds: float,
        body: Payload = b"",
        extra_headers: dict[str, str] | None = None,
    ) -> Any:
        import requests

        headers = {**model.headers, **(extra_headers or {})}
        request = requests.PreparedRequest()
        request.prepare(method=method, url=url, headers=headers, data=_data(body), cookies=self._session.cookies)
        return self._session.send(request, timeout=(CONNECT_SECONDS, seconds), **model.settings)


def _data(body: Payload) -> Any:
    return View(body) if len(body) > SMALL else bytes(body)


def _is_repeatable(creds: Any, answer: Any) -> bool:
    """Whether the next request may look the same: none that is signed by itself, or was sent elsewhere."""
    signed = creds.auth or creds.aws_sigv4 or getattr(creds, "use_databricks_sdk", False)
    return not signed and not answer.history and answer.request is not None


def _session() -> Any:
    import requests

    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=2, pool_maxsize=CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
