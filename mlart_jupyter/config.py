"""Every setting, as traits: ``%config Mlart``, ``c.Mlart…`` in a Jupyter config file, and the environment."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path
from traitlets import Bool, Enum, Float, Integer, List, Unicode
from traitlets import default as default_of
from traitlets.config import Configurable

MIB = 2**20


class Mlart(Configurable):
    """Settings of mlart_jupyter."""

    figures = Bool(True, help="Keep the matplotlib figures that a cell shows.").tag(config=True)
    frames = Bool(True, help="Keep the pandas frames and series that a cell shows.").tag(config=True)
    inline_frame_bytes = Integer(
        MIB,
        help="Frames up to this size in memory are on disk before their cell is done; larger ones are "
        "snapshotted in the cell and written right after it. Bytes.",
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
    data_folder = Unicode(
        help="Folder of the embedded MLflow store and of the spool. Default: MLART_DATA, else the user's data folder."
    ).tag(config=True)

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
