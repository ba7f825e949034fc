"""What a remote store's answer, its error or its silence means for the next try."""

from __future__ import annotations

import email.utils
import time
from typing import Any

from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable
from mlart_jupyter.uris import masked

REFUSALS = {400, 405, 411, 413, 414, 415, 422}
"""HTTP status with which trying again is useless, besides MLflow's own error codes."""
REFUSED = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE"}
OVERLOADED = {429, 502, 503, 504}
"""HTTP status that speaks for the whole host."""
NO_ANSWER = ("ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError", "TimeoutError", "Timeout")
NO_CONNECTION = (
    "ConnectionError",
    "NewConnectionError",
    "EndpointConnectionError",
    "ConnectionClosedError",
    "ProtocolError",
    "gaierror",
)


def kind_of_trouble(error: BaseException) -> str:
    """Where an error comes from, by it and its causes: ``late``, ``broken`` (no connection), or ``""``."""
    names: set[str] = set()
    seen: BaseException | None = error
    while seen is not None and len(names) < 100:
        names |= {kind.__name__ for kind in type(seen).__mro__}
        seen = seen.__cause__ or seen.__context__
    if names.intersection(NO_ANSWER):
        return "late"
    return "broken" if names.intersection(NO_CONNECTION) else ""


def told_answer(answer: Any, uri: str) -> MlartError:
    """Tell by an HTTP answer whether a later try may succeed."""
    code, words = _words(answer)
    status = int(answer.status_code)
    place = masked(uri)
    if status in OVERLOADED:
        problem = f"The store {place} is overloaded or down: HTTP {status}{words}"
        return StoreUnavailable.of_host(problem, "It is tried again by itself", rest(answer.headers.get("Retry-After")))
    if status in (401, 403, 407) or code in ("PERMISSION_DENIED", "UNAUTHENTICATED"):
        step = "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
        return StoreUnavailable(f"The store {place} does not let us in: HTTP {status}{words}", step)
    if status in REFUSALS or code in REFUSED:
        return StoreRefused(
            f"The store {place} refuses: HTTP {status}{words}", "Check the run and its artifact location"
        )
    return StoreUnavailable(f"The store {place} fails: HTTP {status}{words}", "It is tried again by itself")


def _words(answer: Any) -> tuple[str, str]:
    """MLflow's error code and message, where the answer has them."""
    try:
        values = answer.json()
        return str(values.get("error_code", "")), f" {masked(str(values.get('message', '')))[:200]}".rstrip()
    except (ValueError, AttributeError):
        return "", ""


def rest(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
