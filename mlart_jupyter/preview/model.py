"""An MLflow model by its MLmodel file: flavours, signature, requirements, and how to load it."""

from __future__ import annotations

import json
from typing import Any

from mlart_jupyter.preview.previews import Column, Fact, Model, Preview
from mlart_jupyter.preview.source import Source, decoded
from mlart_jupyter.preview.tree import LARGEST_YAML, tree

NAME = "MLmodel"
SIBLINGS = ("requirements.txt",)
MOST_COLUMNS = 500
FACTS = ("mlflow_version", "model_uuid", "model_id", "run_id", "utc_time_created", "model_size_bytes")


def model(source: Source) -> Preview | None:
    """Preview an MLmodel file."""
    if source.name != NAME or source.size > LARGEST_YAML:
        return None
    as_yaml = tree(Source(source.file, source.head, source.size, "MLmodel.yaml"))
    told = getattr(as_yaml, "value", None)
    if not isinstance(told, dict) or not isinstance(told.get("flavors"), dict):
        return None
    flavours = [str(name) for name in told["flavors"]]
    facts = [Fact("flavours", ", ".join(flavours)), *_known(told)]
    signature = told.get("signature")
    signature = signature if isinstance(signature, dict) else {}
    inputs, outputs = _columns(signature.get("inputs")), _columns(signature.get("outputs"))
    snippet = _snippet(flavours)
    requirements = decoded(source.siblings.get(SIBLINGS[0], b""), cut=True)
    return Model(tuple(facts), inputs, outputs, snippet, source.size, requirements)


def _known(told: dict[str, Any]) -> list[Fact]:
    facts = [Fact(name.replace("_", " "), str(told[name])[:200]) for name in FACTS if told.get(name) is not None]
    python = told["flavors"].get("python_function")
    if isinstance(python, dict) and python.get("python_version"):
        facts.append(Fact("python", str(python["python_version"])[:40]))
    return facts


def _columns(schema: Any) -> tuple[Column, ...]:
    """A signature is JSON in the YAML: a list of columns or of tensors."""
    try:
        found = json.loads(schema) if isinstance(schema, str) else []
    except (ValueError, RecursionError):
        return ()
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return tuple(Column(str(row.get("name", f"[{i}]"))[:200], _type(row)) for i, row in enumerate(rows[:MOST_COLUMNS]))


def _type(row: dict[str, Any]) -> str:
    tensor = row.get("tensor-spec")
    words = f"{tensor.get('dtype')} {tensor.get('shape')}" if isinstance(tensor, dict) else str(row.get("type", "?"))
    return words[:200] + ("" if row.get("required", True) else " (optional)")


def _snippet(flavours: list[str]) -> str:
    """The lines that load it; `{uri}` is where the browser writes the model's address."""
    own = next((name for name in flavours if name != "python_function" and name.isidentifier()), None)
    lines = ["import mlflow", "", 'model = mlflow.pyfunc.load_model("{uri}")', "model.predict(data)"]
    if own and "python_function" not in flavours:
        lines[2:] = [f'model = mlflow.{own}.load_model("{{uri}}")']
    elif own:
        lines += ["", f'# or as itself: mlflow.{own}.load_model("{{uri}}")']
    return "\n".join(lines)
