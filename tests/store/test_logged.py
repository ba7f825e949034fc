"""Which objects MLflow has a flavour for; a real model is logged in tests/kernel/test_giving.py."""

from __future__ import annotations

import pytest

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import logged


def named(name: str, *bases: type) -> type:
    module, _, plain = name.rpartition(".")
    return type(plain, bases, {"__module__": module})


@pytest.mark.parametrize("name", logged.FLAVOURS)
def test_a_model_is_told_by_its_base(name: str) -> None:
    model = named("mine.Model", named(name))()
    assert logged.flavour_of(model) == logged.FLAVOURS[name]


def test_the_nearest_base_decides() -> None:
    general = named("sklearn.base.BaseEstimator")
    assert logged.flavour_of(named("xgboost.sklearn.XGBModel", general)()) == ("mlflow.xgboost", "xgb_model")


@pytest.mark.parametrize("obj", [1, "text", {}, object()])
def test_other_objects_are_no_models(obj: object) -> None:
    assert logged.flavour_of(obj) is None
    with pytest.raises(NotRenderable, match="no flavour"):
        logged.log_model(obj, RunRef("r", "file:///nowhere"), "x")


def test_a_run_of_another_store_is_refused() -> None:
    model = named("sklearn.base.BaseEstimator")()
    with pytest.raises(NotRenderable, match="set_tracking_uri"):
        logged.log_model(model, RunRef("r", "http://elsewhere"), "x")


def test_what_a_flavour_refuses_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*args: object) -> None:
        raise ValueError("not a model\nand more")

    monkeypatch.setattr(logged.tracking, "tracking_uri", lambda: "file:///here")
    monkeypatch.setattr(logged, "_log", refuses)
    with pytest.raises(NotRenderable, match=r"MLflow could not store this model: not a model\. Save it"):
        logged.log_model(named("sklearn.base.BaseEstimator")(), RunRef("r", "file:///here"), "x")
