"""The disk under a spool: what it may take, and whether it outlives the machine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from mlart_jupyter.spool import fleeting
from mlart_jupyter.spool.disk import HOSTS, LARGEST_SHARE, budget_of


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in HOSTS:
        monkeypatch.delenv(variable, raising=False)


def mounted(monkeypatch: pytest.MonkeyPatch, **kinds: str) -> None:
    parts = [SimpleNamespace(mountpoint=point.replace("_", "/"), fstype=kind) for point, kind in kinds.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **options: parts)


def test_a_folder_that_is_not_there_yet_has_a_budget(tmp_path: Path) -> None:
    assert 0 < budget_of(tmp_path / "a" / "b") <= LARGEST_SHARE


def test_a_disk_outlives_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted(monkeypatch, _="ext4")
    assert fleeting(tmp_path) is None


@pytest.mark.parametrize("kind", ["overlay", "tmpfs"])
def test_the_layer_of_a_container_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mounted(monkeypatch, _=kind)
    assert kind in str(fleeting(tmp_path / "not" / "yet"))


def test_a_volume_in_a_container_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = "_" + tmp_path.resolve().parts[1]
    mounted(monkeypatch, **{"_": "overlay", root: "nfs4"})
    assert fleeting(tmp_path) is None


@pytest.mark.parametrize(("variable", "name"), HOSTS.items())
def test_services_that_throw_homes_away_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    monkeypatch.setenv(variable, "1")
    assert name in str(fleeting(tmp_path))
