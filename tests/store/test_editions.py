"""A file's newest state keeps the plain name; what another source had stays beside it."""

from __future__ import annotations

import hashlib

import pytest

from mlart_jupyter.models import Entry
from mlart_jupyter.store import Editions, MemoryStore, read_catalogue, segment


class Run:
    """A run, and one process that writes to it."""

    def __init__(self):
        self.store, self.editions, self.writes = MemoryStore(), Editions(), []
        put = self.store.put
        self.store.put = lambda path, data: (self.writes.append(path), put(path, data))[1]
        self.number = 0

    def save(self, data, source, path="notebooks/nb.ipynb", notebook="/books/nb.ipynb", session="s1"):
        self.number += 1
        entry = Entry(
            item=f"i{self.number}",
            path=path,
            kind="notebook",
            media_type="application/x-ipynb+json",
            key=path.removesuffix(".ipynb"),
            version=1,
            session=session,
            run_id="r",
            time=float(self.number),
            source_hash=source,
            notebook=notebook,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
        )
        told = self.editions.place(self.store, entry, data)
        self.store.put(*segment(told, {}))
        return told[0]

    def restart(self):
        self.editions = Editions()

    @property
    def files(self):
        return {row.path.removeprefix("notebooks/"): self.store.read(row.path) for row in self.store.list("notebooks")}

    @property
    def versions(self):
        entries = read_catalogue(self.store).entries
        return {path.removeprefix("notebooks/"): (e.version, e.sha256[:6]) for path, e in entries.items()}


@pytest.fixture
def run():
    return Run()


def test_a_rerun_replaces_and_an_edit_keeps_what_was(run):
    run.save(b"a1", "a")
    run.save(b"a2", "a")
    assert run.files == {"nb.ipynb": b"a2"}
    run.save(b"b1", "b")
    run.save(b"c1", "c")
    assert run.files == {"nb.ipynb": b"c1", "nb_v1.ipynb": b"a2", "nb_v2.ipynb": b"b1"}
    assert {path: version for path, (version, _) in run.versions.items()} == {
        "nb.ipynb": 3,
        "nb_v1.ipynb": 1,
        "nb_v2.ipynb": 2,
    }
    for path, (_, digest) in run.versions.items():
        assert hashlib.sha256(run.files[path]).hexdigest().startswith(digest)


def test_the_same_bytes_are_not_written_again_also_by_another_process(run):
    run.save(b"a1", "a")
    writes = run.writes.count("notebooks/nb.ipynb")
    run.save(b"a1", "a")
    run.restart()
    assert run.save(b"a1", "a").version == 1
    assert run.writes.count("notebooks/nb.ipynb") == writes == 1


def test_another_process_goes_on_with_the_numbers(run):
    run.save(b"a1", "a")
    run.save(b"b1", "b")
    run.restart()
    assert run.save(b"c1", "c", session="s2").version == 3
    assert set(run.files) == {"nb.ipynb", "nb_v1.ipynb", "nb_v2.ipynb"}


def test_two_notebooks_of_one_name_stand_beside_each_other(run):
    run.save(b"a1", "a")
    for source in (b"x1", b"y1"):
        entry = run.save(source, source.decode(), notebook="/books/sub/nb.ipynb", session="s2")
    assert run.files["nb.ipynb"] == b"a1"
    assert run.store.read(entry.path) == b"y1"
    assert len(run.files) == 3


def test_a_notebook_moved_by_its_own_session_goes_on(run):
    run.save(b"a1", "a")
    run.save(b"b1", "b", notebook="/books/sub/nb.ipynb")
    assert set(run.files) == {"nb.ipynb", "nb_v1.ipynb"}


def test_a_new_name_leaves_the_old_ones(run):
    run.save(b"a1", "a")
    run.save(b"a1", "a", path="notebooks/final.ipynb", notebook="/books/final.ipynb")
    assert set(run.files) == {"nb.ipynb", "final.ipynb"}


def test_a_file_that_no_catalogue_tells_of_is_kept(run):
    run.store.put("notebooks/nb.ipynb", b"the user's own")
    run.save(b"a1", "a")
    assert run.files == {"nb.ipynb": b"a1", "nb_v1.ipynb": b"the user's own"}


def test_a_delivery_that_was_interrupted_before_it_was_told_is_repeated_without_a_version(run):
    run.store.put("notebooks/nb.ipynb", b"a1")
    run.save(b"a1", "a")
    assert run.files == {"nb.ipynb": b"a1"}


def test_a_delivery_that_was_interrupted_between_its_two_files_is_repeated(run):
    run.save(b"a1", "a")
    run.store.put("notebooks/nb_v1.ipynb", b"a1")
    run.restart()
    run.save(b"b1", "b")
    assert run.files == {"nb.ipynb": b"b1", "nb_v1.ipynb": b"a1"}


def test_files_without_a_source_are_only_replaced(run):
    run.save(b"one", None, path="notebooks/nb.requirements.txt")
    run.save(b"two", None, path="notebooks/nb.requirements.txt")
    assert run.files == {"nb.requirements.txt": b"two"}
