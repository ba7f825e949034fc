"""Pictures that browsers do not draw: TIFF of all kinds and AVIF as PNG, bounded, or a sentence."""

from __future__ import annotations

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image, features

from mlart_jupyter.errors import MlartError, WrongContent
from mlart_jupyter.preview import as_png, converted, look

RAMP = np.arange(12, dtype=np.uint8).reshape(3, 4)


def saved(picture: Image.Image, kind: str = "TIFF", **options: object) -> io.BytesIO:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    out.seek(0)
    return out


def shown(file: io.BytesIO) -> tuple[Image.Image, dict[str, str]]:
    made = as_png(file)
    return Image.open(io.BytesIO(made.png), formats=["PNG"]), {fact.label: fact.value for fact in made.facts}


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_tiff_becomes_the_same_pixels(compression):
    picture, facts = shown(saved(Image.fromarray(RAMP), compression=compression))
    assert np.array_equal(np.asarray(picture), RAMP)
    assert facts == {"picture": "TIFF", "pixels": "4 × 3"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "I;16", "F"])
def test_each_mode_is_shown(mode):
    picture, facts = shown(saved(Image.new(mode, (2000, 10))))
    assert picture.size == (1000, 5)
    assert (facts["pixels"], facts["shown with"]) == ("2000 × 10", "1000 × 5")


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_more_than_255_greys_go_from_the_least_to_the_greatest(dtype):
    picture, facts = shown(saved(Image.fromarray(np.array([[100, 2100, 4100]], dtype))))
    assert np.asarray(picture).tolist() == [[0, 127, 255]]
    assert facts["values"] == "100 (black) to 4,100 (white)"


def test_one_value_alone_is_shown_too():
    assert np.asarray(shown(saved(Image.new("I;16", (2, 2), 700)))[0]).max() == 0


def test_the_first_page_of_several_is_shown_and_told():
    first, second = Image.new("L", (4, 3), 7), Image.new("L", (9, 9), 1)
    picture, facts = shown(saved(first, save_all=True, append_images=[second] * 3))
    assert (picture.size, picture.getpixel((0, 0))) == ((4, 3), 7)
    assert facts["shown"] == "the first of several pages"


def test_nothing_of_the_file_but_its_pixels_is_in_the_png():
    file = saved(Image.new("RGB", (2, 2)), icc_profile=b"profile" * 20, description="<script>")
    picture, _ = shown(file)
    assert picture.info == {}


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_an_avif_becomes_a_png():
    picture, facts = shown(saved(Image.new("RGB", (8, 6), (200, 10, 10)), "AVIF"))
    assert (picture.size, facts["picture"]) == ((8, 6), "AVIF")


def tiff_of(width: int, height: int) -> io.BytesIO:
    """A TIFF of a few bytes that says it is so large."""
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 4)]
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return io.BytesIO(struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + body + b"\0\0\0\0")


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2_000_000_000, 1)])
@pytest.mark.filterwarnings("error")
def test_a_bomb_gives_a_sentence(width, height):
    with pytest.raises(WrongContent, match="too many to be converted"):
        as_png(tiff_of(width, height))


def test_no_more_than_some_bytes_are_read(monkeypatch):
    file = saved(Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 400), dtype=np.uint8)))
    monkeypatch.setattr(converted, "MOST_READ", 100_000)
    with pytest.raises(WrongContent, match=r"more than .* would have to be read"):
        as_png(file)


def test_of_a_large_file_only_the_first_page_is_read(monkeypatch):
    pages = [Image.new("L", (200, 200), 9)] * 20
    file = saved(pages[0], save_all=True, append_images=pages)
    monkeypatch.setattr(converted, "MOST_READ", 100_000)
    assert len(file.getvalue()) > 400_000
    assert shown(file)[0].size == (200, 200)


def test_a_picture_is_shown_no_larger_than_it_can_be_sent():
    picture, _ = shown(saved(Image.new("1", (3 * converted.LONGEST_SIDE, 10))))
    assert picture.size[0] == converted.LONGEST_SIDE


@pytest.mark.parametrize("cut", [8, 9, 60, 100])
def test_a_broken_one_gives_a_sentence(cut):
    whole = saved(Image.fromarray(RAMP), compression="tiff_lzw").getvalue()
    with pytest.raises(WrongContent, match="cannot read"):
        as_png(io.BytesIO(whole[:cut]))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_what_is_neither_is_not_decoded(data):
    with pytest.raises(WrongContent, match="no form"):
        as_png(io.BytesIO(data))


def test_values_without_bounds_give_a_sentence():
    with pytest.raises(WrongContent, match="without bounds"):
        as_png(saved(Image.fromarray(np.array([[1, np.inf]], np.float32))))


def test_without_pillow_the_sentence_names_what_to_install(monkeypatch):
    file = saved(Image.new("L", (2, 2)))
    monkeypatch.setitem(sys.modules, "PIL.TiffImagePlugin", None)
    with pytest.raises(MlartError, match="pip install 'pillow'"):
        as_png(file)


@pytest.mark.parametrize("order", ["<2sH", ">2sH"])
def test_a_tiff_is_told_by_its_head_whatever_its_name_and_size(order):
    head = struct.pack(order, b"II" if order[0] == "<" else b"MM", 42) + bytes(100)
    seen = look(io.BytesIO(head), 2**30, "lie.txt")
    assert (seen.kind, seen.media_type) == ("image", "image/tiff")
