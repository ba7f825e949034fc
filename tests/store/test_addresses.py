"""MLflow's addresses, read."""

from __future__ import annotations

import pytest

from mlart_jupyter.errors import BadPath
from mlart_jupyter.store.addresses import Address, parse

RUN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("runs:/ab12", Address(run="ab12")),
        ("runs:/ab12/figures/loss.png", Address(run="ab12", path="figures/loss.png")),
        ("models:/forest/1/MLmodel", Address(model="models:/forest/1/MLmodel")),
        ("models:/forest@champion", Address(model="models:/forest@champion")),
        (f"mlflow-artifacts:/1/{RUN}/artifacts", Address(run=RUN)),
        (f"mlflow-artifacts:/1/{RUN}/artifacts/a/b.txt", Address(run=RUN, path="a/b.txt")),
        (f"mlflow-artifacts://host:5000/x/1/{RUN}/artifacts/a", Address(run=RUN, path="a")),
        (f"mlflow-artifacts:/1/models/m-{RUN}/artifacts/MLmodel", Address(model=f"models:/m-{RUN}/MLmodel")),
    ],
)
def test_an_address_is_read(text: str, expected: Address) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["figures/loss.png", "first try", RUN, "ratio 3:4.png", "s3://bucket/x", ""])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text", ["runs:/ab12/../x", "runs:/ab12/%2e%2e/x", "models:/a/../b", "mlflow-artifacts:/1/2", "mlflow-artifacts:/"]
)
def test_an_address_that_leads_elsewhere_is_bad(text: str) -> None:
    with pytest.raises(BadPath):
        parse(text)
