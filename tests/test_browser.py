"""Artifacts: what a reader of a run sees, over the store in memory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.errors import BadPath, UnknownArtifact
from mlart_jupyter.models import Entry, RunRef
from mlart_jupyter.renderers import Limits, finish, frame
from mlart_jupyter.store import MemoryStore, segment

LOSS = Entry("i1", "figures/loss.png", "figure", "image/png", "figures/loss", 1, "s1", "r1", 1.0, execution_count=3)
TABLE = Entry("i2", "frames/t.parquet", "frame", "x", "frames/t", 1, "s1", "r1", 2.0)


def tell(store: MemoryStore, *entries: Entry) -> None:
    store.put(*segment(entries, {"h": "plt.show()"}))


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put("figures/loss.png", b"x" * 1500)
    store.put("frames/t.parquet", b"12")
    store.put("model/data/weights.bin", b"1")
    store.put("notes.txt", "größe".encode())
    tell(store, LOSS, TABLE)
    return store


@pytest.fixture
def artifacts(store: MemoryStore) -> Artifacts:
    return Artifacts(RunRef("r1", "sqlite:////x.db", name="first try"), store)


# -- lists ----------------------------------------------------------------------------------------


def test_the_catalogue_is_hidden(artifacts: Artifacts, store: MemoryStore) -> None:
    assert "mlart" in [row.path for row in store.list()]
    assert [row.path for row in artifacts.list()] == ["figures", "frames", "model", "notes.txt"]


def test_a_folder_of_that_name_elsewhere_is_shown(artifacts: Artifacts, store: MemoryStore) -> None:
    store.put("model/mlart/a.txt", b"")
    assert [row.path for row in artifacts.list("model")] == ["model/data", "model/mlart"]


def test_rows_carry_their_entry(artifacts: Artifacts) -> None:
    assert [row.entry for row in artifacts.list("figures")] == [LOSS]


def test_files_of_others_have_no_entry(artifacts: Artifacts) -> None:
    assert artifacts.info("notes.txt").entry is None


def test_an_unknown_folder_is_told(artifacts: Artifacts) -> None:
    with pytest.raises(UnknownArtifact, match="nowhere"):
        artifacts.list("nowhere")


def test_a_file_is_no_folder(artifacts: Artifacts) -> None:
    with pytest.raises(UnknownArtifact):
        artifacts.list("notes.txt")


def test_an_empty_run_lists_nothing() -> None:
    assert Artifacts(RunRef("r1", ""), MemoryStore()).list() == []


def test_info_tells_of_a_folder(artifacts: Artifacts) -> None:
    assert artifacts.info("figures").is_dir


def test_info_of_nothing_is_an_unknown_artifact(artifacts: Artifacts) -> None:
    with pytest.raises(UnknownArtifact, match="figures/none"):
        artifacts.info("figures/none.png")


def test_a_walk_goes_through_the_tree_in_order(artifacts: Artifacts) -> None:
    assert [row.path for row in artifacts.walk()] == [
        "figures",
        "figures/loss.png",
        "frames",
        "frames/t.parquet",
        "model",
        "model/data",
        "model/data/weights.bin",
        "notes.txt",
    ]


def test_a_walk_can_begin_below(artifacts: Artifacts) -> None:
    assert [row.path for row in artifacts.walk("model")] == ["model/data", "model/data/weights.bin"]


def test_iterating_gives_the_files(artifacts: Artifacts) -> None:
    assert list(artifacts) == ["figures/loss.png", "frames/t.parquet", "model/data/weights.bin", "notes.txt"]


def test_what_is_logged_later_is_listed_at_once(artifacts: Artifacts, store: MemoryStore) -> None:
    artifacts.list()
    store.put("new.txt", b"")
    assert "new.txt" in list(artifacts)


def test_refresh_reads_the_catalogue_anew(artifacts: Artifacts, store: MemoryStore) -> None:
    artifacts.list()
    later = Entry("i3", "notes.txt", "text", "text/plain", "notes", 1, "s2", "r1", 3.0)
    tell(store, later)
    assert artifacts.refresh().info("notes.txt").entry == later


def test_the_catalogue_tells_the_sources(artifacts: Artifacts) -> None:
    assert artifacts.catalogue.sources == {"h": "plt.show()"}


# -- text -----------------------------------------------------------------------------------------


def test_the_tree_names_sizes_and_cells(artifacts: Artifacts) -> None:
    assert artifacts.tree().splitlines() == [
        "├── figures/",
        "│   └── loss.png  1.5 kB  cell [3]",
        "├── frames/",
        "│   └── t.parquet  2 B",
        "├── model/",
        "│   └── data/",
        "│       └── weights.bin  1 B",
        "└── notes.txt  7 B",
    ]


def test_the_tree_of_a_folder(artifacts: Artifacts) -> None:
    assert artifacts.tree("model/data") == "└── weights.bin  1 B"


def test_the_tree_of_an_empty_run_says_so() -> None:
    assert Artifacts(RunRef("r1", ""), MemoryStore()).tree() == "(no artifacts yet)"


def test_the_repr_names_the_run(artifacts: Artifacts) -> None:
    assert repr(artifacts).splitlines()[:2] == ["Artifacts of run first try", "├── figures/"]


def test_the_repr_of_a_run_without_a_name_has_its_id() -> None:
    assert repr(Artifacts(RunRef("r1", ""), MemoryStore())).startswith("Artifacts of run r1\n")


# -- contents -------------------------------------------------------------------------------------


def test_a_file_is_read_whole(artifacts: Artifacts) -> None:
    assert artifacts.read("figures/loss.png") == b"x" * 1500


def test_text_is_read_as_utf8(artifacts: Artifacts) -> None:
    assert artifacts.text("notes.txt") == "größe"


def test_a_frame_reads_back(artifacts: Artifacts, store: MemoryStore) -> None:
    shown = pd.DataFrame({1: [1, 2], "b": ["x", None]}, index=pd.Index(["p", "q"], name="k"))
    made = frame.render(shown, {}, Limits(inline=2**40)).files[0]
    store.put("frames/back.parquet", finish(made.encoding, made.data).data)
    pd.testing.assert_frame_equal(artifacts.frame("frames/back.parquet"), shown)


def test_an_unknown_file_is_told(artifacts: Artifacts) -> None:
    with pytest.raises(UnknownArtifact, match="figures/none"):
        artifacts.read("figures/none.png")


def test_a_file_is_downloaded(artifacts: Artifacts, tmp_path: Path) -> None:
    where = artifacts.download("notes.txt", tmp_path / "to")
    assert where.read_text(encoding="utf-8") == "größe"


def test_a_folder_is_downloaded_to_a_path_given_as_text(artifacts: Artifacts, tmp_path: Path) -> None:
    where = artifacts.download("model", str(tmp_path))
    assert (where / "data" / "weights.bin").read_bytes() == b"1"


def test_the_home_folder_may_be_named_by_its_sign(
    artifacts: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert artifacts.download("notes.txt", "~/to") == tmp_path / "to" / "notes.txt"


def test_the_default_place_of_a_download_is_the_current_folder(
    artifacts: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    artifacts.download("notes.txt")
    assert (tmp_path / "notes.txt").exists()


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("", "runs:/r1"),
        ("figures", "runs:/r1/figures"),
        ("figures/loss.png", "runs:/r1/figures/loss.png"),
        ("./figures/", "runs:/r1/figures"),
    ],
)
def test_uris_are_those_of_mlflow(artifacts: Artifacts, path: str, uri: str) -> None:
    assert artifacts.uri(path) == uri


@pytest.mark.parametrize("call", ["list", "info", "read", "text", "frame", "download", "uri", "tree"])
def test_a_path_that_leaves_the_run_is_bad(artifacts: Artifacts, call: str) -> None:
    with pytest.raises(BadPath):
        getattr(artifacts, call)("../other")


# -- deleting -------------------------------------------------------------------------------------


def test_a_deleted_file_is_gone_and_the_catalogue_tells_of_it_no_longer(
    artifacts: Artifacts, store: MemoryStore
) -> None:
    assert artifacts.info("figures/loss.png").entry == LOSS
    artifacts.delete("figures/loss.png", "s2", 9.0)
    assert store.info("figures/loss.png") is None
    store.put("figures/loss.png", b"by another hand")
    for reader in (artifacts, Artifacts(artifacts.run, store)):
        assert reader.info("figures/loss.png").entry is None
        assert reader.info("frames/t.parquet").entry == TABLE


def test_a_deleted_folder_takes_what_is_below_it_along(artifacts: Artifacts, store: MemoryStore) -> None:
    artifacts.delete("frames", "s2", 9.0)
    assert list(artifacts) == ["figures/loss.png", "model/data/weights.bin", "notes.txt"]
    assert list(artifacts.catalogue.entries) == ["figures/loss.png"]


def test_an_entry_whose_file_is_lost_can_be_deleted(artifacts: Artifacts, store: MemoryStore) -> None:
    store.delete("figures/loss.png")
    artifacts.delete("figures/loss.png", "s2", 9.0)
    assert "figures/loss.png" not in artifacts.catalogue.entries


def test_what_is_not_there_cannot_be_deleted(artifacts: Artifacts, store: MemoryStore) -> None:
    before = list(store.list("mlart"))
    with pytest.raises(UnknownArtifact):
        artifacts.delete("no/such.png", "s2", 9.0)
    assert list(store.list("mlart")) == before


NEVER = [
    "",
    ".",
    "/",
    "./.",
    "mlart",
    "mlart/s1",
    "MLART",
    "mlart/",
    "%6dlart/s1",
    "%2e",
    "%252e",
    "%2e/mlart",
    " mlart",
]
NEVER += ["../notes.txt", "figures/../..", "/notes.txt", "figures\\..\\..", "%2e%2e/x", "ｍlart"]


@pytest.mark.parametrize("path", NEVER)
def test_the_run_its_catalogue_and_what_is_outside_are_never_deleted(artifacts: Artifacts, path: str) -> None:
    with pytest.raises(BadPath):
        artifacts.delete(path, "s2", 9.0)
    assert len(list(artifacts)) == 4
    assert len(Artifacts(artifacts.run, artifacts._store).catalogue.entries) == 2
