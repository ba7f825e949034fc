"""The one connection to HDFS has the settings of those that MLflow makes."""

from __future__ import annotations

from typing import Any

import pytest

from mlart_jupyter.store.adapters.hdfs import BRISK, Hdfs

URIS = ["hdfs://namenode:8020/ml/run", "hdfs:///ml/run", "viewfs://cluster/ml/run"]
OWN = next(iter(BRISK))
SETTINGS = [
    {},
    {"MLFLOW_KERBEROS_USER": "ada", "MLFLOW_KERBEROS_TICKET_CACHE": "/tickets"},
    {"MLFLOW_PYARROW_EXTRA_CONF": f"dfs.replication=1,{OWN}=50"},
]


@pytest.mark.parametrize("uri", URIS)
@pytest.mark.parametrize("settings", SETTINGS, ids=["none", "kerberos", "conf"])
def test_the_connection_is_mlflows_but_for_the_wait(
    uri: str, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.store.artifact import hdfs_artifact_repo

    made: list[dict[str, Any]] = []
    for place in (hdfs_artifact_repo.__name__, "pyarrow.fs"):
        monkeypatch.setattr(f"{place}.HadoopFileSystem", lambda **given: made.append(given))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    repository = hdfs_artifact_repo.HdfsArtifactRepository(uri)
    with hdfs_artifact_repo.hdfs_system(repository.scheme, repository.host, repository.port):
        assert Hdfs(repository)._system is None
    theirs, ours = made
    assert ours == theirs | {"extra_conf": BRISK | (theirs["extra_conf"] or {})}
