"""Where in a text secrets stand: detect-secrets' patterns, and a few for services that it does not know.

Its detectors of mere entropy are left out: notebooks are full of hashes and ids. Its regular
expressions are searched in the whole text at once, which is 300 times faster than its scan by lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from mlart_jupyter.redaction.models import Rules

LEFT_OUT = ("Base64 High Entropy String", "Hex High Entropy String", "Public IP (ipv4)", "Private Key")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
TAIL = re.compile(r"[A-Za-z0-9_+/=.-]*")
"""What belongs to a token that a pattern ended early in."""
KNOWN = "Known Secret"
KEYWORDS = ("key", "passw", "pass", "pwd", "secret", "contrase")
START = r"(?<![A-Za-z0-9_-])"
OWN: dict[str, str] = {
    "Private Key": r"-----BEGIN[^-]{0,40}PRIVATE KEY[^-]{0,10}-----"
    r"(?:(?s:.{0,20000}?)-----END[^-]{0,40}PRIVATE KEY[^-]{0,10}-----|[A-Za-z0-9+/=\s\\\"',]*)",
    "Google API Key": START + r"AIza[0-9A-Za-z_-]{35}",
    "Google OAuth Secret": START + r"GOCSPX-[0-9A-Za-z_-]{28}",
    "Hugging Face Token": START + r"hf_[A-Za-z0-9]{30,}",
    "OpenAI Token": START + r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}",
    "Anthropic Token": START + r"sk-ant-[A-Za-z0-9_-]{20,}",
    "GitHub Token": START + r"github_pat_[A-Za-z0-9_]{50,}",
    "Databricks Token": START + r"dapi[0-9a-f]{32}",
    "NPM tokens": START + r"npm_[A-Za-z0-9]{36}",
    "Slack Token": START + r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "Stripe Access Key": START + r"[rs]k_(?:live|test)_[0-9A-Za-z]{24,}",
    "Azure Shared Access Signature": r"[?&]sig=([A-Za-z0-9%+/]{40,}={0,2})",
    "Bearer Token": r"(?i:bearer|token)[ =:]+(?=[A-Za-z0-9._~+/-]*[0-9])([A-Za-z0-9._~+/-]{24,}=*)",
    "Basic Auth Credentials": r"(?i:authorization['\"]?\s*[:=]\s*['\"]?basic)\s+([A-Za-z0-9+/]{8,}={0,2})",
    "Secret Keyword": r"(?i:token|passphrase|access_?key|credential)['\"]?\]?\s*(?:=|:|==|,)\s*['\"]"
    r"(?=[^'\"\s]*[0-9])([^'\"\s]{12,})['\"]",
    "Environment Variable": r"(?m:^)(?:export +)?[A-Z0-9_]*(?:PASSW|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)"
    r"[A-Z0-9_]*= ?([^\s'\"$]{8,})(?m:$)",
}
"""Kind → pattern; a group is the secret, where there is one."""


class Spot(tuple[int, int, str]):
    """Start, end and kind of a secret in a text."""

    __slots__ = ()


def spots(text: str, rules: Rules) -> list[Spot]:
    """Find the secrets in a text, in order, without overlaps; colours of a terminal hide none."""
    plain, back = _without_colours(text)
    candidates = list(_candidates(plain, rules))
    spared = {plain[spot[0] : spot[1]] for spot in candidates if _is_allowed(plain, spot, rules)}
    found = [spot for spot in candidates if plain[spot[0] : spot[1]] not in spared]
    again = [spot for value in _telling(plain, found) for spot in _everywhere(plain, *value)]
    return _merged([Spot((back(start), back(end - 1) + 1, kind)) for start, end, kind in found + again])


def _candidates(text: str, rules: Rules) -> Iterator[Spot]:
    for value in rules.known:
        yield from _everywhere(text, value, KNOWN)
    for kind, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = _secret_part(match)
            spot = Spot((start, TAIL.match(text, end).end() if match.end() == end else end, kind))  # type: ignore[union-attr]
            if _is_real(text[start:end], kind):
                yield spot
    yield from _assignments(text)


def _secret_part(match: re.Match[str]) -> tuple[int, int]:
    """The group that is the secret; some patterns have a group around a mere prefix."""
    groups = [match.span(i) for i in range(1, (match.re.groups or 0) + 1) if match.group(i)]
    longest = max(groups, key=lambda span: span[1] - span[0], default=match.span())
    is_prefix = longest[0] == match.start() or (longest[1] - longest[0] < 8 and not match.group().startswith("://"))
    return match.span() if is_prefix else longest


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    from detect_secrets.settings import default_settings, get_plugins

    with default_settings():
        plugins = [p for p in get_plugins() if p.secret_type not in LEFT_OUT]
    theirs = [(str(p.secret_type), r) for p in plugins for r in getattr(p, "denylist", None) or ()]
    return [(kind, re.compile(pattern)) for kind, pattern in OWN.items()] + theirs


def _assignments(text: str) -> Iterator[Spot]:
    """Values given to names that sound secret; only lines that hold such a name are looked at."""
    from detect_secrets.plugins.keyword import QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP as BY_GROUP

    lower = text.lower()
    for start, end in _lines_with(lower, KEYWORDS):
        line = text[start : min(end, start + 10_000)]
        for pattern, group in BY_GROUP.items():
            for match in pattern.finditer(line):
                first, last = match.span(group)
                if _is_real(line[first:last], "Secret Keyword") and _is_given(line[first:last], line):
                    yield Spot((start + first, start + last, "Secret Keyword"))


def _lines_with(lower: str, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    end = 0
    for match in re.finditer("|".join(words), lower):
        if match.start() >= end:
            start = lower.rfind("\n", 0, match.start()) + 1
            end = lower.find("\n", match.end())
            end = len(lower) if end < 0 else end
            yield start, end


def _is_real(value: str, kind: str) -> bool:
    """Whether detect-secrets' own filters leave it in: no sequence, template or punctuation, a valid JWT."""
    from detect_secrets.filters import heuristic
    from detect_secrets.plugins.jwt import JwtTokenDetector

    filters: list[Callable[[str], bool]] = [
        heuristic.is_sequential_string,
        heuristic.is_templated_secret,
        heuristic.is_not_alphanumeric_string,
        heuristic.is_prefixed_with_dollar_sign,
    ]
    if kind == "JSON Web Token" and not JwtTokenDetector.is_formally_valid(value):
        return False
    return bool(value) and not any(is_harmless(value) for is_harmless in filters)


def _is_given(value: str, line: str) -> bool:
    """Whether a value given to a secret name is one: no id, no look-up, no redaction of ours."""
    from detect_secrets.filters import heuristic

    harmless: Any = heuristic.is_potential_uuid(value) or heuristic.is_indirect_reference(line.replace(value, "x"))
    return not harmless and not value.startswith("[redacted") and len(value) >= 4


def _is_allowed(text: str, spot: Spot, rules: Rules) -> bool:
    """Whether a comment on its line (``# pragma: allowlist secret``) or a setting lets it stay."""
    from detect_secrets.filters.allowlist import is_line_allowlisted
    from detect_secrets.util.code_snippet import CodeSnippet

    start, end, kind = spot
    if kind in rules.allow or any(re.fullmatch(allowed, text[start:end]) for allowed in rules.allow):
        return True
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)][:10_000]
    before = text[text.rfind("\n", 0, max(0, first - 1)) + 1 : max(0, first - 1)][:10_000]
    if "pragma" not in before + line:
        return False
    return bool(is_line_allowlisted("notebook.py", line, CodeSnippet([before, line], 1, 1)))


def _telling(text: str, found: list[Spot]) -> set[tuple[str, str]]:
    """Values so special that they are secrets wherever else they stand: printed, in a traceback."""
    return {(text[start:end], kind) for start, end, kind in found if is_telling(text[start:end])}


def is_telling(value: str) -> bool:
    """Whether a value is no word that stands in innocent places too."""
    return 8 <= len(value) <= 1000 and not value.isalpha() and "\n" not in value


def _everywhere(text: str, value: str, kind: str) -> Iterator[Spot]:
    start = text.find(value)
    while start >= 0:
        yield Spot((start, start + len(value), kind))
        start = text.find(value, start + len(value))


def _without_colours(text: str) -> tuple[str, Callable[[int], int]]:
    """The text without a terminal's colours, and a function from positions in it to those in the text."""
    if "\x1b[" not in text:
        return text, lambda position: position
    starts, lost, pieces, before = [0], [0], [], 0
    for match in ANSI.finditer(text):
        pieces.append(text[before : match.start()])
        before = match.end()
        starts.append(match.start() - lost[-1])
        lost.append(lost[-1] + match.end() - match.start())
    pieces.append(text[before:])
    return "".join(pieces), lambda position: position + lost[bisect_right(starts, position) - 1]


def _merged(found: list[Spot]) -> list[Spot]:
    """In order; of those that overlap one remains."""
    merged: list[Spot] = []
    for spot in sorted(found, key=lambda spot: (spot[0], spot[2] == KNOWN, spot[1])):
        if merged and spot[0] < merged[-1][1]:
            start, end, kind = merged[-1]
            merged[-1] = Spot((start, max(end, spot[1]), kind))
        else:
            merged.append(spot)
    return merged
