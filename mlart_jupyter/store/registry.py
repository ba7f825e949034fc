"""Models: those that a run has logged, which MLflow 3 keeps beside it, and the registered ones.

One of the modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mlart_jupyter.errors import MlartError, UnknownArtifact
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import tracking

MODEL_ID = re.compile(r"m-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model's files are.

    Attributes
    ----------
    name
        As one part of a path.
    location
        Its artifact URI.
    run_id
        The run that made it; "" where none is told.
    """

    name: str
    location: str
    run_id: str = ""


def logged_models(run: RunRef) -> list[Model]:
    """The models that a run has logged; none before MLflow 3.

    Raises
    ------
    StoreUnavailable
        The tracking store does not answer.
    """
    client = tracking._client(run.tracking_uri)  # noqa: SLF001
    try:
        outputs = getattr(client.get_run(run.run_id), "outputs", None)
        ids = [output.model_id for output in getattr(outputs, "model_outputs", None) or ()]
        found = [client.get_logged_model(model_id) for model_id in ids]
    except Exception as error:  # MLflow raises errors of SQLAlchemy, requests and its own here
        raise tracking._told(error) from error  # noqa: SLF001
    return _told_apart([(str(model.name or ""), model.model_id, model.artifact_location) for model in found], run)


def _told_apart(found: list[tuple[str, str, str]], run: RunRef) -> list[Model]:
    """Models under names of their own: one logged twice under a name takes a part of its id besides."""
    models: dict[str, Model] = {}
    for given, model_id, location in found:
        plain = given if re.fullmatch(r"[^/\\\x00-\x1f:]+", given) and given not in (".", "..") else model_id
        name = f"{plain}-{model_id[2:10]}" if plain in models else plain
        models[name] = Model(name, location, run.run_id)
    return list(models.values())


def find_model(uri: str, tracking_uri: str | None) -> tuple[Model, str]:
    """Find what ``models:/…`` names: the model, and the path in it.

    Forms are ``models:/m-<id>``, ``models:/<name>/<version>``, ``models:/<name>/latest`` and
    ``models:/<name>@<alias>``, each with a path behind it.

    Raises
    ------
    UnknownArtifact, StoreUnavailable
    """
    words = uri.removeprefix("models:").strip("/").split("/")
    client = tracking._client(tracking_uri)  # noqa: SLF001
    try:
        return _find(client, words)
    except Exception as error:  # as in `logged_models`
        if getattr(error, "error_code", "") in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise UnknownArtifact(f"There is no model {uri}", "Give models:/NAME/VERSION, or models:/ID") from error
        raise (error if isinstance(error, MlartError) else tracking._told(error)) from error  # noqa: SLF001


def _find(client: Any, words: list[str]) -> tuple[Model, str]:
    if MODEL_ID.fullmatch(words[0]):
        model = client.get_logged_model(words[0])
        return Model(words[0], model.artifact_location, model.source_run_id or ""), "/".join(words[1:])
    name, at, alias = words[0].partition("@")
    if at:
        found, rest = client.get_model_version_by_alias(name, alias), words[1:]
    elif len(words) > 1:
        found, rest = _version(client, name, words[1]), words[2:]
    else:
        raise UnknownArtifact(f"models:/{name} names no version", f"Give models:/{name}/1 or models:/{name}/latest")
    source = client.get_model_version_download_uri(name, found.version)
    if source.startswith("models:/"):
        model, _ = _find(client, source.removeprefix("models:").strip("/").split("/"))
        return model, "/".join(rest)
    return Model(f"{name}-{found.version}", source, found.run_id or ""), "/".join(rest)


def _version(client: Any, name: str, version: str) -> Any:
    if version != "latest":
        return client.get_model_version(name, version)
    found = client.search_model_versions(f"name='{name.replace(chr(39), '')}'")
    if not found:
        raise UnknownArtifact(f"There is no model {name}", "Give a registered model's name")
    return max(found, key=lambda each: int(each.version))
