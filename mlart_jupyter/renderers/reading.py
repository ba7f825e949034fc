"""Stored frames, back to what was shown."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mlart_jupyter.renderers import geo, table
from mlart_jupyter.renderers.exact import from_arrow
from mlart_jupyter.renderers.parquet import read_table

if TYPE_CHECKING:
    import pandas as pd


def read(data: bytes) -> pd.DataFrame | pd.Series[Any] | Any:
    """Read a stored frame back as what it was.

    Returns
    -------
    object
        A pandas frame or series with its own labels; a polars frame or series (an Arrow table where
        polars is not installed); a pyarrow table or record batch; a GeoDataFrame or GeoSeries (a pandas
        frame with the geometries as WKB where geopandas is not installed).
    """
    _tell_arrow()
    arrow = read_table(data)
    if table.library_of(arrow):
        return table.from_table(arrow)
    if geo.is_geo(arrow):
        return geo.read(data, arrow)
    return from_arrow(arrow)


@cache
def _tell_arrow() -> None:
    """Let pandas tell Arrow of its periods and intervals, as when it writes some: else they read as numbers."""
    import pandas as pd
    import pyarrow as pa

    pa.array(pd.PeriodIndex([], freq="D"))
