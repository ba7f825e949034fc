"""What a tracking store may name, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlart_jupyter.errors import StoreRefused
from mlart_jupyter.store.trust import check

SERVER = "https://mlflow.example:5000"


@pytest.mark.parametrize(
    "uri",
    [
        "mlflow-artifacts:/1/r/artifacts",
        "mlflow-artifacts://mlflow.example:5000/1/r/artifacts",
        "https://mlflow.example:5000/api/2.0/mlflow-artifacts/artifacts/1/r",
        "s3://bucket/1/r/artifacts",
        "gs://bucket/1/r/artifacts",
        "wasbs://c@account.blob.core.windows.net/1/r",
    ],
)
def test_a_server_may_name_itself_and_the_large_providers(uri: str) -> None:
    assert check(uri, SERVER) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "/etc",
        "file:///home/ada/.ssh",
        "file://localhost/etc",
        "mlflow-artifacts://169.254.169.254/latest",
        "http://mlflow.example:5000/1/r",
        "https://mlflow.example:6000/1/r",
        "https://mlflow.example.evil.example/1/r",
        "https://mlflow.example:5000@evil.example/1/r",
        "hdfs://namenode/ml",
        "sftp://host/ml",
        "ftp://host/ml",
        "plug://host/ml",
        "s3://bucket/../other",
        "s3://bucket/%2e%2e/other",
        "relative/folder",
        "",
    ],
)
def test_a_server_may_name_nothing_else(uri: str) -> None:
    with pytest.raises(StoreRefused):
        check(uri, SERVER)


@pytest.mark.parametrize("tracking", ["sqlite:////x/mlflow.db", "http://127.0.0.1:5000", "http://localhost", "/mlruns"])
@pytest.mark.parametrize("uri", ["/data/mlruns/1/r/artifacts", "hdfs://namenode/ml", "sftp://host/ml"])
def test_a_store_of_this_machine_is_the_users_own(tracking: str, uri: str) -> None:
    assert check(uri, tracking) == uri


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("hdfs://namenode:8020/ml/1/r", "hdfs://namenode:8020/ml"),
        ("hdfs://namenode:8020/ml/1/r", "hdfs:"),
        ("sftp://host/ml", "sftp://"),
        ("/data/mlruns/1/r", "/data/mlruns"),
        ("file:///data/mlruns/1/r", "/data/mlruns/"),
    ],
)
def test_settings_allow_more(uri: str, allowed: str) -> None:
    assert check(uri, SERVER, [allowed]) == uri


@pytest.mark.parametrize(
    ("uri", "allowed"),
    [
        ("hdfs://namenode:8020/ml-secret/r", "hdfs://namenode:8020/ml"),
        ("hdfs://namenode:8020.evil.example/ml", "hdfs://namenode:8020"),
        ("/data/mlruns-secret/r", "/data/mlruns"),
        ("/data/mlruns/../x", "/data/mlruns"),
        ("/data/mlruns/%2e%2e/x", "/data/mlruns"),
    ],
)
def test_a_beginning_ends_at_a_slash(uri: str, allowed: str) -> None:
    with pytest.raises(StoreRefused):
        check(uri, SERVER, [allowed])


def test_a_link_out_of_an_allowed_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "link").symlink_to("/etc")
    with pytest.raises(StoreRefused):
        check(str(tmp_path / "runs" / "link"), SERVER, [str(tmp_path / "runs")])


def test_the_refusal_names_the_setting_and_no_password() -> None:
    with pytest.raises(StoreRefused, match="MLART_ARTIFACT_LOCATIONS") as refusal:
        check("ftp://ada:lovelace@host/x", SERVER)
    assert "lovelace" not in str(refusal.value)
