"""A look into an artifact stays bounded, above all where the storage has no parts."""

from __future__ import annotations

import io
from base64 import b64decode

import pytest
from PIL import Image

from mlart_jupyter import looking
from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import WrongContent
from mlart_jupyter.models import RunRef
from mlart_jupyter.store import MemoryStore


class Far(MemoryStore):
    """A store of which a file is fetched whole to be looked at."""

    ranged = False


def tiff() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (4, 3)).save(written, "TIFF")
    return written.getvalue()


@pytest.fixture
def far() -> Artifacts:
    store = Far()
    store.put("notes.txt", b"fine")
    store.put("scan.tiff", tiff())
    return Artifacts(RunRef("r1", "sqlite:////x.db"), store)


def test_a_small_file_is_looked_at_however_far(far: Artifacts) -> None:
    assert looking.preview(far, "notes.txt")["kind"] == "text"


def test_a_large_file_far_away_is_not_fetched_for_a_look(far: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LARGEST_COPY", 3)
    seen = looking.preview(far, "notes.txt")
    assert seen["kind"] == "unknown"
    assert "download it" in str(seen)


def test_a_picture_comes_as_png(far: Artifacts) -> None:
    assert Image.open(io.BytesIO(b64decode(looking.picture(far, "scan.tiff")["png"]))).size == (4, 3)


def test_a_large_picture_far_away_is_not_fetched_for_a_look(far: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LARGEST_COPY", 3)
    with pytest.raises(WrongContent, match="too large"):
        looking.picture(far, "scan.tiff")


def test_what_is_near_is_looked_at_whatever_its_size(far: Artifacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "LARGEST_COPY", 3)
    near = MemoryStore()
    near.put("notes.txt", b"fine")
    assert looking.preview(Artifacts(far.run, near), "notes.txt")["kind"] == "text"
