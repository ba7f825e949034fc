"""Where a folder lies; what a local store does is the contract's matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlart_jupyter.store import disk_of


def test_the_disk_of_a_folder_that_is_not_there_yet_is_known(tmp_path: Path) -> None:
    assert disk_of(tmp_path / "not" / "yet") == tmp_path.stat().st_dev


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no second file system that each machine has")
def test_two_file_systems_are_told_apart() -> None:
    assert disk_of(Path("/")) != disk_of(Path("/proc"))
