"""Plain values: what is written for them, and what is refused."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mlart_jupyter.errors import NotRenderable
from mlart_jupyter.renderers import Limits
from mlart_jupyter.renderers.value import render_array, render_bytes, render_json, render_text, render_yaml

LIMITS = Limits()


def circle_of_dicts() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["a"] = made
    return made


def stored(renderer: Any, value: Any) -> bytes:
    return bytes(renderer(value, {}, LIMITS).files[0].data)


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"a": 1, "b": [1.5, None, True], "c": {"d": "größe 图"}},
        [1, "two", [3]],
    ],
)
def test_json_reads_back_equal(value: Any) -> None:
    assert json.loads(stored(render_json, value)) == value


def test_a_tuple_is_a_json_list() -> None:
    assert json.loads(stored(render_json, (1, (2, 3)))) == [1, [2, 3]]


def test_json_keeps_the_order_of_its_keys() -> None:
    assert list(json.loads(stored(render_json, {"z": 1, "a": 2}))) == ["z", "a"]


def test_json_is_written_to_be_read() -> None:
    assert stored(render_json, {"größe": 1}) == '{\n  "größe": 1\n}'.encode()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
    ],
)
def test_numpy_values_become_plain_ones(value: Any, plain: Any) -> None:
    assert json.loads(stored(render_json, {"x": value})) == {"x": plain}


@dataclasses.dataclass
class Params:
    rate: float
    day: dt.date


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "plain", "note"),
    [
        ({"a": float("nan"), "b": [float("-inf")]}, {"a": None, "b": [None]}, "NaN and infinity are null"),
        ({"a": np.array([1, np.nan])}, {"a": [1, None]}, "NaN and infinity are null"),
        ([{"b", "a"}], [["a", "b"]], "set is a list"),
        (Params(0.5, dt.date(2024, 1, 2)), {"rate": 0.5, "day": "2024-01-02"}, "Params is a mapping, date is text"),
        ([dt.datetime(2024, 1, 2, 3, 4)], ["2024-01-02T03:04:00"], "datetime is text"),
        ([dt.timedelta(hours=1), decimal.Decimal("1.50")], ["1:00:00", "1.50"], "timedelta is text, Decimal is text"),
        ([Path("a") / "b"], ["a/b"], "PosixPath is text"),
        ([pd.NA, pd.NaT], [None, None], "<NA> is null, NaT is null"),
        ({1: "a", False: "b", None: "c"}, {"1": "a", "false": "b", "null": "c"}, "keys are text"),
        ([Colour.RED], ["red"], None),
        (collections.OrderedDict(a=1), {"a": 1}, None),
        ({np.int64(3): 1}, {"3": 1}, "keys are text"),
    ],
)
def test_what_json_has_no_word_for_is_plain_with_a_note(value: Any, plain: Any, note: str | None) -> None:
    made = render_json(value, {}, LIMITS)
    assert json.loads(bytes(made.files[0].data), parse_constant=pytest.fail) == plain
    assert made.note == (f"as plain values: {note}" if note else None)


@pytest.mark.parametrize(
    "value", [{"a": [1, 2.5, None, True], 3: "größe"}, [float("inf")], {"x": {"y": "multi\nline"}}, {1: {None: 2}}]
)
def test_yaml_reads_back_equal_without_a_note(value: Any) -> None:
    made = render_yaml(value, {}, LIMITS)
    assert yaml.safe_load(bytes(made.files[0].data)) == value
    assert (made.note, made.kind, made.files[0].suffix) == (None, "yaml", ".yaml")


def test_yaml_keeps_nan() -> None:
    (back,) = yaml.safe_load(stored(render_yaml, [float("nan")]))
    assert back != back


@pytest.mark.parametrize("value", [[object()], [1j], circle_of_dicts()], ids=["object", "complex", "circle"])
def test_what_does_not_fit_yaml_is_refused(value: Any) -> None:
    with pytest.raises(NotRenderable, match="does not fit YAML"):
        render_yaml(value, {}, LIMITS)


def circle() -> list[Any]:
    rows: list[Any] = []
    rows.append(rows)
    return rows


@pytest.mark.parametrize("value", [{"a": object()}, {("a", 1): 2}, {1: 2, "1": 3}, [b"x"], [1j], circle()])
def test_what_does_not_fit_json_is_refused(value: Any) -> None:
    with pytest.raises(NotRenderable, match="does not fit JSON"):
        render_json(value, {}, LIMITS)


def test_json_with_a_broken_character_is_refused() -> None:
    with pytest.raises(NotRenderable):
        render_json({"a": "\ud800"}, {}, LIMITS)


def test_text_is_kept_as_utf8() -> None:
    assert stored(render_text, "größe\n图") == "größe\n图".encode()


def test_empty_text_is_an_empty_file() -> None:
    assert stored(render_text, "") == b""


def test_text_with_a_broken_character_is_refused() -> None:
    with pytest.raises(NotRenderable):
        render_text("a\ud800", {}, LIMITS)


@pytest.mark.parametrize("value", [b"", b"\x00\xff", bytearray(b"\x01\x02")])
def test_bytes_are_kept_as_they_are(value: Any) -> None:
    assert stored(render_bytes, value) == bytes(value)


def test_a_bytearray_is_copied() -> None:
    value = bytearray(b"now")
    made = render_bytes(value, {}, LIMITS)
    value[:] = b"new"
    assert made.files[0].data == b"now"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.array(1.5),
        np.zeros((0, 4), dtype="float32"),
        np.array(["a", "größe"]),
        np.array([1 + 2j]),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(12)[::3],
        np.array([(1, 2.5)], dtype=[("i", "i4"), ("f", "f8")]),
        np.array(["2024-01-01", "NaT"], dtype="datetime64[s]"),
    ],
)
def test_an_array_reads_back_equal(array: Any) -> None:
    back = np.load(io.BytesIO(stored(render_array, array)), allow_pickle=False)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_an_array_tells_its_shape() -> None:
    assert render_array(np.zeros((2, 3, 4)), {}, LIMITS).shape == (2, 3, 4)


def test_an_array_of_objects_is_refused() -> None:
    with pytest.raises(NotRenderable, match="Python objects"):
        render_array(np.array([object()]), {}, LIMITS)


def test_a_masked_array_is_not_kept_without_its_mask() -> None:
    with pytest.raises(NotRenderable, match="mask"):
        render_array(np.ma.masked_array([1, 2], mask=[False, True]), {}, LIMITS)


@pytest.mark.parametrize(
    ("renderer", "value", "kind", "folder", "suffix", "media_type"),
    [
        (render_json, {}, "json", "data", ".json", "application/json"),
        (render_text, "", "text", "text", ".txt", "text/plain"),
        (render_bytes, b"", "bytes", "data", ".bin", "application/octet-stream"),
        (render_array, np.zeros(1), "array", "data", ".npy", "application/x-npy"),
    ],
)
def test_each_kind_has_its_place_and_type(
    renderer: Any, value: Any, kind: str, folder: str, suffix: str, media_type: str
) -> None:
    made = renderer(value, {}, LIMITS)
    file = made.files[0]
    assert (made.kind, made.folder, file.suffix, file.media_type) == (kind, folder, suffix, media_type)
