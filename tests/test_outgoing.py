"""What leaves: items delivered through the whole way, with their secrets taken out."""

from __future__ import annotations

import dataclasses
import json

import pytest
from nbformat import v4

from mlart_jupyter.models import Cell, Entry, RunRef
from mlart_jupyter.outgoing import Outgoing, notebook_encoding
from mlart_jupyter.parcels import Packed, Parcel
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.redaction import Rules
from mlart_jupyter.renderers import renderer_for
from mlart_jupyter.snapshots import Snapshots
from mlart_jupyter.spool import Owner, Session, Spool
from mlart_jupyter.store import MemoryStore
from mlart_jupyter.uploads import Courier

SECRET = "".join(["hunter", "2", "-on-the-", "run"])
RUN = RunRef("r" * 32, "sqlite:////nowhere.db", "file:///nowhere", "1", "kept")


class Way:
    """Spool, uploads and a store in memory."""

    def __init__(self, folder, **rules):
        self.said = []
        self.rules = Rules(**rules)
        self.spool = Spool(folder, Owner.of_this_process())
        self.store = MemoryStore()
        self.courier = Courier(self.spool, lambda run: self.store)
        self.courier.check = self.check = Outgoing(lambda: self.rules, self.said.append)
        self.snapshots = Snapshots(self.spool)
        self.session = Session("s1", "k", "/books/nb.ipynb", self.spool.owner.token, "python", {}, (RUN,))

    def record(self, obj, source="", **where):
        shown = Shown(obj, RUN, Cell(source), {}, **where)
        Recorder(self.spool, "s1").record(shown, renderer_for(obj))
        return self.deliver()

    def save(self, *cells, **rules):
        data = json.dumps(v4.new_notebook(cells=list(cells))).encode()
        self.snapshots.take(data, "/books/nb.ipynb", self.session, encoding=notebook_encoding(**rules))
        return self.deliver()

    def deliver(self):
        self.courier.deliver([self.spool.claim(name) for name in self.spool.mine()])
        return {path: self.store.read(path) for path in self.walk("")}

    def walk(self, folder):
        for row in self.store.list(folder):
            yield from self.walk(row.path) if row.is_dir else [row.path]


@pytest.fixture
def way(tmp_path):
    made = []

    def make(**rules):
        made.append(Way(tmp_path / "spool", **rules))
        return made[-1]

    yield make
    for way in made:
        way.check.close()


def test_a_secret_is_in_no_stored_byte_and_is_told(way):
    one = way()
    files = one.record(f"login with {SECRET}", source=f'password = "{SECRET}"', path="notes.txt")
    files |= one.record({"db": f"postgresql://me:{SECRET}@db"}, path="data.json")
    files |= one.save(v4.new_code_cell(f'password = "{SECRET}"'))
    assert [path for path, data in files.items() if SECRET.encode() in data] == []
    assert files["notes.txt"] == b"login with [redacted: Known Secret]"
    assert any("Secret Keyword in cell 1" in words for words in one.said)
    catalogue = b"".join(data for path, data in files.items() if path.startswith("mlart/"))
    assert b"Secrets redacted: Secret Keyword in cell 1" in catalogue


def test_what_holds_no_secret_is_stored_as_it_was(way):
    files = way().record("plain words", path="notes.txt")
    assert files["notes.txt"] == b"plain words"


def test_the_setting_turns_it_off(way):
    assert SECRET.encode() in way(secrets=False).record(f'password = "{SECRET}"', path="a.txt")["a.txt"]


def test_a_frame_is_looked_at_by_its_columns_only(way):
    entry = Entry("i", "frames/a.parquet", "frame", "application/x-parquet", "a", 1, "s", "r", 0.0)
    entry = dataclasses.replace(entry, dtypes={"db_password": "object", "passed": "bool"}, note="cut")
    parcel = Parcel(RUN, "h", "p", f'password = "{SECRET}"', ())
    [(packed, data)] = way().check.files(parcel, Packed(entry, 1, "raw", replaces=False), b"x")
    assert packed.entry.note == "cut. Columns that may hold secrets: db_password"
    assert data == b"x"


def test_a_version_for_a_changed_source_and_none_for_a_rerun(way):
    one = way()
    one.save(v4.new_code_cell("x = 1", id="a"))
    one.save(v4.new_code_cell("x = 1", id="a", execution_count=5))
    files = one.save(v4.new_code_cell("x = 2", id="a"))
    notebooks = {path: json.loads(data)["cells"][0] for path, data in files.items() if path.endswith(".ipynb")}
    assert {path: cell["source"] for path, cell in notebooks.items()} == {
        "notebooks/nb.ipynb": "x = 2",
        "notebooks/nb_v1.ipynb": "x = 1",
    }
    assert notebooks["notebooks/nb_v1.ipynb"]["execution_count"] == 5


def test_of_two_settings_the_one_that_keeps_less_is_followed(way):
    printed = v4.new_output("stream", text="x" * 500)
    one = way(output_bytes=100, secrets=False)
    files = one.save(v4.new_code_cell("x", outputs=[printed]), output_bytes=1000, outputs="keep", html=True)
    assert b"left out" in files["notebooks/nb.ipynb"]
    assert files["notebooks/nb.html"].startswith(b"<!DOCTYPE html>")
    files = one.save(v4.new_code_cell("x", outputs=[printed]), outputs="strip")
    assert json.loads(files["notebooks/nb.ipynb"])["cells"][0]["outputs"] == []


def test_a_notebooks_hash_is_not_told_as_a_cells_source(way):
    files = way().save(v4.new_code_cell("x"))
    catalogue = b"".join(data for path, data in files.items() if path.startswith("mlart/"))
    assert b'"cell":' not in catalogue


def test_what_lies_beside_a_notebook(way):
    one = way()
    one.snapshots.lay_beside({".requirements.txt": f"a @ https://me:{SECRET}@host/a"}, "/w/nb.ipynb", one.session, RUN)
    assert one.snapshots.lay_beside({}, "/w/nb.ipynb", one.session, RUN) is None
    files = one.deliver()
    assert b"redacted" in files["notebooks/nb.requirements.txt"]
    assert SECRET.encode() not in b"".join(files.values())
