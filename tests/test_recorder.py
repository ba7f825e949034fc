"""Recorder: names, versions, and what is put into the spool."""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import json
import socket
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from mlart_jupyter.errors import BadPath, MlartError, NotRenderable, SpoolUnavailable
from mlart_jupyter.models import Cell, File, Receipt, Rendered, RunRef
from mlart_jupyter.recorder import Held as Waiting
from mlart_jupyter.recorder import Recorder, Shown
from mlart_jupyter.renderers import Bundle, Deferred, Limits, file, finish, frame, renderer_for
from mlart_jupyter.renderers.reading import read
from mlart_jupyter.spool import Spool, tell_deleted

RUN = RunRef("r1", "sqlite:////data/mlflow.db", "file:///data/artifacts/r1", "7", "first")
OTHER = RunRef("r2", "sqlite:////data/mlflow.db")
CELL = Cell("plt.show()", "c1", 3, "work/a.ipynb")
LATER = Limits(inline=0)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def recorder(spool: Spool) -> Recorder:
    return Recorder(spool, "s1", version="1.2")


def keep(recorder: Recorder, obj: Any = None, *, cell: Cell = CELL, run: RunRef = RUN, **where: Any) -> Receipt:
    obj = Figure() if obj is None else obj
    bundle = where.pop("bundle", {})
    return recorder.record(Shown(obj, run, cell, bundle, **where), renderer_for(obj))


def path_of(receipt: Receipt) -> str:
    (path,) = receipt.paths
    return path


def shows(text: str, title: str = "") -> tuple[Figure, Bundle]:
    """A figure and its bundle, told apart by the SVG's text."""
    figure = Figure()
    figure.suptitle(title)
    return figure, {"image/svg+xml": f"<svg>{text}</svg>"}


def items(spool: Spool) -> list[tuple[dict[str, Any], bytes]]:
    found = [spool.peek(spool.root / "new" / str(name), name) for name in spool.mine()]
    return [(json.loads(header), bytes(payload)) for header, payload in found]


# -- names ----------------------------------------------------------------------------------------


def test_a_hint_is_asked_for_where_it_is_needed(recorder: Recorder) -> None:
    asked: list[str] = []

    def hint() -> str:
        asked.append("hint")
        return "fig"

    figure, bundle = shows("a", title="Loss")
    assert path_of(keep(recorder, figure, bundle=bundle, hint=hint)) == "figures/loss.svg"
    assert asked == []
    figure, bundle = shows("b")
    assert path_of(keep(recorder, figure, bundle=bundle, hint=hint)) == "figures/fig.svg"
    assert asked == ["hint"]


def test_what_is_left_of_a_shown_thing_does_not_keep_it() -> None:
    figure = Figure()
    light = Shown(figure, RUN, CELL, {"text/plain": figure}, figure.get_label).light
    gone = weakref.ref(figure)
    del figure
    gc.collect()
    assert (gone(), light.hinted, light.run) == (None, "", RUN)


def test_a_title_names_a_figure(recorder: Recorder) -> None:
    figure, bundle = shows("", "Loss per Épocha: 3/4")
    assert path_of(keep(recorder, figure, bundle=bundle, hint="fig")) == "figures/loss-per-epocha-3-4.svg"


def test_the_expression_names_what_has_no_title(recorder: Recorder) -> None:
    assert path_of(keep(recorder, pd.DataFrame({"a": [1]}), hint="df.describe()")) == "frames/df-describe.parquet"


def test_the_name_of_a_series_goes_before_the_expression(recorder: Recorder) -> None:
    assert path_of(keep(recorder, pd.Series([1], name="Total €"), hint="s")) == "frames/total.parquet"


def test_the_cell_names_what_has_neither(recorder: Recorder) -> None:
    assert path_of(keep(recorder, {"a": 1})) == "data/cell-3.json"


def test_a_title_without_a_single_plain_letter_is_none(recorder: Recorder) -> None:
    figure, bundle = shows("", "损失")
    assert path_of(keep(recorder, figure, bundle=bundle)) == "figures/cell-3.svg"


def test_unnamed_things_of_one_cell_are_counted(recorder: Recorder) -> None:
    paths = [path_of(keep(recorder, {"a": i})) for i in range(3)]
    assert paths == ["data/cell-3.json", "data/cell-3-2.json", "data/cell-3-3.json"]


def test_each_folder_counts_for_itself(recorder: Recorder) -> None:
    assert path_of(keep(recorder, {"a": 1})) == "data/cell-3.json"
    assert path_of(keep(recorder, "text")) == "text/cell-3.txt"


def test_a_cell_without_a_number_shows(recorder: Recorder) -> None:
    assert path_of(keep(recorder, {"a": 1}, cell=Cell("x"))) == "data/shown.json"


def test_a_cell_run_again_keeps_its_first_number(recorder: Recorder) -> None:
    keep(recorder, {"a": 1})
    again = dataclasses.replace(CELL, execution_count=9)
    assert path_of(keep(recorder, {"a": 2}, cell=again)) == "data/cell-3_v2.json"


def test_without_a_cell_id_the_source_tells_the_cell(recorder: Recorder) -> None:
    keep(recorder, {"a": 1}, cell=Cell("x", execution_count=1))
    assert path_of(keep(recorder, {"a": 2}, cell=Cell("x", execution_count=2))) == "data/cell-1_v2.json"
    assert path_of(keep(recorder, {"a": 2}, cell=Cell("y", execution_count=3))) == "data/cell-3.json"


def test_a_folder_can_be_given(recorder: Recorder) -> None:
    assert path_of(keep(recorder, {"a": 1}, folder="eval/one/", hint="x")) == "eval/one/x.json"


def test_the_folder_can_be_the_run_itself(recorder: Recorder) -> None:
    assert path_of(keep(recorder, {"a": 1}, folder="", hint="x")) == "x.json"


@pytest.mark.parametrize("where", [{"folder": "../x"}, {"path": "../x.json"}, {"path": "/x.json"}, {"path": "a/../.."}])
def test_a_place_outside_the_run_is_refused(recorder: Recorder, where: dict[str, str]) -> None:
    with pytest.raises(BadPath):
        keep(recorder, {"a": 1}, **where)


# -- versions -------------------------------------------------------------------------------------


def test_other_content_under_a_name_is_a_new_version(recorder: Recorder) -> None:
    paths = [path_of(keep(recorder, {"a": i}, hint="x")) for i in range(3)]
    assert paths == ["data/x.json", "data/x_v2.json", "data/x_v3.json"]


def test_the_same_content_is_not_kept_twice(recorder: Recorder, spool: Spool) -> None:
    first = keep(recorder, {"a": 1}, hint="x")
    again = keep(recorder, {"a": 1}, hint="x")
    assert (first.kept, again.kept, again.reason) == (True, False, "already in the run")
    assert again.paths == first.paths
    assert len(spool.mine()) == 1


def test_content_that_comes_back_has_its_old_version(recorder: Recorder) -> None:
    for value in (1, 2):
        keep(recorder, {"a": value}, hint="x")
    back = keep(recorder, {"a": 1}, hint="x")
    assert (back.kept, path_of(back), back.mark["version"]) == (False, "data/x.json", 1)


def test_the_same_content_under_another_name_is_kept(recorder: Recorder) -> None:
    keep(recorder, {"a": 1}, hint="x")
    assert path_of(keep(recorder, {"a": 1}, hint="y")) == "data/y.json"


def test_each_run_has_its_own_versions(recorder: Recorder) -> None:
    keep(recorder, {"a": 1}, hint="x")
    other = keep(recorder, {"a": 2}, hint="x", run=OTHER)
    assert (other.kept, path_of(other)) == (True, "data/x.json")


def test_other_suffixes_of_a_name_do_not_count_as_versions(recorder: Recorder) -> None:
    keep(recorder, {"a": 1}, folder="all", hint="x")
    assert path_of(keep(recorder, "text", folder="all", hint="x")) == "all/x.txt"


def test_a_figure_shown_again_keeps_its_name(recorder: Recorder) -> None:
    figure, bundle = shows("one", "Before")
    keep(recorder, figure, bundle=bundle)
    figure.suptitle("After")
    assert path_of(keep(recorder, figure, bundle=shows("two")[1])) == "figures/before_v2.svg"


def test_a_figure_shown_twice_alike_is_kept_once(recorder: Recorder) -> None:
    figure, bundle = shows("one")
    assert [keep(recorder, figure, bundle=bundle).kept for _ in range(2)] == [True, False]


def test_an_unnamed_figure_shown_in_a_later_cell_keeps_its_name(recorder: Recorder) -> None:
    figure, bundle = shows("one")
    keep(recorder, figure, bundle=bundle)
    later = Cell("fig", "c2", 8)
    assert path_of(keep(recorder, figure, bundle=shows("two")[1], cell=later)) == "figures/cell-3_v2.svg"


def test_a_figure_in_another_run_is_named_anew(recorder: Recorder) -> None:
    figure, bundle = shows("one", "Before")
    keep(recorder, figure, bundle=bundle)
    figure.suptitle("After")
    assert path_of(keep(recorder, figure, bundle=bundle, run=OTHER)) == "figures/after.svg"


def test_files_of_one_figure_share_name_and_version(recorder: Recorder) -> None:
    figure, bundle = shows("one", "loss")
    keep(recorder, figure, bundle=bundle)
    both = {"image/png": b"png", "image/svg+xml": "<svg/>"}
    assert keep(recorder, figure, bundle=both).paths == ("figures/loss.png", "figures/loss.svg")


def test_nothing_worth_keeping_is_told(recorder: Recorder, spool: Spool) -> None:
    receipt = keep(recorder, Figure(), bundle={"text/plain": "<Figure>"})
    assert (receipt.kept, receipt.reason) == (False, "nothing to keep was shown")
    assert spool.mine() == []


# -- paths of the user's own ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("obj", "path", "stored"),
    [
        ({"a": 1}, "eval/best.json", "eval/best.json"),
        ({"a": 1}, "eval/best", "eval/best.json"),
        ("# Text", "notes/Read Me.md", "notes/Read Me.md"),
        ("a,b", "größe.csv", "größe.csv"),
        (b"\x00", "weights.pt", "weights.pt"),
        ("no suffix", "LICENSE", "LICENSE.txt"),
    ],
)
def test_a_path_of_the_users_own_is_kept(recorder: Recorder, obj: Any, path: str, stored: str) -> None:
    assert path_of(keep(recorder, obj, path=path)) == stored


def test_the_suffix_of_a_free_kind_tells_its_media_type(recorder: Recorder, spool: Spool) -> None:
    keep(recorder, "a,b", path="table.csv")
    assert items(spool)[0][0]["files"][0]["entry"]["media_type"] == "text/csv"


def test_other_content_under_a_path_is_a_new_version(recorder: Recorder) -> None:
    keep(recorder, {"a": 1}, path="best.json")
    assert path_of(keep(recorder, {"a": 2}, path="best.json")) == "best_v2.json"


@pytest.mark.parametrize(
    ("obj", "path", "own"),
    [
        ({"a": 1}, "best.txt", ".json"),
        (pd.DataFrame({"a": [1]}), "table.csv", ".parquet"),
        (Figure(), "plot.pdf", ".png"),
    ],
)
def test_a_suffix_that_its_kind_cannot_have_is_refused(recorder: Recorder, obj: Any, path: str, own: str) -> None:
    with pytest.raises(NotRenderable, match=rf"is stored as {own}, not"):
        keep(recorder, obj, path=path)


@pytest.mark.parametrize("path", [".", "./", "./."])
def test_a_path_without_a_name_is_refused_in_words(recorder: Recorder, path: str) -> None:
    with pytest.raises(MlartError):
        keep(recorder, {"a": 1}, path=path)


def test_a_file_keeps_name_and_suffix(recorder: Recorder, tmp_path: Path) -> None:
    source = tmp_path / ".env.local"
    source.write_text("x")
    receipt = recorder.record(Shown(source, RUN, CELL, {}, path="files/.env.local"), file.render)
    assert path_of(receipt) == "files/.env.local"


# -- what an item holds ---------------------------------------------------------------------------


def test_a_header_has_all_that_a_delivery_needs(recorder: Recorder, spool: Spool) -> None:
    keep(recorder, {"a": 1}, hint="x")
    header = items(spool)[0][0]
    assert RunRef(**header["run"]) == RUN
    assert (header["host"], header["python"]) == (socket.gethostname(), sys.executable)
    assert header["source"] == "plt.show()"


def test_an_entry_tells_where_its_artifact_came_from(recorder: Recorder, spool: Spool) -> None:
    receipt = keep(recorder, {"a": 1}, hint="x")
    header = items(spool)[0][0]
    entry = header["files"][0]["entry"]
    expected = {
        "item": receipt.mark["item"],
        "path": path_of(receipt),
        "kind": "json",
        "media_type": "application/json",
        "key": "data/x",
        "version": 1,
        "session": "s1",
        "run_id": "r1",
        "cell_id": "c1",
        "execution_count": 3,
        "source_hash": hashlib.sha256(b"plt.show()").hexdigest(),
        "notebook": "work/a.ipynb",
        "extension": "1.2",
    }
    assert {name: entry[name] for name in expected} == expected


def test_an_entry_tells_what_a_frame_looks_like(recorder: Recorder, spool: Spool) -> None:
    keep(recorder, pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}))
    entry = items(spool)[0][0]["files"][0]["entry"]
    assert (entry["shape"], entry["dtypes"]) == ([2, 2], {"a": "int64", "b": "float64"})


def test_without_a_cell_there_is_no_source(recorder: Recorder, spool: Spool) -> None:
    keep(recorder, {"a": 1}, cell=Cell())
    assert items(spool)[0][0]["files"][0]["entry"]["source_hash"] is None


def test_the_payload_is_the_files_in_their_order(recorder: Recorder, spool: Spool) -> None:
    keep(recorder, Figure(), bundle={"image/png": b"png!", "image/svg+xml": "<svg/>"})
    header, payload = items(spool)[0]
    assert payload == b"png!<svg/>"
    assert [(row["length"], row["encoding"]) for row in header["files"]] == [(4, "raw"), (6, "raw")]


def test_the_mark_names_the_artifact(recorder: Recorder, spool: Spool) -> None:
    mark = keep(recorder, {"a": 1}, hint="x").mark
    header, payload = items(spool)[0]
    assert mark == {
        "run_id": "r1",
        "item": header["files"][0]["entry"]["item"],
        "key": "data/x",
        "cell_id": "c1",
        "version": 1,
        "path": "data/x.json",
        "sha256": hashlib.sha256(payload).hexdigest(),
    }


def test_the_mark_of_a_frame_has_no_digest_before_it_is_final(recorder: Recorder) -> None:
    assert "sha256" not in keep(recorder, pd.DataFrame({"a": [1]})).mark


def test_the_receipt_tells_the_bytes_of_the_files(recorder: Recorder) -> None:
    assert keep(recorder, "twelve bytes").size == 12


def test_what_is_larger_than_the_limit_is_not_kept_and_the_receipt_says_so(recorder: Recorder, spool: Spool) -> None:
    shown = Shown("twelve bytes", RUN, CELL, {}, "x")
    receipt = recorder.record(shown, renderer_for("x"), Limits(largest=11))
    assert (receipt.kept, "largest_bytes" in receipt.reason, spool.mine()) == (False, True, [])
    assert recorder.record(shown, renderer_for("x"), Limits(largest=12)).kept


@pytest.mark.parametrize("title", ["loss_v2", "loss_v10"])
def test_a_title_cannot_look_like_a_version(recorder: Recorder, title: str) -> None:
    assert keep(recorder, "text", hint=title).paths == (f"text/{title.replace('_v', '-v')}.txt",)


def test_the_worker_is_told_after_the_item_is_there(spool: Spool) -> None:
    seen: list[int] = []
    recorder = Recorder(spool, "s1", on_put=lambda name, run: seen.append(len(spool.mine())))
    keep(recorder, {"a": 1})
    keep(recorder, {"a": 1}, hint="x")
    assert seen == [1, 2]


def test_the_worker_is_not_told_of_nothing_new(spool: Spool) -> None:
    seen: list[int] = []
    recorder = Recorder(spool, "s1", on_put=lambda name, run: seen.append(1))
    for _ in range(2):
        keep(recorder, {"a": 1}, hint="x")
    assert seen == [1]


# -- a spool that fails ---------------------------------------------------------------------------


def test_what_could_not_be_spooled_is_tried_again_when_shown_again(tmp_path: Path) -> None:
    blocked = tmp_path / "spool"
    blocked.write_text("a file in the way")
    recorder = Recorder(Spool(blocked), "s1")
    with pytest.raises(SpoolUnavailable):
        keep(recorder, {"a": 1}, hint="x")
    blocked.unlink()
    again = keep(recorder, {"a": 1}, hint="x")
    assert (again.kept, path_of(again)) == (True, "data/x.json")


# -- snapshots ------------------------------------------------------------------------------------


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds the writer of snapshots until it is set."""
    event = threading.Event()
    yield event
    event.set()


class Held:
    """The frames' renderer with a writer that waits at a gate."""

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate

    def __call__(self, obj: Any, bundle: Bundle, limits: Limits) -> Deferred:
        made = frame.render(obj, bundle, LATER)
        assert isinstance(made, Deferred)

        def render() -> Rendered:
            self.gate.wait()
            return made.render()

        return dataclasses.replace(made, render=render)


def hold(recorder: Recorder, gate: threading.Event, obj: Any, hint: str = "x") -> Receipt:
    return recorder.record(Shown(obj, RUN, CELL, {}, hint), Held(gate))


def stored_frame(spool: Spool) -> Any:
    ((header, payload),) = items(spool)
    return read(bytes(finish(header["files"][0]["encoding"], payload).data))


def scaled(df: pd.DataFrame) -> None:
    df *= 2


WRITES = {
    "one cell": lambda df: df.__setitem__("a", df["a"].where(df["a"] > 1, 99)),
    "iloc": lambda df: df.iloc.__setitem__((0, 0), 99),
    "loc": lambda df: df.loc.__setitem__((slice(None), "a"), 99),
    "at": lambda df: df.at.__setitem__((0, "a"), 99),
    "in-place operator": scaled,
    "new column": lambda df: df.insert(0, "new", 1),
    "dropped column": lambda df: df.drop(columns="a", inplace=True),
    "sorted": lambda df: df.sort_values("a", ascending=False, inplace=True),
    "filled": lambda df: df.fillna(0, inplace=True),
    "renamed": lambda df: df.rename(columns={"a": "z"}, inplace=True),
    "column labels": lambda df: setattr(df, "columns", ["y", "z"]),
    "index": lambda df: setattr(df, "index", ["y", "z"]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_snapshot_is_not_reached_by_a_later_write(
    recorder: Recorder, spool: Spool, gate: threading.Event, write: Any
) -> None:
    shown = pd.DataFrame({"a": [1, 2], "b": [0.5, float("nan")]})
    as_shown = shown.copy(deep=True)
    hold(recorder, gate, shown)
    write(shown)
    gate.set()
    assert recorder.settle(30)
    pd.testing.assert_frame_equal(stored_frame(spool), as_shown)
    with pytest.raises(AssertionError):  # the write was one
        pd.testing.assert_frame_equal(shown, as_shown)


def test_a_snapshot_of_a_series_is_not_reached_either(recorder: Recorder, spool: Spool, gate: threading.Event) -> None:
    shown = pd.Series([1, 2], name="a")
    hold(recorder, gate, shown)
    shown.iloc[0] = 99
    gate.set()
    assert recorder.settle(30)
    pd.testing.assert_series_equal(stored_frame(spool), pd.Series([1, 2], name="a"))


def test_a_snapshot_is_pending_until_it_is_on_disk(recorder: Recorder, spool: Spool, gate: threading.Event) -> None:
    receipt = hold(recorder, gate, pd.DataFrame({"a": [1]}))
    assert (receipt.kept, recorder.pending, spool.mine()) == (True, 1, [])
    assert not recorder.settle(0)
    gate.set()
    assert recorder.settle(30)
    assert len(spool.mine()) == 1


def test_a_pending_snapshot_does_not_keep_what_was_shown_alive(recorder: Recorder, gate: threading.Event) -> None:
    shown = pd.DataFrame({"a": [1]})
    alive = weakref.ref(shown)
    hold(recorder, gate, shown)
    del shown
    gc.collect()
    assert recorder.pending == 1
    assert alive() is None


def test_nothing_pending_is_settled(recorder: Recorder) -> None:
    assert recorder.settle(0)
    assert recorder.pending == 0


def test_the_mark_of_a_snapshot_names_the_item_that_it_becomes(
    recorder: Recorder, spool: Spool, gate: threading.Event
) -> None:
    mark = hold(recorder, gate, pd.DataFrame({"a": [1]})).mark
    gate.set()
    recorder.settle(30)
    header = items(spool)[0][0]
    assert mark == {"run_id": "r1", "item": header["files"][0]["entry"]["item"], "key": "frames/x", "cell_id": "c1"}


def test_a_snapshot_of_content_that_is_there_is_not_written(
    recorder: Recorder, spool: Spool, gate: threading.Event
) -> None:
    gate.set()
    for _ in range(2):
        hold(recorder, gate, pd.DataFrame({"a": [1]}))
    assert recorder.settle(30)
    assert len(spool.mine()) == 1


def test_snapshots_are_versions_in_the_order_they_were_shown(
    recorder: Recorder, spool: Spool, gate: threading.Event
) -> None:
    for value in (1, 2, 3):
        hold(recorder, gate, pd.DataFrame({"a": [value]}))
    gate.set()
    assert recorder.settle(30)
    paths = [header["files"][0]["entry"]["path"] for header, _ in items(spool)]
    assert paths == ["frames/x.parquet", "frames/x_v2.parquet", "frames/x_v3.parquet"]


def test_without_room_in_memory_a_frame_is_written_in_its_cell(spool: Spool, gate: threading.Event) -> None:
    recorder = Recorder(spool, "s1", memory_budget=0)
    gate.set()
    receipt = hold(recorder, gate, pd.DataFrame({"a": [1]}))
    assert (receipt.paths, recorder.pending, len(spool.mine())) == (("frames/x.parquet",), 0, 1)


def test_memory_is_given_back_when_a_snapshot_is_written(spool: Spool, gate: threading.Event) -> None:
    size = frame.size_in_memory(pd.DataFrame({"a": [1]}))
    recorder = Recorder(spool, "s1", memory_budget=size)
    gate.set()
    for hint in ("x", "y"):
        assert hold(recorder, gate, pd.DataFrame({"a": [1]}), hint).reason.startswith("snapshot")
        assert recorder.settle(30)


def broken(obj: Any, bundle: Bundle, limits: Limits) -> Deferred:
    def fails() -> Rendered:
        raise ValueError("cannot be written")

    return Deferred(fails, obj, "frames")


def test_a_snapshot_that_fails_is_reported_and_gives_its_memory_back(spool: Spool) -> None:
    failures: list[str] = []
    recorder = Recorder(spool, "s1", memory_budget=10, on_late=lambda receipt: failures.append(receipt.reason))
    for _ in range(2):
        recorder.record(Shown(10, RUN, CELL, {}), broken)
        assert recorder.settle(30)
    assert failures == ["failed: cannot be written"] * 2


def test_limits_of_one_call_replace_the_recorders_own(spool: Spool) -> None:
    seen: list[Limits] = []

    def looks(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
        seen.append(limits)
        return Rendered("text", "text", (File(".txt", "text/plain", b""),))

    recorder = Recorder(spool, "s1", limits=Limits(1, 2))
    shown = Shown("", RUN, CELL, {})
    recorder.record(shown, looks)
    recorder.record(shown, looks, Limits(3, 4))
    assert seen == [Limits(1, 2), Limits(3, 4)]


# -- live displays --------------------------------------------------------------------------------


def held(recorder: Recorder, obj: Any, limits: Limits | None = None, **where: Any) -> Waiting | None:
    return recorder.hold(Shown(obj, RUN, CELL, {}, **where), renderer_for(obj), limits or Limits(), "item-1")


def test_what_is_held_is_not_in_the_spool_until_it_is_kept(recorder: Recorder, spool: Spool) -> None:
    thing = held(recorder, pd.DataFrame({"a": [1]}), hint="x")
    assert thing is not None
    assert spool.mine() == []
    receipt = recorder.keep(thing, Limits())
    assert (path_of(receipt), receipt.mark["item"]) == ("frames/x.parquet", "item-1")
    assert len(spool.mine()) == 1


def test_what_is_held_keeps_no_object_alive(recorder: Recorder) -> None:
    figure = Figure()
    gone = weakref.ref(figure)
    thing = held(recorder, figure)
    del figure
    gc.collect()
    assert gone() is None
    assert thing is not None


def test_without_room_nothing_is_held(spool: Spool) -> None:
    recorder = Recorder(spool, "s1", memory_budget=10)
    assert held(recorder, pd.DataFrame({"a": [1]})) is None


def test_what_is_dropped_gives_its_room_back(spool: Spool) -> None:
    frame_ = pd.DataFrame({"a": range(100)})
    recorder = Recorder(spool, "s1", memory_budget=1500)
    for _ in range(5):
        thing = held(recorder, frame_)
        assert thing is not None
        recorder.drop(thing)


def test_what_is_too_large_to_keep_is_not_held(recorder: Recorder) -> None:
    assert held(recorder, pd.DataFrame({"a": range(100)}), Limits(largest=10)) is None


def test_a_nameless_thing_in_anothers_place_has_its_name(recorder: Recorder) -> None:
    first = keep(recorder, {"a": 1})
    again = keep(recorder, {"a": 2}, place=first.mark["key"])
    assert path_of(again) == "data/cell-3_v2.json"


def test_a_note_of_the_showing_is_in_the_entry(recorder: Recorder, spool: Spool) -> None:
    receipt = keep(recorder, {"a": 1}, note="drawn on in b too")
    assert items(spool)[0][0]["files"][0]["entry"]["note"] == receipt.reason == "drawn on in b too"


def test_an_interrupt_in_the_spool_leaves_the_thing_to_be_kept_later(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def struck(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "put", struck)
        with pytest.raises(KeyboardInterrupt):
            keep(recorder, {"a": 1}, hint="x")
    assert keep(recorder, {"a": 1}, hint="x").kept
    assert not keep(recorder, {"a": 1}, hint="x").kept


# -- what was deleted -----------------------------------------------------------------------------


def test_what_was_deleted_from_the_run_is_kept_again_when_shown_again(spool: Spool) -> None:
    deleted: list[str] = []
    recorder = Recorder(spool, "s1", on_deleted=deleted.append)
    first = keep(recorder, "text", path="a.txt")
    later = keep(recorder, "other", path="a.txt")
    assert (path_of(first), path_of(later), keep(recorder, "text", path="a.txt").kept) == ("a.txt", "a_v2.txt", False)
    tell_deleted(spool.root.parent, RUN.run_id, [first.mark["item"], "unknown"])
    again = keep(recorder, "text", path="a.txt")
    assert (again.kept, path_of(again), deleted) == (True, "a.txt", [RUN.run_id])
    assert [keep(recorder, text, path="a.txt").kept for text in ("text", "other", "third")] == [False, False, True]
    assert path_of(keep(recorder, "third", path="a.txt")) == "a_v3.txt"


def test_what_was_deleted_from_another_run_stays_known(spool: Spool, recorder: Recorder) -> None:
    first = keep(recorder, "text", path="a.txt")
    tell_deleted(spool.root.parent, OTHER.run_id, [first.mark["item"]])
    assert not keep(recorder, "text", path="a.txt").kept
    assert keep(recorder, "text", path="a.txt", run=OTHER).kept
    tell_deleted(spool.root.parent, OTHER.run_id, [first.mark["item"]])
    assert not keep(recorder, "text", path="a.txt", run=OTHER).kept
    assert not keep(recorder, "text", path="a.txt").kept


def test_a_deleted_one_that_cannot_be_spooled_is_tried_again(
    spool: Spool, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(recorder, "text", path="a.txt")
    keep(recorder, "other", path="a.txt")
    tell_deleted(spool.root.parent, RUN.run_id, [first.mark["item"]])
    with monkeypatch.context() as full:
        full.setattr(spool, "put", lambda *given: (_ for _ in ()).throw(SpoolUnavailable("It is full", "Free some")))
        with pytest.raises(SpoolUnavailable):
            keep(recorder, "text", path="a.txt")
    again = keep(recorder, "text", path="a.txt")
    assert (again.kept, path_of(again)) == (True, "a.txt")
    assert path_of(keep(recorder, "third", path="a.txt")) == "a_v3.txt"
