"""What a look at a remote artifact costs, beside MLflow's own call, as a Markdown table: ``stores.py [MiB] [entries]``.

The short form (16 MiB, 2,000 entries) shows that it works; the figures of the README are those of ``1024 100000``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "servers"))

import storages
from loopback import counted
from storages import Missing, Storage

from mlart_jupyter.browser import Artifacts
from mlart_jupyter.models import RunRef
from mlart_jupyter.preview import look
from mlart_jupyter.preview.previews import Table
from mlart_jupyter.store import LocalStore, MemoryStore, RunStore, walk
from mlart_jupyter.zips import zipped

HEAD = 64 * 1024
BY_PORT = {"S3": storages.s3, "GCS": storages.gcs, "Azure": storages.azure, "plain HTTP": storages.web}
BY_PORT |= {"MLflow's proxy": storages.proxied, "SFTP": storages.sftp}


def large(folder: Path, size: int) -> Path:
    """A Parquet file of about so many bytes that no packing makes smaller."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, rows = folder / "large.parquet", 100_000
    generator = np.random.default_rng(0)
    columns = {f"c{i}": generator.random(rows) for i in range(10)}
    table = pa.table(columns)
    with pq.ParquetWriter(path, table.schema, compression="none", use_dictionary=False) as writer:
        while not path.exists() or path.stat().st_size < size:
            writer.write_table(table)
    return path


def seconds(call: Callable[[], Any]) -> float:
    """The shortest of three runs."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def heads(place: Path, file: Path) -> Iterator[str]:
    """The first 64 KiB, and on S3 the preview of the Parquet file."""
    for name, start in BY_PORT.items():
        folder = place / name.replace(" ", "-")
        folder.mkdir()
        try:
            with start(folder) as storage, counted(storage.port) as counter:
                yield from _head(name, storage, counter, file)
        except Missing as missing:
            yield f"| {name} | {missing} is not installed | | |"


def _head(name: str, storage: Storage, counter: Any, file: Path) -> Iterator[str]:
    def moved(text: str) -> str:
        return text.replace(f":{storage.port}", f":{counter.port}")

    os.environ.update({key: moved(value) for key, value in storage.env.items()})
    store = RunStore(f"{moved(storage.uri)}/bench/artifacts", moved(storage.tracking_uri))
    if name == "plain HTTP":
        LocalStore(storage.folder / "bench/artifacts").put_tree(file.name, file)  # type: ignore[operator]
    else:
        store.put_tree(file.name, file)
    counter.bytes = 0
    with store.open(file.name) as remote:
        remote.read(HEAD)
    ours, counter.bytes = counter.bytes, 0
    with tempfile.TemporaryDirectory() as target:
        store._adapter._repository._download_file(file.name, f"{target}/copy")  # what client.download_artifacts does
    yield f"| {name} | first 64 KiB | {ours:,} | {counter.bytes:,} |"
    if name == "S3":
        whole, counter.bytes = counter.bytes, 0
        yield f"| S3 | Parquet: schema, rows, first 100 | {_parquet(store, file.name, counter):,} | {whole:,} |"


def _parquet(store: RunStore, path: str, counter: Any) -> int:
    """What the browser's preview reads."""
    info = store.info(path)
    with store.open(path) as remote:
        table = look(remote, info.size or 0, path)  # type: ignore[union-attr]
    assert isinstance(table, Table)
    assert table.total_rows
    return int(counter.bytes)


def pages(place: Path, entries: int) -> str:
    """The first page of a large folder of this machine."""
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    folder = place / "many"
    folder.mkdir()
    for i in range(entries):
        (folder / f"{i:06d}.txt").touch()
    repository, store = LocalArtifactRepository(folder.as_uri()), LocalStore(folder)
    theirs, ours = seconds(repository.list_artifacts), seconds(store.page)
    return f"| local | first 500 of {entries:,} entries | {ours * 1000:.1f} ms | {theirs * 1000:.1f} ms |"


def zips(count: int) -> str:
    """A folder as a zip: the memory that Python takes for it."""
    store = MemoryStore()
    data = os.urandom(200_000)
    store.files = {f"f/{i:05d}.bin": data for i in range(count)}  # the same bytes: they take no memory
    artifacts = Artifacts(RunRef("r", ""), store)
    rows = [row for row in walk(store, "") if not row.is_dir]
    tracemalloc.start()
    begun, first, size = time.perf_counter(), 0.0, 0
    for chunk in zipped((row.path, artifacts.open(row.path)) for row in rows):
        first = first or time.perf_counter() - begun
        size += len(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    words = f"{peak / 2**20:.1f} MiB, first byte after {first * 1000:.0f} ms"
    return f"| memory | zip of {count:,} files, {size / 2**20:,.0f} MiB: memory above idle | {words} | no such call |"


def main(mib: int = 16, entries: int = 2000) -> None:
    """Print the table."""
    print("| storage | what | mlart_jupyter | MLflow |\n| --- | --- | --- | --- |")
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mlart-bench-")))
        print(pages(place, entries), zips(min(entries, 10_000)), sep="\n", flush=True)
        for line in heads(place, large(place, mib * 2**20)):
            print(line, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
