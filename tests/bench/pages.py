"""What the sidebar costs JupyterLab at its start, and a folder of many files in it and on MLflow's own page.

    python -m tests.bench pages [ROUNDS [FILES]]

In headless Chromium, with warm caches. The start is the time from the navigation until JupyterLab is restored and
its launcher is drawn, with and without the extension (sidebar and server half), in turn; of it, the processor time
of the page's main thread, which other processes disturb less. The folder is opened
at most three times, each in a fresh page: from the click until its first rows are drawn. Prints Markdown.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLong

from tests.e2e.conftest import CHROMIUM, TOKEN, Server
from tests.e2e.test_large import CLICK, SIDEBAR, make_run

LONGEST = 180
"""Seconds after which a page is given up."""
START = """(() => {
  const drawn = () => document.querySelector('.jp-Launcher-body')
    ? (window.startedAfter = performance.now()) : requestAnimationFrame(drawn);
  const look = () => window.jupyterapp ? window.jupyterapp.restored.then(drawn) : setTimeout(look, 2);
  look();
})()"""
FOLDER = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.textContent.trim() === 'many').pop()"""
THEIRS = f"""() => new Promise(resolve => {{
  const begun = performance.now();
  ({FOLDER})().click();
  const drawn = () => {{
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.data.includes('000000.txt')) return true;
  }};
  const look = () => drawn()
    ? resolve([performance.now() - begun, document.querySelectorAll('*').length]) : setTimeout(look, 10);
  look();
}})"""
OURS = f"async () => [await ({CLICK})(), document.querySelectorAll('{SIDEBAR} *').length]"


def lab(folder: Path, *, ours: bool) -> Server:
    """A JupyterLab of its own, with or without the extension."""
    if not ours:
        pages = folder / "config" / "labconfig"
        pages.mkdir(parents=True)
        (pages / "page_config.json").write_text('{"disabledExtensions": {"@mlart/labextension": true}}')
        off = '{"ServerApp": {"jpserver_extensions": {"mlart_jupyter": false}}}'
        (folder / "config" / "jupyter_server_config.json").write_text(off)
    return Server("lab", folder)


@contextmanager
def mlflow(uri: str, folder: Path) -> Iterator[str]:
    """MLflow's own pages of a store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--port", str(port)]
    command += ["--workers", "1", "--default-artifact-root", str(folder / "theirs")]
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "mlflow.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}/health", folder / "mlflow.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(log.read_text())


def start(session: CDPSession, page: Page, server: Server) -> tuple[float, float]:
    """Milliseconds until JupyterLab has started, and those of the main thread's processor."""
    page.goto("about:blank")
    before = _busy(session)
    page.goto(f"{server.base}/lab?reset&token={TOKEN}")
    page.wait_for_function("() => window.startedAfter", timeout=LONGEST * 1000)
    return float(page.evaluate("() => window.startedAfter")), _busy(session) - before


def _busy(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def starts(browser: Browser, folder: Path, rounds: int) -> None:
    """The table of the start."""
    servers = [lab(_folder(folder / name), ours=name == "with") for name in ("with", "without")]
    try:
        pages = [browser.new_context(viewport={"width": 1400, "height": 900}).new_page() for _ in servers]
        sessions = [page.context.new_cdp_session(page) for page in pages]
        sides: list[list[tuple[float, float]]] = [[], []]
        for session, page, server in zip(sessions, pages, servers, strict=True):
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.add_init_script(START)
            start(session, page, server)  # what the browser keeps, it has now
        for each in range(rounds):
            for side in (0, 1) if each % 2 else (1, 0):
                sides[side].append(start(sessions[side], pages[side], servers[side]))
        for page, has in zip(pages, (True, False), strict=True):
            assert page.evaluate("() => window.jupyterapp.hasPlugin('@mlart/labextension:plugin')") is has
    finally:
        for server in servers:
            server.stop()
    print(
        f"| JupyterLab's start, ms, {rounds} in turn | with | without | difference of medians | median of differences |"
    )
    print("|---|---|---|---|---|")
    for which, name in enumerate(("until the launcher is there", "processor of the main thread")):
        has, lacks = ([each[which] for each in side] for side in sides)
        pairs = statistics.median(a - b for a, b in zip(has, lacks, strict=True))
        a, b = statistics.median(has), statistics.median(lacks)
        print(f"| {name} | {a:.0f} | {b:.0f} | {a - b:+.0f} | {pairs:+.0f} |")
    print()


def folders(browser: Browser, folder: Path, rounds: int, files: int) -> None:
    """The table of the large folder."""
    server = lab(_folder(folder / "large"), ours=True)
    try:
        uri, experiment, run = make_run(server.data, server.root, files)
        print(f"| {files:,} files in one folder | click to first rows, ms | nodes in the page |")
        print("|---|---|---|", flush=True)
        _row("our sidebar", [_ours(browser, server) for _ in range(rounds)])
        with mlflow(uri, folder) as base:
            address = f"{base}/#/experiments/{experiment}/runs/{run}/artifacts"
            _row("MLflow's own page", [_theirs(browser, address) for _ in range(rounds)])
    finally:
        server.stop()


def _ours(browser: Browser, server: Server) -> list[float] | None:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    (server.root / "big.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    page.goto(server.address("big.ipynb"))
    page.wait_for_function("() => window.jupyterapp", timeout=60_000)
    page.evaluate("async () => { await jupyterapp.restored; await jupyterapp.commands.execute('mlart:open'); }")
    page.locator(SIDEBAR).get_by_role("treeitem", name="many").wait_for(timeout=120_000)
    page.locator(f"{SIDEBAR} .mlart-Header").get_by_text("running").wait_for(timeout=120_000)  # MLflow is imported
    return _asked(page, OURS)


def _theirs(browser: Browser, address: str) -> list[float] | None:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(address)
    page.wait_for_function(FOLDER, timeout=120_000)
    return _asked(page, THEIRS)


def _asked(page: Page, script: str) -> list[float] | None:
    page.set_default_timeout(LONGEST * 1000)
    try:
        page.evaluate(f"() => {{ ({script})().then(found => window.foundAfter = found); }}")
        page.wait_for_function("() => window.foundAfter")
        found: list[float] = page.evaluate("() => window.foundAfter")
        return found
    except TooLong:
        return None
    finally:
        page.context.close()


def _row(name: str, found: list[list[float] | None]) -> None:
    told = [each for each in found if each]
    if not told:
        print(f"| {name} | none within {LONGEST} s | |", flush=True)
        return
    times = ", ".join(f"{each[0]:.0f}" for each in told)
    print(f"| {name} | {times} | {statistics.median(each[1] for each in told):.0f} |", flush=True)


def main(rounds: int = 20, files: int = 100_000) -> None:
    """Measure both."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("there is no chromium")
        return
    with tempfile.TemporaryDirectory() as text, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        starts(browser, Path(text), rounds)
        folders(browser, Path(text), min(rounds, 3), files)
        browser.close()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
