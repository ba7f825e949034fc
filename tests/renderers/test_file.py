"""Local files: kept as they are, without reading them into memory."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest

from mlart_jupyter.errors import UnknownFile
from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers import Limits
from mlart_jupyter.renderers.file import render


def rendered(path: Path) -> Rendered:
    return render(path, {}, Limits())


def only(path: Path) -> File:
    (file,) = rendered(path).files
    return file


def written(folder: Path, name: str, data: bytes = b"data") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_is_kept_byte_for_byte(tmp_path: Path) -> None:
    data = bytes(range(256)) * 50
    assert only(written(tmp_path, "a.bin", data)).data[:] == data


def test_a_file_is_mapped_not_read(tmp_path: Path) -> None:
    assert isinstance(only(written(tmp_path, "a.bin")).data, mmap.mmap)


def test_an_empty_file_is_kept_empty(tmp_path: Path) -> None:
    assert only(written(tmp_path, "empty.txt", b"")).data == b""


def test_a_mapped_file_has_a_digest(tmp_path: Path) -> None:
    same = File("", "", b"data").sha256
    assert only(written(tmp_path, "a.bin")).sha256 == same


def test_a_file_outlives_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, "a.bin")
    file = only(path)
    path.unlink()
    assert file.data[:] == b"data"


@pytest.mark.parametrize(
    ("name", "suffix", "media_type"),
    [
        ("a.csv", ".csv", "text/csv"),
        ("a.json", ".json", "application/json"),
        ("größe 1.PNG", ".PNG", "image/png"),
        ("model.unheard-of", ".unheard-of", "application/octet-stream"),
        ("Makefile", "", "application/octet-stream"),
        (".env", "", "application/octet-stream"),
    ],
)
def test_the_name_tells_suffix_and_media_type(tmp_path: Path, name: str, suffix: str, media_type: str) -> None:
    file = only(written(tmp_path, name))
    assert (file.suffix, file.media_type) == (suffix, media_type)


def test_files_have_a_kind_and_a_folder(tmp_path: Path) -> None:
    made = rendered(written(tmp_path, "a.csv"))
    assert (made.kind, made.folder) == ("file", "files")


def test_a_missing_file_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownFile, match=r"missing\.csv"):
        rendered(tmp_path / "missing.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownFile, match="cannot be read"):
        rendered(tmp_path)
