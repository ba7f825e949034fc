"""Python values as the plain ones of JSON and YAML, with a word on what had to be changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import uuid
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

GAPS = ("NAType", "NaTType")
"""What pandas calls the types of its gaps, in modules that change with its version."""
AS_TEXT = (dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID, PurePath)


class Plain:
    """Makes values plain, and remembers what that changed.

    Parameters
    ----------
    finite
        NaN and the infinities become null: JSON has no word for them, and readers other than Python's
        refuse the files that use one.
    text_keys
        Keys that are no text become text, as JSON wants.
    """

    def __init__(self, *, finite: bool, text_keys: bool) -> None:
        self._finite = finite
        self._text_keys = text_keys
        self._changes: dict[str, None] = {}

    @property
    def note(self) -> str | None:
        """What does not read back as it was; None when all does."""
        return f"as plain values: {', '.join(self._changes)}" if self._changes else None

    def of(self, value: Any) -> Any:
        """The plain form of a value.

        Raises
        ------
        TypeError, ValueError
            It has none.
        """
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, float):
            return self._float(float(value))
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            return [self.of(part) for part in value]
        return self._of_other(value)

    def _float(self, value: float) -> float | None:
        if math.isfinite(value) or not self._finite:
            return value
        self._changes["NaN and infinity are null"] = None
        return None

    def _mapping(self, value: Mapping[Any, Any]) -> dict[Any, Any]:
        made = {self._key(key): self.of(part) for key, part in value.items()}
        if len(made) != len(value):
            raise ValueError("two keys read the same")
        return made

    def _key(self, key: Any) -> Any:
        key = key.item() if hasattr(key, "item") and getattr(key, "ndim", 1) == 0 else key
        if isinstance(key, enum.Enum):
            key = key.value
        if isinstance(key, str):
            return str(key)
        if isinstance(key, AS_TEXT):
            return self._text(key)
        if key is not None and not isinstance(key, (bool, int, float)):
            raise TypeError(f"a key is a {type(key).__name__}")
        if not self._text_keys:
            return key
        self._changes["keys are text"] = None
        return json.dumps(key)

    def _of_other(self, value: Any) -> Any:
        if type(value).__name__ in GAPS:
            self._changes[f"{value} is null"] = None
            return None
        if isinstance(value, enum.Enum):
            return self.of(value.value)
        if isinstance(value, (str, int)):  # of a class of its own
            return str(value) if isinstance(value, str) else int(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._changed(
                value, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, "a mapping"
            )
        if isinstance(value, (set, frozenset)):
            return self._changed(value, sorted(value, key=lambda part: (type(part).__name__, repr(part))), "a list")
        if isinstance(value, AS_TEXT):
            return self._text(value)
        if hasattr(value, "tolist"):  # NumPy scalars and arrays
            return self.of(value.tolist())
        raise TypeError(f"{type(value).__name__} is not a plain value")

    def _changed(self, value: Any, plain: Any, form: str) -> Any:
        self._changes[f"{type(value).__name__} is {form}"] = None
        return self.of(plain)

    def _text(self, value: Any) -> str:
        self._changes[f"{type(value).__name__} is text"] = None
        return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)


def strict_json(value: Any) -> tuple[str, str | None]:
    """Write valid JSON (RFC 8259), with a note on what does not read back as it was.

    Raises
    ------
    TypeError, ValueError, RecursionError
        It has no place in JSON.
    """
    plain = Plain(finite=True, text_keys=True)
    made = plain.of(value)
    return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False), plain.note


def safe_yaml(value: Any) -> tuple[str, str | None]:
    """Write YAML that ``yaml.safe_load`` reads, with a note on what does not read back as it was.

    Raises
    ------
    TypeError, ValueError, RecursionError, ImportError
        It has no place in YAML, or PyYAML is missing.
    """
    import yaml

    plain = Plain(finite=False, text_keys=False)
    made = plain.of(value)
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True), plain.note
