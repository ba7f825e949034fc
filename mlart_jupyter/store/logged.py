"""Models through MLflow's own flavours, as LoggedModels that MLflow can load and serve.

One of the three modules that import MLflow, inside functions only.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import tracking

FLAVOURS = {
    "mlflow.pyfunc.model.PythonModel": ("mlflow.pyfunc", "python_model"),
    "xgboost.sklearn.XGBModel": ("mlflow.xgboost", "xgb_model"),
    "xgboost.core.Booster": ("mlflow.xgboost", "xgb_model"),
    "lightgbm.sklearn.LGBMModel": ("mlflow.lightgbm", "lgb_model"),
    "lightgbm.basic.Booster": ("mlflow.lightgbm", "lgb_model"),
    "catboost.core.CatBoost": ("mlflow.catboost", "cb_model"),
    "torch.nn.modules.module.Module": ("mlflow.pytorch", "pytorch_model"),
    "keras.src.models.model.Model": ("mlflow.tensorflow", "model"),
    "statsmodels.base.wrapper.ResultsWrapper": ("mlflow.statsmodels", "statsmodels_model"),
    "spacy.language.Language": ("mlflow.spacy", "spacy_model"),
    "prophet.forecaster.Prophet": ("mlflow.prophet", "pr_model"),
    "transformers.pipelines.base.Pipeline": ("mlflow.transformers", "transformers_model"),
    "onnx.onnx_ml_pb2.ModelProto": ("mlflow.onnx", "onnx_model"),
    "sklearn.base.BaseEstimator": ("mlflow.sklearn", "sk_model"),
}
"""Base class → MLflow's flavour and the name of its argument; the nearest base decides."""


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A stored model: its path in the run, and the URI that ``mlflow.….load_model`` takes."""

    path: str
    uri: str


def flavour_of(obj: Any) -> tuple[str, str] | None:
    """The flavour that stores an object, told by its type's name; None where MLflow has none."""
    names = (f"{cls.__module__}.{cls.__qualname__}" for cls in type(obj).__mro__)
    return next((FLAVOURS[name] for name in names if name in FLAVOURS), None)


def log_model(obj: Any, run: RunRef, name: str) -> LoggedModel:
    """Store a model now; takes seconds, for MLflow finds out what the model needs.

    Parameters
    ----------
    name
        A slug: MLflow takes no slashes or dots.

    Raises
    ------
    NotRenderable
        MLflow has no flavour for it, or the flavour refuses it.
    """
    flavour = flavour_of(obj)
    if flavour is None:
        raise NotRenderable(f"MLflow has no flavour for {type(obj).__qualname__}", "Save it to a file and log that")
    if run.tracking_uri != tracking.tracking_uri():
        raise NotRenderable(
            "A model goes to the current tracking store only, and the run is in another",
            f"Call mlflow.set_tracking_uri({run.tracking_uri!r}) before",
        )
    try:
        return _log(obj, run, name, *flavour)
    except Exception as error:  # flavours raise errors of their own libraries
        words = str(error).strip().partition("\n")[0]
        raise NotRenderable(f"MLflow could not store this model: {words}", "Save it to a file and log that") from error


def _log(obj: Any, run: RunRef, name: str, flavour: str, argument: str) -> LoggedModel:
    from mlflow.models import Model

    module = importlib.import_module(flavour)
    is_new = "name" in inspect.signature(Model.log).parameters  # MLflow 3 keeps models beside the runs
    where = {"artifact_path": None, "name": name} if is_new else {"artifact_path": f"models/{name}"}
    info = Model.log(flavor=module, run_id=run.run_id, **where, **{argument: obj})
    return LoggedModel(f"models/{name}", info.model_uri)
