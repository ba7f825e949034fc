"""What may be written down of a URI: never a password, a token or a signature."""

from __future__ import annotations

import pytest

from mlart_jupyter.uris import is_masked, masked, without_credentials

SECRET = [
    ("ftp://ada:lovelace@host/runs", "ftp://***@host/runs"),
    ("sftp://ada:love%2Flace@host/runs", "sftp://***@host/runs"),
    ("https://acc.blob.example/c/r?sv=1&sig=a%2Fb%3D&se=2", "https://acc.blob.example/c/r?sv=1&sig=***&se=2"),
    ("https://b.example/r?X-Amz-Signature=abc&x=1", "https://b.example/r?X-Amz-Signature=***&x=1"),
    ("postgresql://u:p@h/db?sslpassword=q", "postgresql://***@h/db?sslpassword=***"),
    ("GET https://u:p@h/x failed: token=abc", "GET https://***@h/x failed: token=abc"),
]
PLAIN = [
    "wasbs://container@account.blob.core.windows.net/runs/r1",
    "abfss://fs@account.dfs.core.windows.net/r1",
    "s3://bucket/design=1/r1",
    "sftp://ada@host/runs",
    "hdfs://name:8020/runs",
    "file:///home/a@b/x:y",
    "mlflow-artifacts:/1/r/artifacts",
]


@pytest.mark.parametrize(("uri", "written"), SECRET)
def test_secrets_are_masked(uri: str, written: str) -> None:
    assert masked(uri) == written
    assert is_masked(masked(uri))


@pytest.mark.parametrize("uri", PLAIN)
def test_a_uri_without_secrets_stays(uri: str) -> None:
    assert masked(uri) == uri
    assert not is_masked(uri)


def test_a_signature_does_not_stay_in_a_tracking_uri() -> None:
    assert without_credentials("https://u:p@h/x?sig=abc") == "https://h/x?sig=***"
