"""Every setting, as traits: ``%config Mlart``, ``c.Mlart…`` in a Jupyter config file, and the environment."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path

from platformdirs import user_data_path
from traitlets import Bool, Enum, Float, Integer, List, Unicode
from traitlets import default as default_of
from traitlets.config import Configurable

MIB = 2**20


class Mlart(Configurable):
    """Settings of mlart_jupyter."""

    enabled = Bool(True, help="Keep what cells show; %mlart on and %mlart off set it.").tag(config=True)
    off_notebooks = List(
        Unicode(), help="Notebooks in which nothing is kept by itself: patterns of their paths, like scratch/*.ipynb."
    ).tag(config=True)
    largest_bytes = Integer(
        0, help="Shown things larger than this are not kept by themselves; 0 keeps all. Bytes."
    ).tag(config=True)
    live = Enum(
        ["first-last", "all"],
        "first-last",
        help="What is kept of a display that a cell shows again and again in the same place (update_display, "
        'clear_output): "first-last" state, the last one when the cell is done, or "all".',
    ).tag(config=True)
    figures = Bool(True, help="Keep the matplotlib figures that a cell shows.").tag(config=True)
    frames = Bool(True, help="Keep the frames and series that a cell shows (pandas, polars, Arrow, geopandas).").tag(
        config=True
    )
    charts = Bool(True, help="Keep the charts that a cell shows (plotly, Altair, Bokeh): specification and page.").tag(
        config=True
    )
    media = Bool(True, help="Keep the pictures, sounds and videos that a cell shows.").tag(config=True)
    outputs = Bool(
        True, help="Keep what else a cell shows in a rich form: HTML, Markdown, LaTeX, JSON. Text alone is not kept."
    ).tag(config=True)
    inline_frame_bytes = Integer(
        MIB,
        help="Frames up to this size in memory are on disk before their cell is done; larger ones (and those of over "
        "1,000 columns, or over 500 dates, decimals or the like) are snapshotted in the cell and written right after "
        "it. Bytes.",
    ).tag(config=True)
    frame_budget_bytes = Integer(
        256 * MIB,
        help="Of frames larger than this in memory, only the first rows are kept, with a note. Bytes.",
    ).tag(config=True)
    memory_budget_bytes = Integer(
        512 * MIB,
        help="Snapshots that wait in memory to be written never exceed this together; past it a frame "
        "is written in its cell. Bytes.",
    ).tag(config=True)
    restore_bytes = Integer(
        32 * MIB,
        help="What cells show is remembered in the kernel up to so many bytes, for %mlart restore; the oldest "
        "give way; 0 remembers nothing. Bytes.",
    ).tag(config=True)
    notebooks = Bool(True, help="Keep the notebook in its run on every save.").tag(config=True)
    notebook_outputs = Enum(
        ["keep", "strip"], "keep", help='Whether the copy of a notebook in its run has outputs: "keep" or "strip".'
    ).tag(config=True)
    notebook_output_bytes = Integer(
        0, help="An output of a notebook that is larger is left out of the copy in its run; 0 keeps all. Bytes."
    ).tag(config=True)
    notebook_html = Bool(False, help="Keep a page of the notebook beside it, for readers without Jupyter.").tag(
        config=True
    )
    environment = Bool(
        True, help="Keep beside a notebook what it ran with: requirements.txt of what is imported, and git's changes."
    ).tag(config=True)
    secrets = Bool(True, help="Take secrets out of notebooks, texts and sources before they leave.").tag(config=True)
    secrets_allow = List(
        Unicode(),
        help="Kinds of secrets (as the note of a finding names them), or regular expressions of values, "
        "that may leave.",
    ).tag(config=True)
    spool_sync = Enum(
        ["worker", "cell"],
        "worker",
        help='When spooled items are synced to disk: "worker" (milliseconds later, off the cell; only a '
        'power cut in between can cost something) or "cell".',
    ).tag(config=True)
    flush_seconds = Float(5.0, help="How long the end of a kernel and %unload_ext wait for deliveries. Seconds.").tag(
        config=True
    )
    artifact_locations = List(
        Unicode(),
        help="Artifact locations that are opened when a tracking server on another machine names them, besides "
        "its own and those on S3, Google Cloud Storage and Azure: beginnings such as hdfs://namenode:8020/ml, "
        "sftp: or /data/mlruns. Default: MLART_ARTIFACT_LOCATIONS, separated by spaces.",
    ).tag(config=True)
    mlflow_page = Unicode(
        help="Where MLflow's own page shows runs, if not at the tracking server itself: an address such as "
        "http://localhost:5000, or a pattern with {experiment} and {run}."
    ).tag(config=True)
    language = Unicode(help="What %mlart browse speaks, such as pt-BR; by default the browser's language.").tag(
        config=True
    )
    deletion = Bool(True, help="Let the browser delete artifacts, after a question, where the storage does.").tag(
        config=True
    )
    flush_on_end = Bool(
        False,
        help="Wait for deliveries, up to flush_seconds, when a run has ended in a cell. A finished run takes "
        "artifacts too, so this only makes sure that they are there before the next cell.",
    ).tag(config=True)
    spool_budget_bytes = Integer(
        0,
        help="What waits in the spool may take so much of the disk; 0: 2 GiB or a tenth of what was free, "
        "whichever is less. Bytes.",
    ).tag(config=True)
    when_full = Enum(
        ["wait", "skip"],
        "wait",
        help='What a cell does when the spool has reached its budget: "wait" until deliveries have made room '
        '(full_wait_seconds at most), or "skip" what it shows and say so.',
    ).tag(config=True)
    full_wait_seconds = Float(60.0, help="How long a cell waits for room in the spool. Seconds.").tag(config=True)
    dead_days = Float(
        90.0, help="How long the spool keeps what could never be delivered (mlart status lists it). Days."
    ).tag(config=True)
    data_folder = Unicode(
        help="Folder of the embedded MLflow store and of the spool. Default: MLART_DATA, else the user's data folder."
    ).tag(config=True)

    def wants_notebook(self, path: str) -> bool:
        """Whether the notebook of this path is kept in its run."""
        return self.enabled and self.notebooks and not any(fnmatch(path, name) for name in self.off_notebooks)

    @default_of("data_folder")
    def _data_folder(self) -> str:
        return os.environ.get("MLART_DATA") or str(user_data_path("mlart-jupyter", appauthor=False))

    @default_of("artifact_locations")
    def _artifact_locations(self) -> list[str]:
        return os.environ.get("MLART_ARTIFACT_LOCATIONS", "").split()

    @property
    def data(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data_folder).expanduser().absolute()

    @property
    def allowed_locations(self) -> list[str]:
        """`artifact_locations`, and those that ``%mlart store`` has tried for this user."""
        try:
            chosen = (self.data / "locations").read_text(encoding="utf-8").splitlines()
        except OSError:
            chosen = []
        return [*self.artifact_locations, *chosen]

    def allow(self, location: str) -> None:
        """Keep in the data folder that a location is the user's own."""
        if location not in self.allowed_locations:
            with (self.data / "locations").open("a", encoding="utf-8") as file:
                file.write(f"{location}\n")

    @property
    def spool(self) -> Path:
        """The folder of the spool."""
        return self.data / "spool"

    @property
    def embedded_uri(self) -> str:
        """Tracking URI of the embedded store, used where nothing else is configured."""
        return f"sqlite:///{self.data / 'mlflow.db'}"

    @property
    def embedded_artifacts(self) -> str:
        """Where experiments of the embedded store keep their artifacts, as a URI."""
        return (self.data / "artifacts").as_uri()
