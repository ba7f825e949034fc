"""Which notebook this kernel runs, and who writes its file while it runs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mlart_jupyter.spool import is_listening

UNSAVED = "session.ipynb"
"""The name of a notebook that no file holds."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a kernel's notebook is.

    Attributes
    ----------
    path
        Absolute, or `UNSAVED`.
    is_written
        The host writes outputs into this file while the kernel runs; else the file, where there is
        one, holds the cells alone and the outputs are this kernel's to add.
    is_sure
        That is known; of a file that the user has named it is only likely.
    is_heard
        A Jupyter server of ours hears its saves, or `mlart run` keeps it: there is nothing to watch.
    """

    path: str
    is_written: bool = False
    is_sure: bool = True
    is_heard: bool = False


def origin(space: Mapping[str, Any], spool: Path, notebook: str | None) -> Origin:
    """Find out where the notebook of this kernel is.

    Parameters
    ----------
    space
        The user's namespace: VS Code and papermill put the path there.
    spool
        Where our Jupyter servers say that they listen.
    notebook
        What is known already, from Jupyter's session.
    """
    environ = os.environ
    server = int(environ.get("JPY_PARENT_PID", "0") or 0)
    given = environ.get("MLART_NOTEBOOK")
    if environ.get("MLART_RUN") or (not given and is_listening(spool, server)):
        return Origin(given or notebook or UNSAVED, is_heard=True)
    written = space.get("__vsc_ipynb_file__") or space.get("PAPERMILL_OUTPUT_PATH")
    if written:
        return Origin(os.path.abspath(str(written)), is_written=True)
    if given:
        return Origin(os.path.abspath(given), is_written=True, is_sure=False)
    return _of_host(_host()) or Origin(notebook or UNSAVED, is_written=bool(notebook) and _is_server(_host()[0]))


@cache
def _host() -> tuple[Sequence[str], str]:
    """The command line and the folder of the process that has started this one."""
    import psutil  # not before a host is looked for: %load_ext is to be quick

    try:
        parent = psutil.Process(os.getppid())
        return parent.cmdline(), parent.cwd()
    except (psutil.Error, OSError):
        return (), ""


def _of_host(host: tuple[Sequence[str], str]) -> Origin | None:
    """What papermill, nbconvert and `jupyter execute` were asked to run."""
    words, folder = host
    names = {Path(word).stem for word in words[:3]} | set(words[:4])
    books = [os.path.join(folder, word) for word in words[1:] if word.endswith(".ipynb") and not word.startswith("-")]
    if "papermill" in names and books:
        return Origin(os.path.normpath(books[min(1, len(books) - 1)]), is_written=len(books) > 1)
    if names & {"jupyter-nbconvert", "nbconvert", "jupyter-execute", "execute"} and len(books) == 1:
        return Origin(os.path.normpath(books[0]))
    return None


def _is_server(words: Sequence[str]) -> bool:
    text = shlex.join(words[:4])
    return "jupyter" in text and any(name in text for name in ("lab", "server", "notebook", "hub"))
