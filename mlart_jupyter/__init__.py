"""What a notebook shows is kept in the MLflow run that made it.

Lazy on purpose: this module is imported by everything that only wants a part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from mlart_jupyter.api import artifacts as artifacts
    from mlart_jupyter.api import log as log
    from mlart_jupyter.panel import ArtifactBrowser as ArtifactBrowser

__all__ = ["ArtifactBrowser", "artifacts", "load_ipython_extension", "log", "unload_ipython_extension"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are first asked for (PEP 562)."""
    if name in ("artifacts", "log"):
        from mlart_jupyter import api

        return getattr(api, name)
    if name == "ArtifactBrowser":
        from mlart_jupyter.panel import ArtifactBrowser

        return ArtifactBrowser
    if name == "__version__":
        from mlart_jupyter.environment import own_version

        return own_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext mlart_jupyter``: begin to keep what cells show."""
    from mlart_jupyter.kernel.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext mlart_jupyter``: deliver what waits and leave the kernel as it was."""
    from mlart_jupyter.kernel.extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@mlart/labextension"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from mlart_jupyter.server.extension import points

    return points()
