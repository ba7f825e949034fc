"""A file of the server becomes an item for the run that a notebook used last, delivered by whoever owns it."""

from __future__ import annotations

import pytest

from mlart_jupyter.errors import NoRun
from mlart_jupyter.intake import take
from mlart_jupyter.models import RunRef
from mlart_jupyter.parcels import unpack
from mlart_jupyter.spool import Owner, Session, Spool
from mlart_jupyter.store import MemoryStore
from mlart_jupyter.uploads import Courier


def session(spool, *names):
    runs = tuple(RunRef(name, "sqlite:////nowhere.db", "file:///nowhere", "1", name) for name in names)
    return Session("s1", "k", "/w/nb.ipynb", spool.owner.token, "python", {}, runs)


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "spool", Owner.of_this_process())


def deliver(spool, store):
    Courier(spool, lambda run: store).deliver([spool.claim(name) for name in spool.mine()])


def test_it_goes_to_the_run_used_last_under_a_name_that_can_be_downloaded(spool):
    run, path = take(spool, b"a,b\n", "50% #1.csv", session(spool, "old", "new"))
    assert (run.run_id, path) == ("new", "files/50- -1.csv")
    (name,) = spool.mine()
    (file,) = unpack(spool.peek(spool.find(name), name)[0]).files
    assert (file.entry.notebook, file.entry.session, file.entry.kind) == ("/w/nb.ipynb", "s1", "file")
    assert file.entry.media_type == "text/csv"


def test_the_store_gets_its_bytes_and_another_content_stands_beside(spool):
    store = MemoryStore()
    for data in (b"one", b"one", b"two"):
        take(spool, data, "data.bin", session(spool, "run"))
        deliver(spool, store)
    files = {row.path: store.read(row.path) for row in store.list("files")}
    assert files.pop("files/data.bin") == b"one"
    assert list(files.values()) == [b"two"]


def test_without_a_run_it_is_refused_with_a_next_step(spool):
    with pytest.raises(NoRun, match="no run yet"):
        take(spool, b"x", "x.txt", session(spool))
    assert spool.mine() == []
