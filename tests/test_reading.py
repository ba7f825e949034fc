"""Artifacts read as values, downloads compared with the catalogue: over the store in memory."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import PIL.Image
import pytest

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import StoreUnavailable, WrongContent
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.store import MemoryStore, segment
from mlart_jupyter.store.copying import PART


class Stopped:
    """Unpickling it would stop the test."""

    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("unpickled",)


def npy(value: object) -> bytes:
    file = io.BytesIO()
    np.save(file, value, allow_pickle=True)
    return file.getvalue()


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put("a.json", b'{"a": [1, 2]}')
    store.put("t.csv", "name,n\né,1\n".encode())
    store.put("t.tsv", b"a\tb\n1\t2\n")
    store.put("x.npy", npy(np.arange(6).reshape(2, 3)))
    store.put("evil.npy", npy(np.array([Stopped()], dtype=object)))
    picture, arrays = io.BytesIO(), io.BytesIO()
    PIL.Image.new("RGB", (3, 2), "red").save(picture, "PNG")
    np.savez(arrays, one=np.ones(2), two=np.zeros(1))
    store.put("p.png", picture.getvalue())
    store.put("xs.npz", arrays.getvalue())
    return store


@pytest.fixture
def artifacts(store: MemoryStore) -> Artifacts:
    return Artifacts(RunRef("r1", ""), store)


def test_json_is_read(artifacts: Artifacts) -> None:
    assert artifacts.json("a.json") == {"a": [1, 2]}


def test_tables_of_text_are_frames(artifacts: Artifacts) -> None:
    pd.testing.assert_frame_equal(artifacts.frame("t.csv"), pd.DataFrame({"name": ["é"], "n": [1]}))
    assert artifacts.frame("t.tsv").to_dict("list") == {"a": [1], "b": [2]}


def test_a_picture_is_read(artifacts: Artifacts) -> None:
    assert artifacts.image("p.png").size == (3, 2)


def test_arrays_are_read(artifacts: Artifacts) -> None:
    assert artifacts.array("x.npy").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert {name: array.tolist() for name, array in artifacts.array("xs.npz").items()} == {"one": [1, 1], "two": [0]}


def test_an_array_of_objects_is_never_unpickled(artifacts: Artifacts) -> None:
    with pytest.raises(WrongContent, match=r"evil\.npy"):
        artifacts.array("evil.npy")


@pytest.mark.parametrize("form", ["json", "image", "array", "frame"])
def test_what_is_of_another_form_is_told_in_a_sentence(artifacts: Artifacts, store: MemoryStore, form: str) -> None:
    store.put("wrong.bin", b"\x93wrong")
    with pytest.raises(WrongContent, match=r"wrong\.bin"):
        getattr(artifacts, form)("wrong.bin")


def test_the_path_of_a_uri_is_taken_where_none_is_given(store: MemoryStore, tmp_path: Path) -> None:
    artifacts = Artifacts(RunRef("r1", ""), store, at="a.json")
    assert artifacts.json() == {"a": [1, 2]}
    assert artifacts.download(to=tmp_path).name == "a.json"


def entry(path: str, data: bytes) -> Entry:
    return Entry("i", path, "x", "x", "k", 1, "s", "r1", 1.0, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def test_a_download_is_compared_with_the_catalogue(artifacts: Artifacts, store: MemoryStore, tmp_path: Path) -> None:
    store.put("f/good.txt", b"good")
    store.put("f/bad.txt", b"bat")
    store.put(*segment([entry("f/good.txt", b"good"), entry("f/bad.txt", b"bad")], {}))
    assert artifacts.download("f/good.txt", tmp_path).read_bytes() == b"good"
    for path in ("f/bad.txt", "f", ""):
        with pytest.raises(WrongContent, match=r"f/bad\.txt"):
            artifacts.download(path, tmp_path / "to")
    assert artifacts.download("f/bad.txt", tmp_path, verify=False).read_bytes() == b"bat"


class Breaking(MemoryStore):
    """Gives so many parts, then no more."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = 2
        self.given: list[int] = []

    def read(self, path: str, start: int = 0, length: int | None = None) -> bytes:
        if length == PART:
            if self.parts == 0:
                raise StoreUnavailable("The line is cut", "Wait")
            self.parts -= 1
            self.given.append(start)
        return super().read(path, start, length)


def test_a_large_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    store, data = Breaking(), bytes(range(256)) * (PART // 256) * 4 + b"end"
    store.put("large.bin", data)
    artifacts = Artifacts(RunRef("r1", ""), store)
    with pytest.raises(StoreUnavailable):
        artifacts.download("large.bin", tmp_path)
    assert not (tmp_path / "large.bin").exists()
    store.parts = 100
    assert artifacts.download("large.bin", tmp_path).read_bytes() == data
    assert store.given == [0, PART, 2 * PART, 3 * PART]
    assert [p.name for p in tmp_path.iterdir()] == ["large.bin"]


def test_another_state_of_the_file_is_begun_anew(tmp_path: Path) -> None:
    store = Breaking()
    store.put("large.bin", b"1" * (4 * PART))
    artifacts = Artifacts(RunRef("r1", ""), store)
    with pytest.raises(StoreUnavailable):
        artifacts.download("large.bin", tmp_path)
    store.parts = 100
    store.put("large.bin", b"2" * (4 * PART + 1))
    assert set(artifacts.download("large.bin", tmp_path).read_bytes()) == {ord("2")}
