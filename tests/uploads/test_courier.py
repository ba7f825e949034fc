"""Deliveries side by side: order where it matters, bounded, and what a cut leaves behind."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.models import ArtifactInfo, Cell, Entry, File, RunRef
from mlart_jupyter.parcels import pack, unpack
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import Finished, renderer_for
from mlart_jupyter.renderers.pickles import pickled_file
from mlart_jupyter.spool import Claim, Name, Owner, Spool
from mlart_jupyter.store import LocalStore, MemoryStore, read_catalogue
from mlart_jupyter.uploads import Courier, Uploader, adopt
from mlart_jupyter.uploads.shelves import Held, Shelves

RUN = RunRef("r1", "https://mlflow.example", "s3://bucket/r1", "1")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def gone() -> Owner:
    return dataclasses.replace(Owner.of_this_process(), token="dead0dead0ff", started=1.0)


def keep(spool: Spool, path: str, text: str) -> None:
    Recorder(spool, "s1").record(Shown(text, RUN, Cell(), {}, path=path), renderer_for(text))


def save(spool: Spool, path: str, data: bytes) -> None:
    """As a saved notebook: it replaces what its path holds."""
    entry = Entry(path, path, "notebook", "x/y", path, 1, "s1", RUN.run_id, time.time())
    header, payload = pack(RUN, [entry], [File(".ipynb", "x/y", data)], replaces=True)
    spool.put(header, *payload)


def claims(spool: Spool) -> list[Claim]:
    return [claim for name in spool.mine() if (claim := spool.claim(name))]


class Meeting(MemoryStore):
    """Lets a write go on only when so many are under way at once."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.barrier = threading.Barrier(number)

    def put(self, path: str, data: bytes | memoryview) -> None:
        if not path.startswith("mlart/"):
            self.barrier.wait(30)
        super().put(path, data)


class Noting(MemoryStore):
    """Notes the order of its writes, the earlier ones being slower."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[bytes] = []
        self.listed = 0

    def list(self, path: str = "") -> list[ArtifactInfo]:
        self.listed += 1
        return super().list(path)

    def put(self, path: str, data: bytes | memoryview) -> None:
        if not path.startswith("mlart/"):
            time.sleep(0.02 if not self.order else 0.0)
            self.order.append(bytes(data))
        super().put(path, data)


def test_files_go_side_by_side(spool: Spool) -> None:
    store = Meeting(4)
    for number in range(4):
        keep(spool, f"notes/{number}.txt", str(number))
    Courier(spool, lambda run: store).deliver(claims(spool))
    assert len(read_catalogue(store).entries) == 4


def test_what_goes_to_one_path_keeps_its_order(spool: Spool) -> None:
    store = Noting()
    for number in range(8):
        save(spool, "notebooks/n.ipynb", b"%d" % number)
    Courier(spool, lambda run: store).deliver(claims(spool))
    assert store.order == [b"%d" % number for number in range(8)]
    assert store.files["notebooks/n.ipynb"] == b"7"


def test_a_slow_listing_is_not_repeated_for_each_batch(spool: Spool) -> None:
    class Slow(Noting):
        def list(self, path: str = "") -> list[ArtifactInfo]:
            time.sleep(0.1)
            return super().list(path)

    store = Slow()
    courier = Courier(spool, lambda run: store)
    for number in range(5):
        keep(spool, f"notes/{number}.txt", str(number))
        courier.deliver(claims(spool))
    assert store.listed == 1


def test_what_the_user_has_put_meanwhile_is_not_overwritten(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.shelves.PATIENCE", 0.0)  # a busy machine is a slow store
    store = MemoryStore()
    courier = Courier(spool, lambda run: store)
    keep(spool, "notes/a.txt", "ours")
    courier.deliver(claims(spool))
    store.files["notes/b.txt"] = b"theirs"
    keep(spool, "notes/b.txt", "ours too")
    courier.deliver(claims(spool))
    assert store.files["notes/b.txt"] == b"theirs"
    assert b"ours too" in store.files.values()


class Cutting(MemoryStore):
    """Keeps half of the first file, and fails."""

    def put(self, path: str, data: bytes | memoryview) -> None:
        if not self.files:
            super().put(path, bytes(data)[: len(data) // 2])
            raise StoreUnavailable("The connection broke", "It is tried again by itself")
        super().put(path, data)


def test_a_transfer_that_was_cut_is_made_whole(spool: Spool) -> None:
    store = Cutting()
    courier = Courier(spool, lambda run: store)
    keep(spool, "notes/a.txt", "hello world")
    with pytest.raises(StoreUnavailable):
        courier.deliver(claims(spool))
    courier.deliver(claims(spool))
    assert {p: d for p, d in store.files.items() if not p.startswith("mlart/")} == {"notes/a.txt": b"hello world"}


def test_a_transfer_that_was_cut_by_a_death_is_made_whole(tmp_path: Path, spool: Spool, gone: Owner) -> None:
    store = MemoryStore()
    store.files["notes/a.txt"] = b"hello"  # what had come of it
    keep(Spool(tmp_path / "spool", gone), "notes/a.txt", "hello world")
    list(adopt(spool, Courier(spool, lambda run: store), spool.orphans()))
    assert {p: d for p, d in store.files.items() if not p.startswith("mlart/")} == {"notes/a.txt": b"hello world"}


def test_other_content_is_no_torn_transfer(tmp_path: Path, spool: Spool, gone: Owner) -> None:
    store = MemoryStore()
    store.files["notes/a.txt"] = b"hullo"
    keep(Spool(tmp_path / "spool", gone), "notes/a.txt", "hello world")
    list(adopt(spool, Courier(spool, lambda run: store), spool.orphans()))
    assert store.files["notes/a.txt"] == b"hullo"


def test_a_call_that_never_comes_back_holds_up_its_run_alone(spool: Spool) -> None:
    go = threading.Event()

    class Stuck(MemoryStore):
        def put(self, path: str, data: bytes | memoryview) -> None:
            go.wait(60)
            super().put(path, data)

    store = Stuck()
    courier = Courier(spool, lambda run: store, patience=0.1)
    keep(spool, "notes/a.txt", "hello")
    for _ in range(2):  # the second one does not even begin
        with pytest.raises(StoreUnavailable, match="has not answered"):
            courier.deliver(claims(spool))
    go.set()
    end = time.monotonic() + 60
    while spool.unfinished() and time.monotonic() < end:
        try:
            courier.deliver(claims(spool))
        except StoreUnavailable:
            time.sleep(0.02)
    assert store.files["notes/a.txt"] == b"hello"


def test_a_payload_that_is_not_what_was_packed_is_buried(spool: Spool) -> None:
    keep(spool, "notes/a.txt", "hello")
    (name,) = spool.mine()
    header, _ = spool.peek(spool.find(name), name)
    spool.put(header, b"hullo")  # whole by its name, but not what the header tells
    store = MemoryStore()
    Courier(spool, lambda run: store).deliver(claims(spool))
    assert ["not those that were packed" in reason for _, reason in spool.dead()] == [True]


def test_the_catalogue_has_the_notes_of_the_cell_and_of_the_delivery(spool: Spool) -> None:
    mixed = pd.DataFrame({"o": [1, "a"]})
    Recorder(spool, "s1").record(Shown(mixed, RUN, Cell(), {}, "mixed", note="seen twice"), renderer_for(mixed))
    store, kept = MemoryStore(), list[Entry]()
    courier = Courier(spool, lambda run: store)
    courier.on_kept = kept.extend
    courier.deliver(claims(spool))
    (entry,) = read_catalogue(store).entries.values()
    assert entry.note == "stored as JSON text: o; seen twice"
    assert kept == [entry]


def test_a_frame_that_cannot_be_read_here_is_buried_and_the_next_is_delivered(spool: Spool) -> None:
    for path, pickled in ("frames/a.parquet", b"[30]\ncpandas.of_the_future\nFrame\n."), ("frames/b.parquet", None):
        obj = pd.DataFrame({"a": [1]})
        file = File(".parquet", "x/y", pickled, "pickle") if pickled else pickled_file(obj)
        assert file is not None
        entry = Entry(path, path, "frame", "x/y", path, 1, "s1", RUN.run_id, time.time())
        header, payload = pack(RUN, [entry], [file])
        spool.put(header, *payload)
    store = MemoryStore()
    Courier(spool, lambda run: store).deliver(claims(spool))
    assert list(read_catalogue(store).entries) == ["frames/b.parquet"]
    [(_, reason)] = spool.dead()
    assert "No module named 'pandas.of_the_future'" in reason
    assert "mlart flush --dead" in reason


def test_files_made_on_the_way_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, spool: Spool) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.courier.IN_MEMORY", 10)
    monkeypatch.setattr("mlart_jupyter.uploads.courier.finish", lambda *args: Finished(bytes(args[1])))
    most, now, lock = [0], [0], threading.Lock()

    class Watched(MemoryStore):
        def put(self, path: str, data: bytes | memoryview) -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.01)
            with lock:
                now[0] -= 1
            super().put(path, data)

    for number in range(10):
        keep(spool, f"notes/{number}.txt", "hello")
    Courier(spool, lambda run: Watched()).deliver(claims(spool))
    assert 0 < most[0] <= 3


def test_two_sessions_of_one_run_are_told_apart_in_the_catalogue(tmp_path: Path, spool: Spool, gone: Owner) -> None:
    left, store = Spool(tmp_path / "spool", gone), MemoryStore()
    for session in ("s1", "s2"):
        Recorder(left, session).record(Shown(session, RUN, Cell(), {}, path=f"{session}.txt"), renderer_for(""))
    list(adopt(spool, Courier(spool, lambda run: store), spool.orphans()))
    assert [row.path for row in store.list("mlart")] == ["mlart/s1", "mlart/s2"]


def test_a_shelf_knows_what_it_has_written() -> None:
    shelves = Shelves(MemoryStore())
    shelves.reserve("a.txt", Held(5, "x"))
    assert shelves.look("a.txt") == Held(5, "x")
    shelves.failed("a.txt", begun=True)
    assert shelves.look("a.txt") is None


def test_what_was_deleted_from_the_store_is_written_again(spool: Spool) -> None:
    store = MemoryStore()
    courier = Courier(spool, lambda run: store)
    for number in range(2):
        keep(spool, "a.txt", "text")
        courier.deliver(claims(spool))
        assert store.read("a.txt") == b"text"
        store.delete("a.txt")
        if number == 0:
            courier.look_again(RUN.run_id)
    courier.look_again("another")


def test_a_shelf_looks_again_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.shelves.PATIENCE", 1e9)
    store = MemoryStore()
    shelves = Shelves(store)
    store.put("a.txt", b"text")
    assert shelves.look("a.txt") == Held(4)
    store.delete("a.txt")
    assert shelves.look("a.txt") == Held(4)
    shelves.look_again()
    assert shelves.look("a.txt") is None


def test_of_a_near_store_a_shelf_asks_for_the_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(LocalStore, "list")
    store = LocalStore(tmp_path)
    shelves = Shelves(store, is_near=True)
    assert shelves.look("f/a.txt") is None
    store.put("f/a.txt", b"text")
    assert (shelves.look("f/a.txt"), shelves.look("f")) == (Held(4), Held(None))
    shelves.written("f/a.txt", Held(4, "x"))
    assert shelves.look("f/a.txt") == Held(4, "x")
    store.put("f/a.txt", b"another")
    assert shelves.look("f/a.txt") == Held(7)
    store.delete("f/a.txt")
    assert shelves.look("f/a.txt") is None
    store.put("f/a.txt", b"mine")
    assert shelves.look("f/a.txt") == Held(4)


def test_a_shelf_of_a_near_store_does_not_grow_with_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlart_jupyter.uploads.shelves.REMEMBERED", 4)
    store = LocalStore(tmp_path)
    shelves = Shelves(store, is_near=True)
    for number in range(20):
        store.put(f"{number}.txt", b"text")
        shelves.written(f"{number}.txt", Held(4, "x"))
    known = [shelves.look(f"{number}.txt") for number in range(20)]
    assert known[-1] == Held(4, "x")
    assert known[:15] == [Held(4)] * 15


def test_a_delivery_does_not_list_a_folder_of_this_machine(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(LocalStore, "list")
    keep(spool, "notes/a.txt", "hello")
    Courier(spool, lambda run: LocalStore(tmp_path / "run")).deliver(claims(spool))
    assert (tmp_path / "run/notes/a.txt").read_text() == "hello"


@pytest.mark.parametrize("is_beside", [True, False])
def test_a_folder_of_this_machine_gets_one_file_at_a_time_at_first(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch, is_beside: bool
) -> None:
    if not is_beside:
        monkeypatch.setattr("mlart_jupyter.uploads.courier.disk_of", str)
    now, most, put = [0], [0], LocalStore.put_new
    threads: set[threading.Thread] = set()

    def counted(self: LocalStore, path: str, data: bytes | memoryview) -> None:
        if path.endswith(".txt"):
            threads.add(threading.current_thread())
        now[0] += 1
        most[0] = max(most[0], now[0])
        time.sleep(0.01)
        put(self, path, data)
        now[0] -= 1

    monkeypatch.setattr(LocalStore, "put_new", counted)
    for number in range(8):
        keep(spool, f"{number}.txt", f"text {number}")
    Courier(spool, lambda run: LocalStore(tmp_path / "run")).deliver(claims(spool))
    assert most == [1]
    assert (threading.current_thread() in threads) == is_beside  # one on another disk may hang


@pytest.mark.parametrize("is_beside", [True, False])
@pytest.mark.parametrize(("theirs", "count"), [("theirs", 2), ("ours", 1)])
def test_of_two_kernels_that_put_one_name_at_once_both_are_kept(
    tmp_path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch, theirs: str, count: int, is_beside: bool
) -> None:
    if not is_beside:
        monkeypatch.setattr("mlart_jupyter.uploads.courier.disk_of", str)
    put_new = LocalStore.put_new

    def put_after_another(self: LocalStore, path: str, data: bytes | memoryview) -> None:
        (tmp_path / "run" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / path).write_text(theirs)
        put_new(self, path, data)

    monkeypatch.setattr(LocalStore, "put_new", put_after_another)
    store = LocalStore(tmp_path / "run")
    for _ in range(2):
        keep(spool, "notes/a.txt", "ours")
    Courier(spool, lambda run: store).deliver(claims(spool))
    assert store.read("notes/a.txt") == theirs.encode()
    files = [row.path for row in store.list("notes")]
    assert len(files) == count
    [ours] = read_catalogue(store).entries.values()
    assert store.read(ours.path) == b"ours"
    assert spool.is_done()


# -- whole runs ----------------------------------------------------------------------------------


def test_a_host_that_is_down_is_asked_for_one_of_its_runs_only(spool: Spool) -> None:
    asked: list[str] = []

    class Down(MemoryStore):
        def __init__(self, run: RunRef) -> None:
            super().__init__()
            self.run = run.run_id

        def put(self, path: str, data: bytes | memoryview) -> None:
            asked.append(self.run)
            raise StoreUnavailable.of_host("It is down", "It is tried again by itself")

    uploader = Uploader(spool, Down)
    for number in range(6):
        run = RunRef(f"r{number}", "http://one.example", f"mlflow-artifacts:/1/r{number}", "1")
        Recorder(spool, "s").record(Shown("x", run, Cell(), {}, path="a.txt"), renderer_for("x"))
    uploader.breakers.of("http://one.example").fail("It was down before")
    assert not uploader.flush(30)
    uploader.close()
    assert len(set(asked)) == 1
    assert uploader.census().last_error == "It is down. It is tried again by itself."


def test_runs_are_delivered_to_side_by_side(spool: Spool) -> None:
    barrier = threading.Barrier(2)

    class Both(MemoryStore):
        def put(self, path: str, data: bytes | memoryview) -> None:
            if not path.startswith("mlart/"):
                barrier.wait(30)
            super().put(path, data)

    uploader = Uploader(spool, lambda run: Both())
    for number in range(2):
        run = RunRef(f"r{number}", "http://one.example", f"mlflow-artifacts:/1/r{number}", "1")
        Recorder(spool, "s").record(Shown("x", run, Cell(), {}, path="a.txt"), renderer_for("x"))
    assert uploader.flush(60)
    uploader.close()


# -- what travels --------------------------------------------------------------------------------


def test_names_of_credentials_travel_their_values_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cr3t")
    header, _ = pack(RUN, [], [])
    assert "MLFLOW_TRACKING_TOKEN" in unpack(header).needs
    assert b"s3cr3t" not in header


def test_an_item_of_an_older_version_is_read() -> None:
    header, _ = pack(RUN, [], [])
    assert unpack(header.replace(b'"needs"', b'"other"')).needs == ()


def test_names_are_made_once() -> None:
    text = "00000000000000000001-0123456789ab-9-00000000.item"
    assert Name.parse(text) is Name.parse(text)
