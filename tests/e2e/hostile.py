"""Hostile artifacts of our own making: whatever runs in one of them marks the page or asks the server for a mark."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

MARK = "hacked-by-"


def script(name: str) -> str:
    """Code that leaves its mark wherever it may: in this page, in the one above, at the server."""
    tries = (f"window.hacked='{name}'", f"top.hacked='{name}'", f"fetch('/{MARK}{name}')")
    return "".join(f"try{{{each}}}catch(e){{}}" for each in tries)


def snippets(name: str) -> dict[str, str]:
    """Ways to run code, or to ask the server for something, from HTML."""
    code, at = script(name), f"/{MARK}{name}"
    return {
        "script": f"<script>{code}</script>",
        "module": f'<script type="module">{code}</script>',
        "outside": f'<script src="{at}"></script>',
        "image": f'<img src="{at}" onerror="{code}">',
        "svg": f'<svg onload="{code}"><script>{code}</script></svg>',
        "frame": f'<iframe src="javascript:{code}"></iframe><iframe src="{at}"></iframe>',
        "srcdoc": f"<iframe srcdoc=\"<script>parent.hacked='{name}'</script>\"></iframe>",
        "link": f'<a id="l" href="javascript:{code}">x</a><a href="{at}" ping="{at}" autofocus>y</a>',
        "form": f'<form action="{at}"><input autofocus onfocus="{code};this.form.submit()"></form>',
        "refresh": f'<meta http-equiv="refresh" content="0;url={at}">',
        "style": f'<link rel="stylesheet" href="{at}"><style>@import "{at}";body{{background:url({at})}}</style>',
        "object": f'<object data="{at}"></object><embed src="{at}"><applet code="{at}"></applet>',
        "base": f'<base href="/{MARK}{name}/"><img src="x.png">',
        "media": f'<video src="{at}" onerror="{code}" autoplay></video><audio src="{at}"></audio>',
        "details": f'<details open ontoggle="{code}"><summary>x</summary></details>',
        "ending": f"</body></html></iframe></textarea></style><script>{code}</script>",
        "leaving": "<script>location = '/api/contents?leaving-early'</script>",
        "preload": f'<link rel="preload" as="script" href="{at}"><link rel="prefetch" href="{at}">',
        "math": f'<math><mtext><table><mglyph><style><img src=x onerror="{code}"></style></mglyph></table></math>',
    }


def artifacts() -> dict[str, bytes]:
    """All of them: file name → bytes."""
    return dict(_all())


def _all() -> Iterator[tuple[str, bytes]]:
    for way, html in snippets("html").items():
        yield f"page-{way}.html", html.encode()
    for way, html in list(snippets("markdown").items())[:8]:
        yield (
            f"notes-{way}.md",
            f"# head\n\n{html}\n\n[x](javascript:{script('markdown')})\n\n![p](/{MARK}markdown)".encode(),
        )
    yield from _svgs()
    yield from _notebooks()
    yield from _texts()
    yield from _pictures()
    yield from _binaries()
    for i, name in enumerate(
        (f"<img src=x onerror={script('name').split('}')[0]}}}>.txt".replace("/", ""), '"onload="x".csv')
    ):
        yield f"{i}{name}", b"a,b\n1,2\n"


def _svgs() -> Iterator[tuple[str, bytes]]:
    head, code = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ', script("svg")
    yield "script.svg", f'{head}width="9" height="9" onload="{code}"><script>{code}</script></svg>'.encode()
    body = f'<body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="{code}"/></body>'
    yield "foreign.svg", f'{head}><foreignObject width="9" height="9">{body}</foreignObject></svg>'.encode()
    yield "outside.svg", f'{head}><image xlink:href="/{MARK}svg"/><use href="/{MARK}svg#a"/></svg>'.encode()
    yield "animate.svg", f'{head}><animate onbegin="{code}" attributeName="x" dur="1s"/></svg>'.encode()


def _notebooks() -> Iterator[tuple[str, bytes]]:
    ways, code = snippets("notebook"), script("notebook")
    outputs = {
        "html": {"text/html": [ways["script"], ways["image"], ways["ending"]]},
        "svg": {"image/svg+xml": ways["svg"]},
        "javascript": {"application/javascript": code, "text/plain": "x"},
        "markdown": {"text/markdown": ways["image"]},
        "picture": {"image/png": f'x" onerror="{code}'},
        "latex": {"text/latex": f"$\\href{{javascript:{code}}}{{x}}$ {ways['image']}"},
    }
    for kind, data in outputs.items():
        shown = {"output_type": "display_data", "data": data, "metadata": {"isolated": False}}
        cell = {"cell_type": "code", "source": ways["ending"], "metadata": {"trusted": True}, "outputs": [shown]}
        yield f"output-{kind}.ipynb", json.dumps({"cells": [cell], "nbformat": 4}).encode()
    yield "widgets.ipynb", json.dumps(_with_widgets(code)).encode()
    said = {"output_type": "stream", "name": ways["script"], "text": f"\x1b[31m{ways['image']}\x1b[0m"}
    cell = {"cell_type": "code", "source": "", "execution_count": ways["script"], "outputs": [said]}
    yield "stream.ipynb", json.dumps({"cells": [cell, {"cell_type": "raw", "source": ways["script"]}]}).encode()


def _with_widgets(code: str) -> dict[str, object]:
    """A notebook whose widget's model brings its own code, which is restored with the notebook."""
    module = {"_model_module": "anywidget", "_view_module": "anywidget"}
    module |= {"_model_module_version": "*", "_view_module_version": "*"}
    state = {**module, "_model_name": "AnyModel", "_view_name": "AnyView", "_anywidget_id": "evil"}
    state["_esm"] = f"{code}; export default {{ initialize() {{ {code} }}, render() {{ {code} }} }}"
    model = {"model_name": "AnyModel", "model_module": "anywidget", "model_module_version": "*", "state": state}
    kept = {"version_major": 2, "version_minor": 0, "state": {"evil": model}}
    view = {"application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": "evil"}}
    shown = {"output_type": "display_data", "data": view, "metadata": {}}
    cell = {"cell_type": "code", "source": "", "metadata": {"trusted": True}, "outputs": [shown]}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": kept}}
    return {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def _texts() -> Iterator[tuple[str, bytes]]:
    html = snippets("text")["image"]
    quoted = html.replace('"', '""')
    yield "cells.csv", f'"{quoted}",b\n"{quoted}","=cmd|calc"\n'.encode()
    yield "values.json", json.dumps({html: [html, {"__proto__": {"hacked": 1}}]}).encode()
    yield "lines.jsonl", (json.dumps({html: html}) + "\n").encode()
    yield "values.yaml", json.dumps({html: html}).encode()
    yield "values.toml", f"x = {json.dumps(html)}\n".encode()
    yield "train.log", f"\x1b]8;;javascript:{script('text')}\x07x\x1b]8;;\x07 \x1b[31m{html}\x1b[0m".encode()
    yield "code.py", f"# {html}\nx = '''{html}'''\n".encode()
    signature = json.dumps(json.dumps([{"name": html, "type": html}]))
    flavours = f"flavors:\n  {json.dumps(html)}: {{}}\n  python_function: {{python_version: {json.dumps(html)}}}\n"
    yield "MLmodel", f"{flavours}signature:\n  inputs: {signature}\n".encode()
    yield "requirements.txt", html.encode()


def _pictures() -> Iterator[tuple[str, bytes]]:
    html = snippets("picture")["script"].encode()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"tEXt", b"Title\0" + html) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    yield "metadata.png", b"\x89PNG\r\n\x1a\n" + header + body
    yield "page.png", html
    yield "polyglot.gif", b"GIF89a/*" + b"\0" * 8 + b"*/=1;" + html
    yield "comment.jpg", b"\xff\xd8\xff\xfe" + struct.pack(">H", len(html) + 2) + html + b"\xff\xd9"
    yield "page.pdf", html


def _binaries() -> Iterator[tuple[str, bytes]]:
    html = snippets("binary")["image"].replace("/", "")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(html, b"x")
    yield "names.zip", file.getvalue()
    yield "evil.pkl", pickle.dumps(_Evil())
    yield "bytes.bin", b"\0\1" + html.encode()


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (Path(f"{MARK}pickle"),))
