"""MLflow's addresses of artifacts: ``runs:/…``, ``models:/…`` and ``mlflow-artifacts:/…``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlart_jupyter.errors import BadPath
from mlart_jupyter.paths import inside
from mlart_jupyter.store.registry import MODEL_ID

RUN_PLACE = re.compile(r"(?:^|.*/)([0-9a-f]{32})/artifacts(?:/(.*))?$")
MODEL_PLACE = re.compile(rf"(?:^|.*/)({MODEL_ID.pattern})/artifacts(?:/(.*))?$")


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names: a run or a model, and a path in it.

    Attributes
    ----------
    run
        Id or name; "" where a model is named.
    model
        A ``models:/`` URI with its path; "" where a run is named.
    """

    run: str = ""
    model: str = ""
    path: str = ""


def parse(text: str) -> Address | None:
    """Read an address; None for what is none, such as a run's name or a path in a run.

    Raises
    ------
    BadPath
        The path leaves the run, or the address names neither a run nor a model.

    Examples
    --------
    >>> parse("runs:/ab12/figures/loss.png")
    Address(run='ab12', model='', path='figures/loss.png')
    """
    scheme, colon, rest = text.partition(":")
    if not colon or scheme not in ("runs", "models", "mlflow-artifacts"):
        return None
    words = rest.lstrip("/")
    if scheme == "runs":
        run, _, path = words.partition("/")
        return Address(run=run, path=inside(path))
    if scheme == "models":
        return Address(model=f"models:/{inside(words)}")
    if match := RUN_PLACE.fullmatch(words):
        return Address(run=match[1], path=inside(match[2] or ""))
    if match := MODEL_PLACE.fullmatch(words):
        return Address(model=f"models:/{match[1]}/{inside(match[2] or '')}".rstrip("/"))
    raise BadPath(f"{text} names no run", "Give it as mlflow-artifacts:/EXPERIMENT/RUN/artifacts/PATH")
