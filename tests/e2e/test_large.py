"""A folder of 100,000 artifacts in Chromium; its figures: ``MLART_LONG=1 pytest -s tests/e2e/test_large.py``."""

from __future__ import annotations

import threading
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from mlart_jupyter.models import RunRef
from mlart_jupyter.spool import Session, write_session
from mlart_jupyter.store import LocalStore

from .conftest import TOKEN

SIDEBAR = "#mlart-browser"
FILES = 100_000
ROWS = f"document.querySelectorAll('{SIDEBAR} [role=treeitem]').length"
CLICK = f"""() => new Promise(resolve => {{
  const rows = () => [...document.querySelectorAll('{SIDEBAR} [role=treeitem]')];
  const begun = performance.now();
  rows().find(row => row.title.startsWith('many')).click();
  const look = () => rows().some(row => row.title.startsWith('many/000000'))
    ? resolve(performance.now() - begun) : requestAnimationFrame(look);
  look();
}})"""
SCROLL = f"""async () => {{
  const tree = document.querySelector('{SIDEBAR} [role=tree]');
  const frames = [], counts = [];
  let last = performance.now();
  for (let i = 0; i < 180; i++) {{
    tree.scrollTop += 400;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
    counts.push({ROWS});
  }}
  frames.sort((a, b) => a - b);
  return {{ median: frames[90], p95: frames[171], worst: frames[179], rows: Math.max(...counts) }};
}}"""


def make_run(data, root, files):
    """A run of the embedded store with a folder of many files, and a notebook that it belongs to."""
    from mlflow.tracking import MlflowClient

    data.mkdir(exist_ok=True)
    uri = f"sqlite:///{data / 'mlflow.db'}"
    client = MlflowClient(uri)
    experiment = client.create_experiment(f"big-{time.time()}", artifact_location=(data / "big").as_uri())
    info = client.create_run(experiment, run_name="big").info
    folder = data / "big" / info.run_id / "artifacts"
    (folder / "many").mkdir(parents=True)
    for i in range(files):
        (folder / "many" / f"{i:06}.txt").write_bytes(b"x")
    ref = RunRef(info.run_id, uri, folder.as_uri(), experiment, "big")
    session = Session("20260101-000000-abcdef", "kernel-1", str(root / "big.ipynb"), "0" * 12, "python", {}, (ref,))
    write_session(data / "spool" / "sessions", session)
    return uri, experiment, info.run_id


@pytest.fixture
def big(server):
    """Such a run of 100,000 files."""
    from mlflow.tracking import MlflowClient

    uri, _, run_id = make_run(server.data, server.root, FILES)
    return MlflowClient(uri), run_id, LocalStore(server.data / "big" / run_id / "artifacts")


class Knocking(threading.Thread):
    """Asks the server for its status again and again: how long it does not answer at most."""

    def __init__(self, base):
        super().__init__(daemon=True)
        self.address, self.over, self.waits = f"{base}/api/status?token={TOKEN}", threading.Event(), []

    def run(self):
        while not self.over.wait(0.02):
            begun = time.perf_counter()
            urllib.request.urlopen(self.address, timeout=30).close()
            self.waits.append(time.perf_counter() - begun)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_hundred_thousand_files_in_one_folder(server, driver, page, write_notebook, big):
    client, run_id, store = big
    driver.open(write_notebook("big.ipynb", "1"))
    driver.command("mlart:open")
    sidebar = page.locator(SIDEBAR)
    sidebar.get_by_role("treeitem", name="many").wait_for(timeout=60_000)
    expect(sidebar.locator(".mlart-Header").get_by_text("running")).to_be_visible(timeout=120_000)  # MLflow is there

    knocking = Knocking(server.base)
    knocking.start()
    times = []
    for _ in range(3):
        times.append(page.evaluate(CLICK))
        sidebar.get_by_role("treeitem", name="many").first.click()
        expect(sidebar.get_by_role("treeitem")).to_have_count(1, timeout=30_000)
    page.evaluate(CLICK)
    scrolled = page.evaluate(SCROLL)
    driver.shot("12-large")
    knocking.over.set()
    knocking.join(30)

    begun = time.perf_counter()
    assert len(client.list_artifacts(run_id, "many")) == FILES
    theirs = time.perf_counter() - begun
    begun = time.perf_counter()
    assert len(store.page("many", None, 200).rows) == 200
    ours = time.perf_counter() - begun
    waits = sorted(knocking.waits)
    print(f"\nclick to first rows: {', '.join(f'{each:.0f}' for each in times)} ms; rows alive: {scrolled['rows']}")
    print(f"frames: median {scrolled['median']:.1f}, p95 {scrolled['p95']:.1f}, worst {scrolled['worst']:.1f} ms")
    print(f"server's answer to another request: median {waits[len(waits) // 2]:.3f}, worst {waits[-1]:.3f} s")
    print(f"MLflow's list_artifacts: {theirs:.2f} s; a first page of ours: {ours:.3f} s")
    assert times[0] < 1000
    assert scrolled["rows"] <= 200
