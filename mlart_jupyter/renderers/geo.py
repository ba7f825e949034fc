"""GeoDataFrames and GeoSeries: GeoParquet, which geopandas, DuckDB, QGIS and GDAL read."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.base import Bundle, Deferred, Limits, joined
from mlart_jupyter.renderers.frame import snapshot_of
from mlart_jupyter.renderers.parquet import PARQUET, parquet_bytes, read_table
from mlart_jupyter.renderers.salvage import to_arrow
from mlart_jupyter.renderers.statistics import HEAD_ROWS, cut_note

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "frames"
GEO = b"geo"
SERIES = b"mlart.series"
GEOMETRY_BYTES = 200
"""What a geometry is taken to hold: asking each of them would cost the cell."""
UNNAMED = "geometry"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows that no later write reaches; geometries never change."""

    data: Any
    shape: tuple[int, ...]
    series: dict[str, Any] | None = None

    def render(self) -> Rendered:
        """Make the file."""
        cut = cut_note(len(self.data), self.shape[0]) if len(self.data) < self.shape[0] else None
        try:
            data, note = _geo_parquet(self.data, self.series), None
        except (TypeError, ValueError, NotImplementedError) as error:
            data, note = (
                _wkb_parquet(self.data),
                f"geometries are WKB in a plain table: GeoParquet refused it ({error})",
            )
        dtypes = {str(name): str(dtype) for name, dtype in self.data.dtypes.items()}
        return Rendered(
            "frame", FOLDER, (File(".parquet", PARQUET, data),), "", self.shape, dtypes, joined([note, cut])
        )


def render(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Deferred:
    """Keep a GeoDataFrame or a GeoSeries."""
    is_series = obj.ndim == 1
    series = {"name": None if obj.name is None else str(obj.name)} if is_series else None
    frame = obj.to_frame(name=UNNAMED if obj.name is None else str(obj.name)) if is_series else obj
    size = sum(frame.dtypes.map(lambda dtype: GEOMETRY_BYTES if str(dtype) == "geometry" else 16)) * len(frame)
    kept = frame.head(HEAD_ROWS) if size > limits.budget else frame
    snapshot = Snapshot(snapshot_of(kept), obj.shape, series)
    if size <= limits.inline:
        return snapshot.render()
    return Deferred(snapshot.render, min(size, limits.budget), FOLDER)


def _geo_parquet(frame: Any, series: dict[str, Any] | None) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue() if series is None else _as_series(buffer.getvalue(), series)


def _as_series(data: bytes, series: dict[str, Any]) -> bytes:
    import pyarrow.parquet as pq

    table = read_table(data)
    buffer = io.BytesIO()
    words = {**table.schema.metadata, SERIES: json.dumps(series).encode()}
    pq.write_table(table.replace_schema_metadata(words), buffer)
    return buffer.getvalue()


def _wkb_parquet(frame: Any) -> bytes:
    return parquet_bytes(to_arrow(frame.to_wkb())[0])


# -- back ---------------------------------------------------------------------------------------------


def is_geo(table: pa.Table) -> bool:
    """Whether a table says that it is GeoParquet."""
    return GEO in (table.schema.metadata or {})


def read(data: bytes, table: pa.Table) -> Any:
    """Bring a frame or series back; as a pandas frame with WKB where geopandas is not installed."""
    with suppress(ImportError):
        import geopandas

        frame = geopandas.read_parquet(io.BytesIO(data))
        if SERIES not in table.schema.metadata:
            return frame
        return frame.geometry.rename(json.loads(table.schema.metadata[SERIES])["name"])
    return table.to_pandas()
