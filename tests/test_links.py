"""The address of a run's page, and what must not stand in it."""

from __future__ import annotations

import pytest

from mlart_jupyter.links import page_of
from mlart_jupyter.models import RunRef

PAGES = {
    ("http://127.0.0.1:5000", ""): "http://127.0.0.1:5000/#/experiments/7/runs/abc",
    ("https://ml.example/base/", ""): "https://ml.example/base/#/experiments/7/runs/abc",
    ("https://ada:secret@ml.example", ""): "https://ml.example/#/experiments/7/runs/abc",
    ("https://secret@ml.example?token=secret#secret", ""): "https://ml.example/#/experiments/7/runs/abc",
    ("sqlite:////data/mlflow.db", ""): None,
    ("file:///data/mlruns", ""): None,
    ("http://", ""): None,
    ("databricks", ""): None,
    ("sqlite:////data/mlflow.db", "http://localhost:5001/"): "http://localhost:5001/#/experiments/7/runs/abc",
    ("http://internal:5000", "https://ml.example/r/{run}?e={experiment}"): "https://ml.example/r/abc?e=7",
    ("http://internal:5000", "https://ada:secret@ml.example/{run}"): "https://ml.example/abc",
    ("http://internal:5000", "javascript:alert('{run}')"): None,
    ("http://internal:5000", "ml.example"): None,
}


@pytest.mark.parametrize(("tracking_uri", "configured"), PAGES)
def test_a_run_has_a_page_where_its_server_has_one(tracking_uri: str, configured: str) -> None:
    page = page_of(RunRef("abc", tracking_uri, experiment_id="7"), configured)
    assert page == PAGES[tracking_uri, configured]
    assert "secret" not in (page or "")


@pytest.mark.parametrize("uri", ["databricks", "databricks://profile"])
@pytest.mark.parametrize("host", ["https://adb-1.azuredatabricks.net/", "adb-1.azuredatabricks.net"])
def test_databricks_has_pages_of_its_own(uri: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", host)
    page = page_of(RunRef("abc", uri, experiment_id="7"))
    assert page == "https://adb-1.azuredatabricks.net/ml/experiments/7/runs/abc"


def test_a_hostile_id_stays_a_part_of_the_address() -> None:
    page = page_of(RunRef("a/../b?c#d{experiment}", "https://ml.example", experiment_id="<7>"))
    assert page == "https://ml.example/#/experiments/%3C7%3E/runs/a%2F..%2Fb%3Fc%23d%7Bexperiment%7D"


def test_a_run_whose_experiment_is_not_known_has_none() -> None:
    assert page_of(RunRef("abc", "https://ml.example")) is None
