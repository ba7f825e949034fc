"""The last look at what leaves the machine: secrets are taken out, notebooks are made as the settings say.

Runs where items are delivered, never in a cell; the search itself has a process of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from mlart_jupyter.models import NOTEBOOK_ENCODING, Entry, RunRef
from mlart_jupyter.parcels import Packed, Parcel, Part
from mlart_jupyter.redaction import Redacted, Rules, Scanner, is_scanned

"""Begins the encoding of a notebook's payload; what follows is JSON: the `Rules` of its making that differ."""
PRIVATE_COLUMN = re.compile(r"(?i)(?:passw(?:or)?d|secret|api_?key|access_?(?:key|token)|private_?key|credential)s?$")


class Outgoing:
    """Checks each file before the store gets it.

    Parameters
    ----------
    rules
        The settings as they are now, with the secrets known now.
    tell
        Called with a sentence for each file in which something was found.
    on_notebook
        Called with each notebook that is about to leave, and its run.
    """

    def __init__(
        self,
        rules: Callable[[], Rules],
        tell: Callable[[str], None] = lambda words: None,
        on_notebook: Iterable[Callable[[RunRef, Entry], None]] = (),
    ) -> None:
        self._rules = rules
        self._tell = tell
        self._scanner = Scanner()
        self._sources: dict[str, str] = {}
        self._on_notebook = on_notebook

    def files(self, parcel: Parcel, file: Packed, data: bytes | memoryview) -> Part:
        """The file as it may leave, and the page that is made of a notebook.

        Raises
        ------
        StoreUnavailable
            It could not be scanned, so it stays.
        """
        is_frame = file.entry.kind == "frame"
        if not is_frame and not is_scanned(file.entry.kind, file.entry.media_type):
            return [(file, data)]  # before the rules: to gather the secrets known now takes longer than a small file
        rules = _of_item(file, self._rules())
        if is_frame:
            return [(_with_note(file, _columns(file.entry) if rules.secrets else None), data)]
        if not (rules.secrets or _is_notebook(file)):
            return [(file, data)]
        if parcel.source and rules.secrets:
            self.source(parcel.source)  # a password that it gives to a name may stand without the name in the output
        done = self._scanner.redact(data, file.entry.media_type, rules)
        if _is_notebook(file):
            for tell in self._on_notebook:
                tell(parcel.run, file.entry)
        if done.note:
            self._tell(f"{file.entry.path}: {done.note}")
        return [(_with_note(file, done.note, done.source_hash), done.data), *_page(file, done)]

    def source(self, text: str) -> str:
        """A cell's source as it may leave; each is scanned once.

        Raises
        ------
        StoreUnavailable
            It could not be scanned.
        """
        rules = self._rules()
        if not rules.secrets:
            return text
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._sources:
            if len(self._sources) > 500:
                self._sources.clear()
            self._sources[key] = self._scanner.redact(text.encode(), "text/x-python", rules).data.decode()
        return self._sources[key]

    def close(self) -> None:
        """Let the scanner's process go."""
        self._scanner.close()


def notebook_encoding(**rules: Any) -> str:
    """The encoding of a notebook that is to be made by these rules, whoever delivers it."""
    return NOTEBOOK_ENCODING + json.dumps(rules)


def _is_notebook(file: Packed) -> bool:
    return file.encoding.startswith(NOTEBOOK_ENCODING)


def _of_item(file: Packed, rules: Rules) -> Rules:
    """The deliverer's rules and the item's own: of two the one that keeps less of a notebook."""
    if not _is_notebook(file):
        return rules
    own = Rules(**json.loads(file.encoding.removeprefix(NOTEBOOK_ENCODING)))
    caps = [r.output_bytes for r in (own, rules) if r.output_bytes]
    outputs = "strip" if "strip" in (own.outputs, rules.outputs) else "keep"
    return dataclasses.replace(rules, outputs=outputs, output_bytes=min(caps, default=0), html=own.html or rules.html)


def _with_note(file: Packed, note: str | None, source_hash: str | None = None) -> Packed:
    if not note and not source_hash:
        return file
    words = ". ".join(words for words in (file.entry.note, note) if words) or None
    entry = dataclasses.replace(file.entry, note=words, source_hash=source_hash or file.entry.source_hash)
    return dataclasses.replace(file, entry=entry)


def _columns(entry: Entry) -> str | None:
    names = [name for name in entry.dtypes or {} if PRIVATE_COLUMN.search(str(name))]
    return f"Columns that may hold secrets: {', '.join(names)}" if names else None


def _page(file: Packed, done: Redacted) -> Part:
    if done.html is None:
        return []
    path = file.entry.path.removesuffix(".ipynb") + ".html"
    entry = dataclasses.replace(file.entry, path=path, kind="page", media_type="text/html", note=None)
    return [(dataclasses.replace(file, entry=entry, encoding="raw"), done.html)]
