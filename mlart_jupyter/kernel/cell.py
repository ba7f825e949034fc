"""The cell that runs: its source, number and id, and what an object in it is called."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

from mlart_jupyter.models import Cell

GENERIC = frozenset({"fig", "figure", "f", "ax", "axes", "axs", "g", "p", "plt", "_"})
"""Names that say nothing of what they hold."""

LITERALS = (ast.Constant, ast.Dict, ast.List, ast.JoinedStr)
"""Expressions that are what they show, and no name for it."""


def cell_of(shell: Any, info: Any) -> Cell:
    """Describe the cell that begins to run, from IPython's ``ExecutionInfo``."""
    cell_id = getattr(info, "cell_id", None) or parent_cell_id(shell)
    return Cell(info.raw_cell or "", cell_id, running_count(shell), notebook_of(shell))


def running_cell(shell: Any) -> Cell:
    """Describe the cell that runs already (the one that loads the extension)."""
    count = running_count(shell)
    history = shell.history_manager.input_hist_raw if shell.history_manager else []
    source = history[count] if count and count < len(history) else ""
    return Cell(source, parent_cell_id(shell), count, notebook_of(shell))


def running_count(shell: Any) -> int | None:
    """The number of the running cell.

    ``shell.execution_count`` is that number up to IPython 9.7 and one more from 9.8 on; the display
    hook's prompt follows.
    """
    return getattr(shell.displayhook, "prompt_count", None)


def is_off(source: str) -> bool:
    """Whether a cell's first line switches its capture off: ``#mlart: off``."""
    first = source.lstrip().partition("\n")[0]
    return first.startswith("#") and "".join(first[1:].split()).lower() == "mlart:off"


def parent_cell_id(shell: Any) -> str | None:
    """The notebook's id of the cell, as JupyterLab sends it with the request."""
    kernel: Any = getattr(shell, "kernel", None)
    parent: dict[str, Any] = (kernel.get_parent() if hasattr(kernel, "get_parent") else None) or {}
    cell_id: str | None = parent.get("metadata", {}).get("cellId")
    return cell_id


def notebook_of(shell: Any) -> str | None:
    """The notebook's path: what the user says, VS Code says, or the Jupyter server says."""
    space = shell.user_ns
    return os.environ.get("MLART_NOTEBOOK") or space.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")


def hint(tree: ast.Module, space: dict[str, Any], obj: Any, *, is_result: bool) -> str:
    """The variable or expression by which the cell shows an object; ``""`` when it has no telling one.

    Parameters
    ----------
    tree
        The cell, as `parsed` gives it.
    space
        The user's variables.
    is_result
        The object is the value of the cell's last expression.
    """
    if obj is not None and (name := _variable(tree, obj, space)):
        return name
    shown = _last_expression(tree) if is_result else _displayed(tree)
    text = ast.unparse(shown) if shown is not None and not isinstance(shown, LITERALS) else ""
    return "" if text in GENERIC else text


def parsed(shell: Any, source: str) -> ast.Module:
    """The cell's syntax tree; IPython's own translation is asked only for cells with magics."""
    for translate in (str, shell.transform_cell):
        with suppress(SyntaxError):
            return ast.parse(translate(source))
    return ast.Module([], [])


def _variable(tree: ast.Module, obj: Any, space: dict[str, Any]) -> str:
    return next((name for name in _names(tree) if space.get(name) is obj), "")


@lru_cache(maxsize=1)  # a cell may show a hundred figures
def _names(tree: ast.Module) -> tuple[str, ...]:
    """The telling names in a cell, each once."""
    names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return tuple(name for name in names if name not in GENERIC)


def _last_expression(tree: ast.Module) -> ast.expr | None:
    last = tree.body[-1] if tree.body else None
    return last.value if isinstance(last, ast.Expr) else None


@lru_cache(maxsize=1)
def _displayed(tree: ast.Module) -> ast.expr | None:
    """The one thing that the cell's ``display`` calls show which is not a plain name."""
    shown = [arg for arg in _display_arguments(tree) if not isinstance(arg, ast.Name)]
    return shown[0] if len(shown) == 1 else None


def _display_arguments(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "display":
            yield from node.args
