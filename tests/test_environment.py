"""The environment: what is imported, and the repository around a notebook."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

from mlart_jupyter import environment


def git(folder, *arguments):
    names = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "model.py").write_text("rate = 1\n")
    git(folder, "init", "-b", "trunk")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    return folder


def test_what_is_imported_is_named_with_its_version():
    lines = environment.requirements(dict.fromkeys(["traitlets.config", "json", "no_such_module"], ""))
    assert lines == [f"traitlets=={version('traitlets')}"]


def test_the_default_is_all_that_this_process_has_imported():
    import traitlets  # noqa: F401

    assert f"traitlets=={version('traitlets')}" in environment.requirements()


def installed(folder, name, module, **direct):
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    (folder / module).parent.mkdir(parents=True, exist_ok=True)
    (folder / module).write_text("")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{module},,\n{info.name}/METADATA,,\n")
    if direct:
        (info / "direct_url.json").write_text(json.dumps(direct))


@pytest.fixture
def site(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    environment._by_module.cache_clear()
    yield folder
    environment._by_module.cache_clear()
    for name in [n for n in sys.modules if n.startswith("mlart_shared_name")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("direct", "line"),
    [
        (
            {"url": "https://me:word@example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            "odd @ git+https://example.org/a.git@c0ffee",
        ),
        ({"url": "file:///home/me/odd", "dir_info": {"editable": True}}, "# odd==1.0 was installed from a local"),
        ({"url": "https://example.org/odd.whl"}, "odd @ https://example.org/odd.whl"),
    ],
)
def test_a_package_from_elsewhere_names_its_source(site, direct, line):
    installed(site, "odd", "odd_module.py", **direct)
    [found] = environment.requirements({"odd_module": ""})
    assert found.startswith(line)


def test_of_packages_that_share_a_name_only_the_imported_one_counts(site):
    installed(site, "first-part", "mlart_shared_name/first/__init__.py")
    installed(site, "second-part", "mlart_shared_name/second/__init__.py")
    __import__("mlart_shared_name.second")
    shared = {name: file for name, file in environment.imported().items() if name.startswith("mlart_shared_name")}
    assert environment.requirements(shared) == ["second-part==1.0"]


def test_a_clean_repository_is_its_commit(repository):
    found = environment.repository(repository)
    assert (found.branch, found.is_dirty, len(found.commit)) == ("trunk", False, 40)
    assert environment.commit_of(repository) == found.commit


def test_changes_are_told_but_not_those_of_notebooks(repository):
    (repository / "old.ipynb").write_text("{}")
    git(repository, "add", "old.ipynb")
    (repository / "old.ipynb").write_text("{ }")
    (repository / "model.py").write_text("rate = 2\n")
    (repository / "новый.py").write_text("")
    sub = repository / "sub"
    sub.mkdir()
    found = environment.repository(sub)
    assert "+rate = 2" in found.diff
    assert "ipynb" not in found.diff
    assert found.untracked == ("новый.py",)
    assert found.is_dirty


def test_a_long_diff_is_cut_and_says_so(repository, monkeypatch):
    monkeypatch.setattr(environment, "DIFF_BYTES", 100)
    (repository / "model.py").write_text("x\n" * 500)
    diff = environment.repository(repository).diff
    assert len(diff) < 200
    assert "# cut" in diff


def test_a_repositorys_settings_run_nothing(repository, tmp_path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(repository, "config", "diff.external", str(trap))
    git(repository, "config", "core.fsmonitor", str(trap))
    (repository / "model.py").write_text("rate = 3\n")
    assert "+rate = 3" in environment.repository(repository).diff
    assert not (tmp_path / "sprung").exists()


def test_without_a_repository_or_without_git_there_is_none(tmp_path, monkeypatch):
    assert environment.repository(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert environment.repository(tmp_path) is None


def test_the_description_is_a_requirements_file_that_tells_the_rest(repository):
    (repository / "model.py").write_text("rate = 2\n")
    text = environment.describe(repository).text
    assert text.startswith("# CPython 3.")
    assert "(trunk) with changes, see git.diff" in text
    assert "\npytest==" in text


def test_another_process_describes_this_one(repository):
    (repository / "model.py").write_text("rate = 2\n")
    text, diff = environment.describe_elsewhere(repository)
    assert f"\npytest=={version('pytest')}\n" in text
    assert "+rate = 2" in diff
