"""SHAP's and LIME's own objects, in a real kernel."""

from __future__ import annotations

import io

import numpy as np
import pytest

pytestmark = [pytest.mark.kernel, pytest.mark.slow]  # the libraries are not among the lowest versions

SETUP = """
import warnings; warnings.simplefilter("ignore")
import shap, lime.lime_tabular
from sklearn.ensemble import RandomForestRegressor
rows = pd.DataFrame(np.random.default_rng(0).standard_normal((60, 4)), columns=list("abcd"))
forest = RandomForestRegressor(5, random_state=0).fit(rows, rows.a + 2 * rows.b)
explainer = shap.TreeExplainer(forest)
values = explainer(rows)
"""
FORCE = "shap.initjs()\nforce = shap.force_plot(explainer.expected_value, values.values[:20], rows.iloc[:20])\nforce"
LIME = """
tabular = lime.lime_tabular.LimeTabularExplainer(rows.values, feature_names=list("abcd"), mode="regression")
reason = tabular.explain_instance(rows.values[0], forest.predict, num_features=3)
"""


def test_what_shap_and_lime_show_and_give_is_in_the_run(kernel, stored, read):
    kernel.ok(SETUP)
    kernel.ok(FORCE)
    kernel.ok("shap.plots.waterfall(values[0], show=False); plt.title('Waterfall'); plt.show()")
    kernel.ok("shap.plots.beeswarm(values, show=False); plt.title('Swarm'); plt.show()")
    kernel.ok(LIME)
    kernel.ok("figure = reason.as_pyplot_figure()")
    kernel.ok("%log_artifact values")
    kernel.ok("%log_artifact reason --name first")
    paths = [path for path in stored() if not path.startswith("lib/")]
    assert sorted(paths) == [
        "charts/force.html",
        "explanations/first.html",
        "explanations/values.npz",
        "figures/local-explanation.png",
        "figures/swarm.png",
        "figures/waterfall.png",
    ]
    own = kernel.evaluate("values.values.tobytes()")
    with np.load(io.BytesIO(read("explanations/values.npz")), allow_pickle=False) as arrays:
        assert arrays["values"].tobytes() == eval(own)
        assert arrays["feature_names"].tolist() == list("abcd")
        assert arrays["data"].shape == (60, 4)
    page = read("explanations/first.html").decode()
    assert "lime" in page
