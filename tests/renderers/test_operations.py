"""What notebooks show all day: the results of pandas' own operations read back equal, and no note warns of them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlart_jupyter.models import Rendered
from mlart_jupyter.renderers import Limits, finish, frame
from mlart_jupyter.renderers.base import joined
from mlart_jupyter.renderers.pickles import MOST_BYTES
from mlart_jupyter.renderers.reading import read

ROWS = 20
Frame = pd.DataFrame


def sales() -> Frame:
    return Frame(
        {
            "n": np.arange(ROWS),
            "price": np.linspace(0.0, 1.0, ROWS),
            "shop": list("abcd") * 5,
            "day": pd.date_range("2024", periods=ROWS),
            "at": pd.date_range("2024", periods=ROWS, tz="Europe/Berlin"),
            "size": pd.Categorical(list("xy") * 10),
            "count": pd.array([*range(ROWS - 1), None], "Int64"),
            "open": [True, False] * 10,
            "took": pd.to_timedelta(range(ROWS), unit="s"),
            "month": pd.period_range("2024", periods=ROWS, freq="M"),
        }
    )


OPERATIONS: dict[str, Callable[[Frame], Any]] = {
    "as it is": lambda f: f,
    "head": lambda f: f.head(),
    "rows": lambda f: f[f["price"] > 0.5],
    "every second": lambda f: f.iloc[::2],
    "sorted": lambda f: f.sort_values("price", ascending=False),
    "numbered": lambda f: f.reset_index(),
    "by day": lambda f: f.set_index("day"),
    "by hour": lambda f: f.set_index("at"),
    "by month": lambda f: f.set_index("month", drop=False),
    "by count": lambda f: f.set_index("count"),
    "by size": lambda f: f.set_index("size"),
    "by two": lambda f: f.set_index(["shop", "month"]),
    "across": lambda f: f[["n", "price"]].T,
    "groups": lambda f: f.groupby("shop")["price"].mean(),
    "groups of two": lambda f: f.groupby(["shop", "open"])[["n", "price"]].sum(),
    "several means": lambda f: f.groupby("shop").agg({"n": ["min", "max"], "price": "mean"}),
    "months": lambda f: f.groupby(f["day"].dt.to_period("Q"))["n"].sum(),
    "bins": lambda f: f["price"].value_counts(bins=3),
    "cut": lambda f: pd.cut(f["price"], 3),
    "counts": lambda f: f["shop"].value_counts(normalize=True),
    "described": lambda f: f.describe(),
    "described groups": lambda f: f.groupby("shop")["price"].describe(),
    "pivot": lambda f: f.pivot_table(index="shop", columns="size", values="price", observed=True),
    "crosstab": lambda f: pd.crosstab(f["shop"], f["open"], margins=True),
    "long": lambda f: f[["n", "price", "shop"]].melt(id_vars="shop"),
    "stacked": lambda f: f[["n", "price"]].stack(),
    "unstacked": lambda f: f.groupby(["shop", "open"])["n"].sum().unstack(),
    "merged": lambda f: f.merge(f[["shop", "n"]], on="shop"),
    "below": lambda f: pd.concat([f, f]),
    "beside": lambda f: pd.concat([f, f], axis=1),
    "with keys": lambda f: pd.concat({"a": f, "b": f}),
    "new columns": lambda f: f.assign(twice=f["n"] * 2, late=f["day"]),
    "dummies": lambda f: pd.get_dummies(f[["shop", "size"]]),
    "rolling": lambda f: f["price"].rolling(3).mean(),
    "weeks": lambda f: f.set_index("day")["price"].resample("W").sum(),
    "correlation": lambda f: f.corr(numeric_only=True),
    "ranks": lambda f: f.rank(numeric_only=True),
    "gaps": lambda f: f[["price"]].where(f["price"] > 0.5),
    "types": lambda f: f.dtypes.astype(str),
    "missing": lambda f: f.isna().sum(),
    "converted": lambda f: f.convert_dtypes(),
    "from CSV": lambda f: pd.read_csv(io.StringIO(f.to_csv())),
    "from records": lambda f: Frame(f.to_dict("records")),
    "from pickle": lambda f: pickle.loads(pickle.dumps(f)),
    "an array": lambda f: Frame(np.arange(6.0).reshape(2, 3)),
    "texts": lambda f: f["shop"].str.upper(),
    "a column": lambda f: f["count"],
    "a row": lambda f: f.iloc[3],
    "none": lambda f: f.iloc[:0],
    "no columns": lambda f: f[[]],
    "largest": lambda f: f.nlargest(3, "price"),
    "shifted": lambda f: f.shift(),
    "an index": lambda f: f.set_index("day").index.to_frame(),
    "exploded": lambda f: f.assign(shop=[["a", "b"]] * ROWS).explode("shop"),
}

NOTES = {
    "described": "stored as JSON text: day, took",
    "a row": "stored as JSON text: 3",
}
"""Of cells of several types."""


@pytest.mark.parametrize("most", [MOST_BYTES, -1], ids=["pickled", "as Arrow"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_it_reads_back_equal(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "MOST_BYTES", most)
    shown = OPERATIONS[name](sales())
    made = frame.render(shown, {}, Limits())
    assert isinstance(made, Rendered)
    data, note = finish(made.files[0].encoding, memoryview(made.files[0].data))
    equal = pd.testing.assert_series_equal if shown.ndim == 1 else pd.testing.assert_frame_equal
    equal(read(bytes(data)), shown, check_freq=True)
    assert joined([note, made.note]) == NOTES.get(name)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_same_again_is_no_new_version(name: str) -> None:
    first, again = (frame.render(OPERATIONS[name](sales()), {}, Limits()) for _ in range(2))
    assert isinstance(first, Rendered)
    assert isinstance(again, Rendered)
    assert first.files[0].encoding == "pickle"
    assert again.files[0].identity == first.files[0].identity
