"""The scanner's own process: reads a request, writes an answer, until its pipe ends or nobody asks.

Requests and answers are a line of JSON and the bytes that it announces.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import threading
from contextlib import suppress
from typing import Any, BinaryIO

from mlart_jupyter.redaction.book import redact_notebook
from mlart_jupyter.redaction.models import NOTEBOOK, Redacted, Rules
from mlart_jupyter.redaction.patterns import is_telling
from mlart_jupyter.redaction.texts import redact_text

IDLE_SECONDS = 120.0


def redact(data: bytes, media_type: str, rules: Rules) -> Redacted:
    """Redact one file; a notebook that is none is redacted as text."""
    if media_type == NOTEBOOK:
        with suppress(ValueError, AttributeError, TypeError, KeyError):
            return redact_notebook(data, rules)
    if not rules.secrets:
        return Redacted(data)
    text, findings = redact_text(data.decode("utf-8", "surrogateescape"), rules)
    return Redacted(text.encode("utf-8", "surrogateescape") if findings else data, findings)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end, or none comes for long."""
    seen: set[str] = set()
    while True:
        idle = threading.Timer(IDLE_SECONDS, os._exit, [0])
        idle.daemon = True
        idle.start()
        line = requests.readline()
        idle.cancel()
        if not line:
            return
        head = json.loads(line)
        _answer(answers, requests.read(head["length"]), head, seen)


def _answer(answers: BinaryIO, data: bytes, head: dict[str, Any], seen: set[str]) -> None:
    """Answer one request; what it finds in a cell's source is known when that cell's output comes."""
    try:
        rules = Rules.from_json(head["rules"])
        done = redact(data, head["media_type"], dataclasses.replace(rules, known=(*rules.known, *seen)))
        seen.update(finding.value for finding in done.findings if is_telling(finding.value))
        html = done.html or b""
        told: dict[str, Any] = {
            "length": len(done.data),
            "html": len(html) if done.html is not None else None,
            "findings": [{"kind": finding.kind, "where": finding.where} for finding in done.findings],
            "source_hash": done.source_hash,
        }
    except Exception as error:  # the asker keeps the file here and says why
        told, done, html = {"error": f"{type(error).__name__}: {error}"}, Redacted(b""), b""
    answers.write(json.dumps(told).encode() + b"\n" + done.data + html)
    answers.flush()


def main() -> None:
    """Serve the process that has started this one."""
    with suppress(OSError, AttributeError):  # Windows has no such thing
        os.nice(5)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
