"""Charts of plotly, Altair and Bokeh: the specification that was shown, and a page that draws it."""

from __future__ import annotations

import json
import re
from typing import Any

from mlart_jupyter.models import File, Rendered
from mlart_jupyter.renderers.alike import BOKEH_IDS, PAGE_IDS, alike
from mlart_jupyter.renderers.base import Bundle, Limits, Skipped, joined
from mlart_jupyter.renderers.libraries import LIBRARIES
from mlart_jupyter.renderers.page import chart_file

FOLDER = "charts"
PLOTLY = "application/vnd.plotly.v1+json"
VEGA = re.compile(r"application/vnd\.vega(lite)?\.v(\d+)(\.\d+)*\+json")
BOKEH_SCRIPT, BOKEH_EXEC = "application/javascript", "application/vnd.bokehjs_exec.v0+json"
SHAP_LOGO = re.compile(r"<div align='center'><img src='data:image/png;base64,[^']*' /></div>")
"""What `shap.initjs` shows with its script."""
LINKED = "its data are linked, not kept: "
SHOWN_LINKS = 3


def render_plotly(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Skipped:
    """Keep a plotly figure, or the bundle of one."""
    if bundle and obj is not None and PLOTLY not in bundle and is_setup(bundle):
        return Skipped("plotly's own script, which the charts' pages have")
    shown = bundle.get(PLOTLY)
    text = _json(shown) if shown is not None else str(obj.to_json())
    spec = shown if isinstance(shown, dict) else json.loads(text)
    title = (spec.get("layout") or {}).get("title") or ""
    title = title.get("text") or "" if isinstance(title, dict) else str(title)
    return _chart("plotly", ".plotly.json", PLOTLY, text.encode(errors="replace"), re.sub("<[^>]*>", " ", title))


def render_vega(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep an Altair chart, or the bundle of one: Vega-Lite or Vega."""
    spec = _vega_spec(obj, bundle)
    schema = re.search(r"/(vega|vega-lite)/v([0-9.]+?)(?:\.json)?$", str(spec.get("$schema", "")))
    is_vega = bool(schema) and schema[1] == "vega"  # type: ignore[index]
    version = "" if is_vega or not schema else schema[2]
    major = version.partition(".")[0] or "5"
    suffix, media = (".vg.json", "vega.v") if is_vega else (".vl.json", "vegalite.v")
    title = spec.get("title") or ""
    title = title.get("text") or "" if isinstance(title, dict) else title
    title = " ".join(title) if isinstance(title, list) else str(title)
    links = sorted({url for url in _urls(spec) if not url.startswith("data:")})[:SHOWN_LINKS]
    data = _json(spec).encode(errors="replace")
    note = LINKED + ", ".join(links) if links else None
    return _chart("vega", suffix, f"application/vnd.{media}{major}+json", data, title, version, note)


def _vega_spec(obj: Any, bundle: Bundle) -> dict[str, Any]:
    shown = next((value for kind, value in bundle.items() if VEGA.fullmatch(kind)), None)
    if isinstance(shown, dict):
        return shown
    if isinstance(shown, str):
        return dict(json.loads(shown))
    return _in_page(bundle.get("text/html", "")) or dict(obj.to_dict())


def _in_page(page: str) -> dict[str, Any] | None:
    """The specification inside the HTML that Altair shows by default."""
    start = page.find("})({")
    try:
        spec, _ = json.JSONDecoder().raw_decode(page, start + len("})("))
    except ValueError:
        return None
    return spec if start >= 0 and isinstance(spec, dict) else None


def _urls(spec: Any) -> list[str]:
    """Where a specification reads its data, in any of its layers."""
    if isinstance(spec, list):
        return [url for part in spec if isinstance(part, dict) for url in _urls(part)]
    data = spec.get("data")
    own = [data["url"]] if isinstance(data, dict) and isinstance(data.get("url"), str) else []
    own += _urls(data) if isinstance(data, list) else []
    own += [spec["url"]] if isinstance(spec.get("url"), str) and isinstance(spec.get("name"), str) else []
    parts = [spec.get(name) for name in ("layer", "hconcat", "vconcat", "concat", "spec")]
    return own + [url for part in parts if isinstance(part, (dict, list)) for url in _urls(part)]


def render_bokeh(obj: Any, bundle: Bundle, limits: Limits) -> Rendered | Skipped:
    """Keep what ``bokeh.io.show`` publishes: a script that holds the document."""
    script = str(bundle.get(BOKEH_SCRIPT, ""))
    docs, items = _after(script, "const docs_json = "), _after(script, "const render_items = ")
    if not isinstance(docs, dict) or not isinstance(items, list):
        return Skipped("a Bokeh script without a document; bokeh.plotting.save writes a page, %log_artifact keeps it")
    data = _json({"docs": docs, "items": items}).encode(errors="replace")
    return _chart("bokeh", ".bokeh.json", "application/json", data, "")


def _after(script: str, words: str) -> Any:
    start = script.find(words)
    try:
        return json.JSONDecoder().raw_decode(script, start + len(words))[0] if start >= 0 else None
    except ValueError:
        return None


def render_shap(obj: Any, bundle: Bundle, limits: Limits) -> Rendered:
    """Keep a SHAP plot that its own script draws (force plots)."""
    shown = bundle.get("text/html") or obj.html()
    return _chart("shap", "", "", str(shown).encode(errors="replace"), "")


def _chart(
    library: str, suffix: str, media_type: str, spec: bytes, title: str, version: str = "", note: str | None = None
) -> Rendered:
    names = {"bokeh": BOKEH_IDS, "shap": PAGE_IDS}.get(library)
    same = alike(spec.decode(), names) if names else ""
    files = [File(suffix, media_type, spec, alike=same)] if suffix else []
    missing = None if LIBRARIES[library].is_here else f"no page: {LIBRARIES[library].package} is not installed"
    if not missing or not files:
        files.append(chart_file(library, spec, title, version, same))
    return Rendered("chart", FOLDER, tuple(files), title.strip(), note=joined([missing, note]))


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_setup(bundle: Bundle) -> bool:
    """Whether a bundle's HTML is scripts and styles alone: what a library loads before it shows something."""
    text = bundle.get("text/html")
    if not isinstance(text, str):
        return False
    return not SHAP_LOGO.sub("", _without_code(text.lower())).strip()


def _without_code(text: str) -> str:
    """The text without scripts, styles and comments; by `find`, for such a text may have megabytes."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")):
        kept, at = [], 0
        while (start := text.find(opening, at)) >= 0:
            kept.append(text[at:start])
            end = text.find(closing, start)
            at = end + len(closing) if end >= 0 else len(text)
        text = "".join(kept) + text[at:]
    return re.sub(r"<(?:meta|link)\b[^>]*>", "", text)
