"""The JavaScript libraries that draw charts: found in the installed Python packages, never fetched.

Nothing here imports them: a page is made off the cell, perhaps in another process.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path

FOLDER = "lib"
"""The folder of a run that holds the scripts, each once."""
SECONDS = 120

NEWEST_VEGA = """
import sys, vl_convert
wanted = [v for v in vl_convert.get_vegalite_versions() if v.split(".")[0] == sys.argv[1]]
newest = max(wanted, key=lambda v: int(v.split(".")[1]), default=None)
text = vl_convert.javascript_bundle(vl_version=newest) if newest else vl_convert.javascript_bundle()
sys.stdout.buffer.write(text.encode())
"""


@dataclass(frozen=True, slots=True)
class Library:
    """One library.

    Attributes
    ----------
    package
        The Python package that holds the script, as pip knows it.
    module
        Its module.
    body
        The page's body; ``{spec}`` is where the specification goes.
    script
        How the names of its scripts begin.
    find
        From the version that a chart asks for to the script's name and the function that reads it.
    """

    package: str
    module: str
    body: str
    script: str
    find: Callable[[str], tuple[str, Callable[[], bytes]]]

    @property
    def is_here(self) -> bool:
        """Whether this interpreter has the package."""
        return _place(self.module) is not None


@cache
def _place(module: str) -> Path | None:
    """The folder of a package, without importing it."""
    try:
        spec = util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _folder(module: str) -> Path:
    place = _place(module)
    if place is None:
        raise FileNotFoundError(module)
    return place


def _plotly(wanted: str) -> tuple[str, Callable[[], bytes]]:
    file = _folder("plotly") / "package_data" / "plotly.min.js"
    with file.open("rb") as opened:
        found = re.search(rb"plotly\.js v([0-9.]+)", opened.read(400))
    version = found[1].decode() if found else metadata.version("plotly")
    return f"plotly-{version}.min.js", file.read_bytes


def _vega(wanted: str) -> tuple[str, Callable[[], bytes]]:
    _folder("vl_convert")
    major = wanted.partition(".")[0] or "newest"
    return f"vega-lite-{major}-of-{metadata.version('vl-convert-python')}.min.js", lambda: _newest_vega(major)


@cache
def _newest_vega(major: str) -> bytes:
    """Vega, Vega-Lite and Vega-Embed in one script; in a process of its own, for vl-convert holds the interpreter."""
    command = [sys.executable, "-c", NEWEST_VEGA, major]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=True)
    return done.stdout


BOKEH = ("bokeh", "bokeh-gl", "bokeh-widgets", "bokeh-tables")


def _bokeh(wanted: str) -> tuple[str, Callable[[], bytes]]:
    folder = _folder("bokeh") / "server" / "static" / "js"
    files = [folder / f"{name}.min.js" for name in BOKEH]
    return f"bokeh-{metadata.version('bokeh')}.min.js", lambda: b"\n".join(file.read_bytes() for file in files)


def _shap(wanted: str) -> tuple[str, Callable[[], bytes]]:
    file = _folder("shap") / "plots" / "resources" / "bundle.js"
    return f"shap-{metadata.version('shap')}.js", file.read_bytes


DRAW = """<div id="chart"></div>
<script type="application/json" id="spec">{spec}</script>
<script>
{  // names of our own: the library has some, too
const missing = "The script that draws this chart is not beside the page. Download the page alone, or the whole run.";
const tell = words => { document.getElementById("chart").textContent = words; };
try {
  const spec = JSON.parse(document.getElementById("spec").textContent);
  if (%(has)s) { %(draw)s } else tell(missing);
} catch (error) { tell(error); }
}
</script>
"""
PLOTLY = DRAW % {
    "has": "window.Plotly",
    "draw": 'Plotly.newPlot("chart", spec.data, spec.layout || {}, {responsive: true, ...spec.config})'
    '.then(() => spec.frames && Plotly.addFrames("chart", spec.frames)).catch(tell);',
}
VEGA = DRAW % {
    "has": "window.vegaEmbed",
    "draw": 'vegaEmbed("#chart", spec, {actions: {export: true, source: false, compiled: false, editor: false}})'
    ".catch(tell);",
}
BOKEH_BODY = DRAW % {
    "has": "window.Bokeh",
    "draw": "for (const item of spec.items) for (const id of Object.values(item.roots))"
    ' document.getElementById("chart").appendChild(Object.assign(document.createElement("div"), {id}));'
    " Bokeh.embed.embed_items(spec.docs, spec.items);",
}

LIBRARIES = {
    "plotly": Library("plotly", "plotly", PLOTLY, "plotly-", _plotly),
    "vega": Library("vl-convert-python", "vl_convert", VEGA, "vega-lite-", _vega),
    "bokeh": Library("bokeh", "bokeh", BOKEH_BODY, "bokeh-", _bokeh),
    "shap": Library("shap", "shap", "{spec}", "shap-", _shap),
}
