"""What `RunStore` asks before it calls a server."""

from __future__ import annotations

import pytest

from mlart_jupyter.store.run import _server_of


def test_a_server_is_asked_whether_it_accepts_connections():
    assert _server_of("mlflow-artifacts:/1/r", "http://mlflow.example:5000") == ("mlflow.example", 5000)
    assert _server_of("https://store.example/r", "sqlite:///x.db") == ("store.example", 443)


def test_other_storages_are_not():
    assert _server_of("s3://bucket/r", "http://mlflow.example:5000") is None


@pytest.mark.parametrize(("bypass", "expected"), [("", None), ("mlflow.example", ("mlflow.example", 5000))])
def test_behind_a_proxy_a_connection_of_our_own_says_nothing(monkeypatch, bypass, expected):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", bypass)
    assert _server_of("mlflow-artifacts:/1/r", "http://mlflow.example:5000") == expected
