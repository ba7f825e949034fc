"""Pictures, media, arrays, archives, pickles, models, and bytes that nobody knows."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from mlart_jupyter.preview import look


def png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg(width: int, height: int) -> bytes:
    return (
        b"\xff\xd8\xff\xe0"
        + struct.pack(">H", 16)
        + b"\0" * 14
        + b"\xff\xc0\0\x11\x08"
        + struct.pack(">HH", height, width)
    )


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0" * 20


def webp(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + sides


MAKERS = {"image/png": png, "image/jpeg": jpeg, "image/gif": gif, "image/webp": webp}


@pytest.mark.parametrize("media_type", MAKERS)
def test_a_picture_is_told_by_its_head_whatever_its_name(see, media_type):
    shown = see(MAKERS[media_type](640, 480), "lie.txt")
    assert (shown.kind, shown.media_type, shown.width, shown.height) == ("image", media_type, 640, 480)


@pytest.mark.parametrize("media_type", MAKERS)
def test_a_picture_of_too_many_pixels_is_not_drawn(see, media_type):
    shown = see(MAKERS[media_type](16_000, 16_000), "bomb.png")
    assert shown.kind == "unknown"
    assert "too many pixels" in shown.note


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP"])
def test_a_torn_picture_is_still_one(see, data):
    assert see(data, "a.png").kind == "image"


def test_a_page_that_says_it_is_a_picture_is_text(see):
    assert see(b"<html><script>1</script>", "a.png").kind == "text"


MEDIA = {
    b"ID3\4" + b"\0" * 20: ("audio", "audio/mpeg"),
    b"RIFF\0\0\0\0WAVEfmt ": ("audio", "audio/wav"),
    b"\0\0\0\x18ftypisom": ("video", "video/mp4"),
    b"\x1aE\xdf\xa3": ("video", "video/webm"),
    b"OggS\0\0vorbis": ("audio", "audio/ogg"),
    b"%PDF-1.7\n": ("pdf", "application/pdf"),
}


@pytest.mark.parametrize("data", MEDIA)
def test_what_plays_is_told_by_its_head(see, data):
    shown = see(data, "a.bin")
    assert (shown.kind, shown.media_type) == MEDIA[data]


def saved(array, **how) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


def test_an_array_has_its_header_statistics_and_first_rows(see, facts):
    shown = see(saved(np.arange(12.0).reshape(3, 4)), "a.npy")
    told = facts(shown)
    assert (told["shape"], told["dtype"], told["mean"], told["greatest"]) == ("3 × 4", "float64", "5.5", "11")
    assert shown.rows[1] == (4.0, 5.0, 6.0, 7.0)
    assert (shown.total_rows, shown.total_columns) == (3, 4)


def test_an_array_in_fortran_order_has_the_same_rows(see):
    assert see(saved(np.asfortranarray(np.arange(6).reshape(2, 3))), "a.npy").rows == ((0, 1, 2), (3, 4, 5))


@pytest.mark.parametrize("array", [np.float32(3.5), np.zeros(0), np.array(["a", "b"]), np.array([np.nan, 1])])
def test_arrays_of_odd_forms_are_shown(see, array):
    assert see(saved(array), "a.npy").kind == "table"


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("loaded"),))


def test_an_array_of_objects_is_described_and_not_loaded(see, facts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = see(saved(np.array([Evil()]), allow_pickle=True), "a.npy")
    assert "not loaded" in shown.note
    assert facts(shown)["dtype"] == "object"
    assert not Path("loaded").exists()


def test_an_array_whose_header_lies_is_bounded(see):
    data = saved(np.zeros(4)).replace(b"(4,)", b"(9999999999,)".ljust(4))
    shown = see(data, "a.npy")
    assert shown.kind in ("table", "unknown")


def test_the_arrays_of_an_npz(see, facts):
    file = io.BytesIO()
    np.savez(file, weights=np.zeros((2, 3), "f4"), labels=np.arange(5))
    shown = see(file.getvalue(), "a.npz")
    assert {row[0]: row[1] for row in shown.rows} == {"weights": "2 × 3", "labels": "5"}
    assert facts(shown)["arrays"] == "2"


def test_safetensors_tell_their_tensors(see, facts):
    header = {"__metadata__": {"format": "pt"}, "w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    text = json.dumps(header).encode()
    shown = see(struct.pack("<Q", len(text)) + text + b"\0" * 24, "m.safetensors")
    assert shown.rows == (("w", "F32", "2 × 3", 24),)
    assert facts(shown) == {"tensors": "1", "parameters": "6", "format": "pt"}


def test_safetensors_with_a_lying_length_are_a_sentence(see):
    assert "torn" in see(struct.pack("<Q", 2**62) + b"{}", "m.safetensors").note


def zipfile_of(names: dict[str, bytes], **how) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **how) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_a_zip_is_listed(see, facts):
    shown = see(zipfile_of({"a.txt": b"123", "../up.txt": b"1"}), "a.zip")
    assert [row[:2] for row in shown.rows] == [("a.txt", 3), ("../up.txt", 1)]
    assert facts(shown)["unpacked"] == "4 bytes"


def test_a_zip_bomb_is_only_listed(see):
    bomb = zipfile_of({"zeros": b"\0" * 20_000_000}, compression=zipfile.ZIP_DEFLATED)
    assert see(bomb, "a.zip").rows[0][:2] == ("zeros", 20_000_000)


def test_a_workbook_that_unpacks_to_too_much_is_a_sentence(see, monkeypatch):
    pytest.importorskip("openpyxl")
    monkeypatch.setattr("mlart_jupyter.preview.sheet.LARGEST_PART", 1_000)
    bomb = zipfile_of({"xl/workbook.xml": b"x", "xl/sharedStrings.xml": b"\0" * 2_000})
    assert "too large" in see(bomb, "b.xlsx").note


def test_a_zip_whose_directory_is_too_large_is_a_sentence(see):
    lying = bytearray(zipfile_of({"a": b"1"}))
    lying[-10:-6] = struct.pack("<I", 2**31)
    assert "too many files" in see(bytes(lying), "a.zip").note


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_listed(see, mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("d/a.txt")
        member.size, member.mtime = 3, 0
        archive.addfile(member, io.BytesIO(b"123"))
    shown = see(file.getvalue(), "a.tar.gz" if "gz" in mode else "a.tar")
    assert shown.rows == (("d/a.txt", 3, None, "1970-01-01 00:00"),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_listed_and_never_loaded(see, facts, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = see(pickle.dumps(Evil(), protocol), "m.pkl")
    assert not Path("loaded").exists()
    if protocol < 2:  # those are texts
        return
    assert "never loaded" in shown.note
    assert "pathlib" in facts(shown)["imports when loaded"]


def test_a_pickle_is_known_by_its_content(see):
    assert "never loaded" in see(pickle.dumps([1, 2]), "harmless.bin").note


MLMODEL = """
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.4}
  sklearn: {sklearn_version: 1.5.0}
mlflow_version: 3.1.0
signature:
  inputs: '[{"name": "x", "type": "double", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
"""


def test_a_model_tells_its_flavours_signature_requirements_and_how_to_load_it(see, facts):
    shown = see(MLMODEL.encode(), "MLmodel", siblings={"requirements.txt": b"scikit-learn==1.5.0\n"})
    assert shown.kind == "model"
    assert facts(shown)["flavours"] == "python_function, sklearn"
    assert [(column.name, column.type) for column in shown.inputs] == [("x", "double (optional)")]
    assert shown.outputs[0].type == "int64 [-1]"
    assert shown.requirements == "scikit-learn==1.5.0\n"
    assert 'load_model("{uri}")' in shown.snippet


@pytest.mark.parametrize("data", [b"flavors: 3", b"- 1", b"flavors: {a: }\nsignature: {inputs: '[['}"])
def test_what_is_hardly_a_model_is_no_error(see, data):
    assert see(data, "MLmodel").kind in ("model", "text", "tree")


def test_unknown_bytes_are_shown_in_hexadecimal_a_page_at_a_time(see, facts):
    data = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 40
    shown = see(data, "m.h5")
    assert "HDF5" in facts(shown)["seems to be"]
    assert shown.text.splitlines()[0] == "00000000  89 48 44 46 0d 0a 1a 0a 00 01 02 03 04 05 06 07  .HDF............"
    assert see(data, "m.h5", shown.more).text.startswith("00001000  ")


def test_a_reader_that_fails_gives_a_sentence(see, monkeypatch):
    monkeypatch.setattr(sys.modules[look.__module__], "TEXTS", (lambda source: 1 / 0,))
    shown = see(b"text", "a.txt")
    assert (shown.kind, "ZeroDivisionError" in shown.note) == ("unknown", True)
