"""The disk under a spool: how much of it the spool may take, and whether it outlives the machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

LARGEST_SHARE = 2 * 2**30
FREE_PART = 10

FLEETING = ("overlay", "tmpfs", "ramfs", "aufs")
"""File systems that go with their container or with the power."""

HOSTS = {
    "COLAB_RELEASE_TAG": "Colab",
    "COLAB_GPU": "Colab",
    "BINDER_SERVICE_HOST": "Binder",
    "BINDER_LAUNCH_HOST": "Binder",
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle",
}
"""Environment variable → a service that throws the home folder away."""


def budget_of(folder: Path) -> int:
    """What a spool may take when nobody has set it, in bytes: 2 GiB, or a tenth of the free space."""
    try:
        return min(LARGEST_SHARE, shutil.disk_usage(_existing(folder)).free // FREE_PART)
    except OSError:
        return LARGEST_SHARE


def fleeting(folder: Path) -> str | None:
    """Why a folder does not outlive its machine, as the end of a sentence; None when it does."""
    for variable, name in HOSTS.items():
        if variable in os.environ:
            return f"{name} throws this machine away"
    if "google.colab" in sys.modules:
        return "Colab throws this machine away"
    kind = _file_system(_existing(folder))
    return f"it lies on {kind}, which goes with its container or machine" if kind in FLEETING else None


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _file_system(folder: Path) -> str:
    """Type of the file system that a folder is on, by the longest mount point above it."""
    import psutil

    real = folder.resolve()
    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[path] for path in (real, *real.parents) if path in mounts), "")
