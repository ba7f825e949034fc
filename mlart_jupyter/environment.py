"""What a run was made with: the interpreter, the packages it has imported, the state of the repository.

Standard library alone, and `git` where it is installed. Takes some hundred milliseconds: never in a cell's
hook, and from a kernel as a process (`python -m mlart_jupyter.environment`), for it would hold up cells.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    PackagePath,
    distribution,
    packages_distributions,
    version,
)
from pathlib import Path

from mlart_jupyter.uris import without_credentials

GIT_SECONDS = 5.0
DIFF_BYTES = 2**20
"""A longer diff is cut, and says so."""


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository around a folder.

    Attributes
    ----------
    diff
        What differs from the commit, without notebooks (a run keeps its own); at most `DIFF_BYTES`.
    untracked
        Files that the commit does not have and the diff does not tell.
    """

    commit: str
    branch: str
    diff: str = ""
    untracked: tuple[str, ...] = ()

    @property
    def is_dirty(self) -> bool:
        """Whether the commit alone does not tell what ran."""
        return bool(self.diff or self.untracked)


def own_version() -> str:
    """The installed version of this package."""
    try:
        return version("mlart-jupyter")
    except PackageNotFoundError:
        return "0+unknown"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run was made with; `requirements` are lines of a ``requirements.txt``."""

    python: str
    implementation: str
    platform: str
    requirements: tuple[str, ...]
    repository: Repository | None = None

    @property
    def text(self) -> str:
        """A ``requirements.txt`` whose comments tell the rest."""
        heads = [f"# {self.implementation} {self.python} on {self.platform}"]
        if git := self.repository:
            state = " with changes, see git.diff" * git.is_dirty
            heads.append(f"# git {git.commit} ({git.branch or 'no branch'}){state}")
            heads += [f"# not in git: {name}" for name in git.untracked]
        return "\n".join([*heads, *self.requirements]) + "\n"


def describe(folder: Path | None = None, modules: Mapping[str, str] | None = None) -> Environment:
    """Describe this process, or what another of this interpreter has imported, and the repository around a folder."""
    return Environment(
        platform.python_version(),
        platform.python_implementation(),
        platform.platform(),
        tuple(requirements(modules)),
        repository(folder) if folder else None,
    )


# -- packages -------------------------------------------------------------------------------------


def imported() -> dict[str, str]:
    """What this process has imported: module → file, or ``""``."""
    return {name: str(getattr(module, "__file__", None) or "") for name, module in list(sys.modules.items())}


def requirements(modules: Mapping[str, str] | None = None) -> list[str]:
    """What is imported, as lines of a ``requirements.txt`` with exact versions, sorted.

    Parameters
    ----------
    modules
        As `imported` tells them of another process; by default this one's.
    """
    files: defaultdict[str, set[str]] = defaultdict(set)
    for name, file in (imported() if modules is None else modules).items():
        files[name.partition(".")[0]].add(file)
    found = {name for top, own in files.items() for name in _distributions(top, own)}
    return sorted({line for name in found if (line := _requirement(name))}, key=str.lower)


def _distributions(top: str, files: set[str]) -> Iterator[str]:
    """The distributions that an imported top-level name comes from; a shared name (``google``) by its files."""
    candidates = _by_module().get(top, [])
    if len(set(candidates)) < 2:
        yield from candidates
        return
    for name in set(candidates):
        if any(str(file.locate()) in files for file in _files(name) if file.parts[0] == top):
            yield name


def _files(name: str) -> list[PackagePath]:
    try:
        return distribution(name).files or []
    except PackageNotFoundError:  # uninstalled since `_by_module` was asked
        return []


@cache
def _by_module() -> Mapping[str, list[str]]:
    """Top-level module → distributions; asked once, for it reads the records of all that is installed."""
    return packages_distributions()


def _requirement(name: str) -> str:
    try:
        found = distribution(name)
        return _direct(found) or f"{found.metadata['Name']}=={found.version}"
    except (PackageNotFoundError, KeyError):  # uninstalled meanwhile, or broken
        return ""


def _direct(found: Distribution) -> str:
    """A distribution that did not come from an index (PEP 610); one from a local folder is only a comment."""
    try:
        source = json.loads(found.read_text("direct_url.json") or "{}")
    except ValueError:
        return ""
    name, url = found.metadata["Name"], without_credentials(str(source.get("url", "")))
    if vcs := source.get("vcs_info"):
        return f"{name} @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
    if url.startswith("file:"):
        return f"# {name}=={found.version} was installed from a local file or folder"
    return f"{name} @ {url}" if url else ""


# -- git ------------------------------------------------------------------------------------------


def repository(folder: Path) -> Repository | None:
    """The repository around a folder; None where there is none, or no git."""
    commit = commit_of(folder)
    if not commit:
        return None
    root = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    others = _git(
        root, "ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory"
    ).splitlines()
    branch = _git(root, "symbolic-ref", "--short", "--quiet", "HEAD").strip()
    return Repository(commit, branch, _diff(root), tuple(n for n in others[:100] if not n.endswith(".ipynb")))


def commit_of(folder: Path, seconds: float = GIT_SECONDS) -> str:
    """The commit that is checked out around a folder; ``""`` where there is none."""
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD", seconds=seconds).strip()
    return commit if re.fullmatch(r"[0-9a-f]{40,64}", commit) else ""


def _diff(root: Path) -> str:
    plain = ("--no-ext-diff", "--no-textconv", "--no-color")
    diff = _git(root, "diff", *plain, "HEAD", "--", ".", ":(exclude)*.ipynb")
    if len(diff) <= DIFF_BYTES:
        return diff
    return f"{diff[:DIFF_BYTES]}\n# cut: the diff has {len(diff)} characters\n"


def _git(folder: Path, *arguments: str, seconds: float = GIT_SECONDS) -> str:
    """What git answers, or ``""``. Nothing that a repository's own settings name is run, nothing is locked."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


# -- as a process ---------------------------------------------------------------------------------


def describe_elsewhere(folder: Path, seconds: float = 60.0) -> tuple[str, str]:
    """Describe this process from another one: the text of `Environment.text`, and git's diff or ``""``.

    Raises
    ------
    OSError, subprocess.SubprocessError, ValueError
        It did not work.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "mlart_jupyter.environment", str(folder)],
        input=json.dumps(imported()).encode(),
        capture_output=True,
        timeout=seconds,
        check=True,
        start_new_session=True,
    )
    told = json.loads(done.stdout)
    return told["text"], told["diff"]


def _main(folder: str) -> None:
    told = describe(Path(folder), json.load(sys.stdin))
    print(json.dumps({"text": told.text, "diff": told.repository.diff if told.repository else ""}))


if __name__ == "__main__":
    _main(sys.argv[1])
