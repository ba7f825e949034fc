"""What the scanner is told and what it answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

NOTEBOOK = "application/x-ipynb+json"


@dataclass(frozen=True, slots=True)
class Rules:
    """How one file is to be changed.

    Attributes
    ----------
    secrets
        Whether secrets are looked for.
    allow
        Kinds of secrets, or regular expressions of values, that may stay.
    known
        Values that are secrets whatever they look like.
    outputs
        Of notebooks: ``"keep"`` or ``"strip"``.
    output_bytes
        Of notebooks: an output whose JSON is larger is left out; 0 keeps all.
    html
        Of notebooks: whether an HTML page is made of it.
    """

    secrets: bool = True
    allow: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    outputs: str = "keep"
    output_bytes: int = 0
    html: bool = False

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Rules:
        """Read what `dataclasses.asdict` has written and JSON has carried."""
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret that was taken out: its kind and where it stood; its value never leaves the scanner's process."""

    kind: str
    where: str
    value: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A file that may leave.

    Attributes
    ----------
    data
        The very bytes that were given when nothing had to change.
    source_hash
        Of notebooks: SHA-256 of the cells' sources, which a mere re-run leaves as it is.
    html
        Of notebooks: a page of it, when that was asked for.
    """

    data: bytes
    findings: tuple[Finding, ...] = ()
    source_hash: str | None = None
    html: bytes | None = None

    @property
    def note(self) -> str | None:
        """The findings as one sentence, or None."""
        return told(self.findings)


def told(findings: tuple[Finding, ...]) -> str | None:
    """Findings as one sentence, or None."""
    counted = Counter(f"{f.kind} in {f.where}" for f in findings)
    words = [what if times == 1 else f"{what} ({times} times)" for what, times in counted.items()]
    more = f" and {len(words) - 10} more" if len(words) > 10 else ""
    return f"Secrets redacted: {'; '.join(words[:10])}{more}" if words else None
