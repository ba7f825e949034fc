"""What each kind of storage needs: packages, variables, and the words that tell what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mlart_jupyter.errors import MlartError, StoreRefused, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of storage.

    Attributes
    ----------
    name
        In words.
    extra
        The extra of this package that brings its client; "" where none is needed.
    variables
        What says who one is there, as a next step.
    client
        What the client needs besides its package, as a next step.
    """

    name: str
    extra: str
    variables: str
    client: str = ""


_S3 = Scheme(
    "S3",
    "s3",
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE), and MLFLOW_S3_ENDPOINT_URL for a store "
    "that is not Amazon's",
)
_AZURE = Scheme(
    "Azure Blob Storage", "azure", "Set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCESS_KEY, or `az login`"
)
_HDFS = Scheme(
    "HDFS",
    "hdfs",
    "Set MLFLOW_KERBEROS_USER to a user who may (or HADOOP_USER_NAME, then restart the kernel), and "
    "MLFLOW_KERBEROS_TICKET_CACHE where the cluster asks for Kerberos",
    "Set JAVA_HOME, CLASSPATH (`hadoop classpath --glob`) and ARROW_LIBHDFS_DIR",
)
_HTTP = Scheme("HTTP", "", "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")

SCHEMES = {
    "s3": _S3,
    "gs": Scheme(
        "Google Cloud Storage", "gcs", "Set GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`"
    ),
    "wasbs": _AZURE,
    "abfss": _AZURE,
    "hdfs": _HDFS,
    "viewfs": _HDFS,
    "sftp": Scheme("SFTP", "sftp", "Write user and key into ~/.ssh/config, and the host into ~/.ssh/known_hosts"),
    "ftp": Scheme("FTP", "", "Write user and password into the URI: ftp://user:password@host/path"),
    "http": _HTTP,
    "https": _HTTP,
    "mlflow-artifacts": _HTTP,
    "file": Scheme("a local folder", "", "Make the folder, and give yourself the right to write there"),
}

REFUSED = {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE"}
"""MLflow's error codes for which trying again is useless."""

NOT_ALLOWED = re.compile(
    r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|AuthorizationFailure"
    r"|AuthenticationFailed|NoCredentials|PartialCredentials|Unable to locate credentials|TokenRefresh|\b401\b|\b403\b"
    r"|Unauthorized|Forbidden|PERMISSION_DENIED|UNAUTHENTICATED|DefaultCredentials|ClientAuthentication"
    r"|RefreshError|credentials cannot be refreshed"
    r"|Permission denied|AccessControlException|Authentication failed|530 |BadAuthentication|No authentication methods"
    r"|known_hosts|No hostkey|SSHException|ProfileNotFound",
)
"""How the clients of the storages say that one may not."""
LACKING = re.compile(r"No module named|requires the|libhdfs|libjvm|JAVA_HOME|Unable to load")
ABSENT = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist|\b404\b.*\bb(ucket)?\b")


def scheme_of(uri: str) -> Scheme:
    """The kind of storage that a URI names; an unknown one is a plug-in's."""
    name = urlsplit(uri).scheme or "file"
    return SCHEMES.get(name, Scheme(f"{name}:", "", "See the manual of its MLflow plug-in"))


def install_command(scheme: Scheme) -> str:
    """What brings a storage's client."""
    return f"pip install 'mlart-jupyter[{scheme.extra}]'" if scheme.extra else "pip install the plug-in for it"


def told(error: Exception, uri: str) -> MlartError:
    """Tell an error of a storage's client as one of ours, with the package or variable that mends it.

    Who one is may change (a token is renewed), so what is not allowed now may be later: `StoreUnavailable`.
    """
    scheme, place = scheme_of(uri), public(uri)
    words = _words(error)
    whole = " ".join(str(part) for part in (type(error).__name__, words, _code(error)) if part)
    if isinstance(error, ImportError) or LACKING.search(whole):
        step = f"{install_command(scheme)}, then restart the kernel" if isinstance(error, ImportError) else None
        return StoreUnavailable(
            f"A package for {scheme.name} is missing ({words})", step or scheme.client or scheme.variables
        )
    if NOT_ALLOWED.search(whole):
        return StoreUnavailable(f"{scheme.name} does not let you in at {place} ({words})", scheme.variables)
    if getattr(error, "error_code", None) in REFUSED or ABSENT.search(whole):
        return StoreRefused(f"The store {place} refuses: {words}", "Check the run and its artifact location")
    return StoreUnavailable(f"The store {place} does not answer: {words}", "It is tried again by itself")


def _code(error: Exception) -> str:
    """What a client says besides its words: a status, and the storage's own code."""
    response = getattr(error, "response", None)
    codes = [getattr(error, "status_code", None), getattr(error, "code", None), getattr(error, "error_code", None)]
    codes.append(getattr(response, "status_code", None))
    return " ".join(str(code) for code in codes if isinstance(code, (int, str)))


def _words(error: Exception) -> str:
    """The first line of an error, without what a signed address or a header would give away."""
    line = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    line = re.sub(r"(://)[^/@\s]+@", r"\1***@", line)
    return re.sub(r"(?i)((?:signature|sig|token|credential|password)[^=\s]*=)[^&\s]+", r"\1***", line)[:400]


def public(uri: str) -> str:
    """A URI without user name and password."""
    parts: Any = urlsplit(uri)
    return uri.replace(f"{parts.username}:{parts.password}@", "***@") if parts.password else uri
