"""One spooled item: its layout, and the name that tells whether it is whole."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlart_jupyter.errors import TornItem
from mlart_jupyter.spool.item import Name, decode, encode, name_of

NAME = "00000000000000000123-0a1b2c3d4e5f-1f-eeeeeeee.item"

names = st.builds(
    Name,
    made=st.integers(0, 10**20 - 1),
    owner=st.text("0123456789abcdef", min_size=12, max_size=12),
    length=st.integers(0, 2**63),
    checksum=st.text("0123456789abcdef", min_size=8, max_size=8),
)


def whole(header: bytes, *payload: bytes) -> tuple[Name, bytes]:
    chunks = encode(header, payload)
    return name_of(chunks, 1, "0a1b2c3d4e5f"), b"".join(bytes(chunk) for chunk in chunks)


@settings(deadline=None)
@given(names)
def test_a_name_is_read_back_as_it_was_written(name: Name) -> None:
    assert Name.parse(str(name)) == name


@settings(deadline=None)
@given(names, names)
def test_names_sort_by_age(one: Name, other: Name) -> None:
    older, newer = sorted((one, other), key=lambda name: name.made)
    assert older.made == newer.made or str(older) < str(newer)


def test_a_name_says_who_made_the_item_and_when() -> None:
    assert Name.parse(NAME) == Name(123, "0a1b2c3d4e5f", 31, "e" * 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".item",
        "---.item",
        "notes.txt",
        NAME.removesuffix(".item"),
        NAME + ".json",
        NAME + "~",
        NAME.replace("-1f-", "-xyz-"),
        NAME.replace("-1f-", "-1f-0-"),
        NAME.replace("00000000000000000123", "today"),
    ],
)
def test_another_file_is_no_item(text: str) -> None:
    assert Name.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [NAME.lstrip("0"), NAME.replace("-1f-", "-1F-"), NAME.replace("-1f-", "-0x1f-"), NAME.replace("000123", "00_123")],
)
def test_a_name_in_another_spelling_is_no_item(text: str) -> None:
    assert Name.parse(text) is None


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), max_size=3))
def test_an_item_is_split_as_it_was_laid_out(header: bytes, payload: list[bytes]) -> None:
    name, raw = whole(header, *payload)
    got, rest = decode(name, raw)
    assert (got, bytes(rest)) == (header, b"".join(payload))


@settings(deadline=None)
@given(st.binary(max_size=50), st.binary(max_size=50), st.data())
def test_any_changed_byte_is_known(header: bytes, payload: bytes, data: st.DataObject) -> None:
    name, raw = whole(header, payload)
    place = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.integers(1, 255))
    changed = bytearray(raw)
    changed[place] ^= other
    with pytest.raises(TornItem):
        decode(name, bytes(changed))


@settings(deadline=None)
@given(st.binary(max_size=50), st.data())
def test_any_missing_end_is_known(payload: bytes, data: st.DataObject) -> None:
    name, raw = whole(b"header", payload)
    with pytest.raises(TornItem):
        decode(name, raw[: data.draw(st.integers(0, len(raw) - 1))])


def test_an_added_byte_is_known() -> None:
    name, raw = whole(b"header", b"payload")
    with pytest.raises(TornItem):
        decode(name, raw + b"\0")


def test_a_name_of_another_length_is_another_item() -> None:
    name, raw = whole(b"header", b"payload")
    with pytest.raises(TornItem):
        decode(dataclasses.replace(name, length=name.length + 1), raw)


def test_a_torn_item_says_what_to_do() -> None:
    name, _ = whole(b"header", b"payload")
    with pytest.raises(TornItem, match=f"{name} is damaged. Its cell has to be run again"):
        decode(name, b"")


def test_the_payload_is_not_copied() -> None:
    payload = b"x" * 100
    assert encode(b"header", [payload])[-1] is payload


def test_the_name_is_that_of_the_joined_chunks() -> None:
    assert name_of([b"ab", b"c"], 1, "me") == name_of([b"a", b"bc"], 1, "me")
