"""Loading, unloading, dying, and what the next kernel finds."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.kernel

STATE = """
import sys
def state(ip=get_ipython()):
    hooks = sys.modules["matplotlib"].rcParams["figure.hooks"] if "matplotlib" in sys.modules else []
    return (
        [vars(x).get(n) for x, n in ((ip.display_formatter, "format"), (ip.display_pub, "publish"),
                                     (ip.displayhook, "write_format_data"))],
        sorted(ip.magics_manager.magics["line"]), sorted(ip.magics_manager.magics["cell"]),
        {e: list(c) for e, c in ip.events.callbacks.items()},
        list(ip.configurables), sorted(ip.magics_manager.registry), list(sys.meta_path), list(hooks),
        sorted(ip.strdispatchers["complete_command"].strs) if "complete_command" in ip.strdispatchers else [],
    )
before = state()
"""


def mlart(data, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "mlart_jupyter", *arguments],
        env={**os.environ, "MLART_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_loading_imports_no_heavy_library(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter")
    heavy = "[m for m in ('mlflow', 'pandas', 'matplotlib', 'pyarrow', 'numpy') if m in __import__('sys').modules]"
    assert kernel.evaluate(heavy) == "[]"


def test_loading_says_one_line(start_kernel):
    assert start_kernel().ok("%load_ext mlart_jupyter").text.count("\n") == 1


def test_unloading_leaves_the_kernel_as_it_was(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext autoreload\nimport matplotlib.pyplot as plt; plt.plot([1]); plt.show()")  # both load lazily
    kernel.ok(STATE)
    kernel.ok("%load_ext mlart_jupyter")
    kernel.ok("plt.plot([1]); plt.show()")
    kernel.ok("%unload_ext mlart_jupyter")
    assert kernel.evaluate("[a == b for a, b in zip(before, state())]") == str([True] * 9)


def test_loading_twice_keeps_once(start_kernel, data):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%reload_ext mlart_jupyter\n%load_ext mlart_jupyter\n%mlart start r")
    kernel.ok("import pandas as pd\npd.DataFrame({'a': [1]})")
    assert "kept 1" in kernel.ok("%mlart flush\n%mlart").text


AWAY = """
from mlart_jupyter.errors import StoreUnavailable
from mlart_jupyter.store.local import LocalStore
put_new = LocalStore.put_new
def away(*request):
    raise StoreUnavailable("It is away", "Wait")
LocalStore.put_new = away
"""


def test_what_waits_at_unloading_is_delivered_after_the_next_loading(start_kernel, data):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r\n%config Mlart.flush_seconds = 0.5")
    kernel.ok(AWAY + "import mlart_jupyter\nmlart_jupyter.log({'a': 1}, 'one.json')")
    assert "wait in the spool" in kernel.ok("%unload_ext mlart_jupyter").text
    kernel.ok("LocalStore.put_new = put_new\n%load_ext mlart_jupyter")
    end = time.monotonic() + 60
    while "earlier session" in kernel.ok("%mlart flush").text and time.monotonic() < end:
        time.sleep(0.1)  # another process delivers them, one by one
    while not (found := list(data.rglob("one.json"))) and time.monotonic() < end:
        time.sleep(0.1)
    assert found
    assert "earlier session" not in kernel.ok("%mlart flush").text


def test_a_flush_tells_what_others_have_left(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r\n%config Mlart.flush_seconds = 0.5")
    kernel.ok(AWAY + "import mlart_jupyter\nmlart_jupyter.log({'a': 1}, 'one.json')")
    kernel.ok("%unload_ext mlart_jupyter")
    text = kernel.ok("%load_ext mlart_jupyter\n%mlart flush").text
    assert "an earlier session left" in text


def test_the_embedded_store_is_in_the_data_folder(start_kernel, data):
    kernel = start_kernel("other folder")
    assert str(data) in kernel.ok("%load_ext mlart_jupyter\n%mlart start").text
    kernel.ok("import os; os.makedirs('deep'); os.chdir('deep')\nimport pandas as pd")
    kernel.ok("pd.DataFrame({'a': [1]})")
    kernel.ok("%mlart flush")
    assert (data / "mlflow.db").exists()
    assert list((data / "artifacts").rglob("*.parquet"))
    kept = [path for path in (data.parent / "other folder").rglob("*") if path.is_file()]
    assert kept == []  # MLflow 2 makes an empty mlruns folder by itself


def test_a_configured_store_is_used(start_kernel, data, tmp_path):
    uri = f"sqlite:///{tmp_path / 'own.db'}"
    kernel = start_kernel(MLFLOW_TRACKING_URI=uri)
    assert uri in kernel.ok("%load_ext mlart_jupyter\n%mlart start mine").text
    assert not (data / "mlflow.db").exists()


SHOW = {
    "figure": "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('last words');",
    "frame of 1 MB": "import numpy as np, pandas as pd; pd.DataFrame(np.zeros((13_000, 10)))",
}


@pytest.mark.parametrize("shown", SHOW)
def test_what_a_killed_kernel_showed_is_delivered_once(start_kernel, data, shown):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start doomed")
    # The worker is held up, as by a slow store, so that the item is in the spool when the kernel dies.
    kernel.ok("from mlart_jupyter.uploads import worker; worker.SETTLE_SECONDS = 60")
    result = kernel.ok(SHOW[shown])
    kernel.kill()
    assert len(list((data / "spool").rglob("*.item"))) == 1
    assert mlart(data, "flush").returncode == 0
    assert mlart(data, "flush").returncode == 0
    listing = mlart(data, "ls", "--run", "doomed").stdout
    assert listing.count(".png") + listing.count(".parquet") == 1
    assert f"cell [{result.count}]" in listing
    assert not list((data / "spool").rglob("*.item"))


def test_the_next_kernel_delivers_what_a_killed_one_left(start_kernel, data):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start doomed")
    kernel.ok("from mlart_jupyter.uploads import worker; worker.SETTLE_SECONDS = 60")
    kernel.ok(SHOW["figure"])
    kernel.kill()
    start_kernel("next").ok("%load_ext mlart_jupyter")
    end = time.monotonic() + 60
    while list((data / "spool").rglob("*.item")) and time.monotonic() < end:
        time.sleep(0.2)
    assert "last-words.png" in mlart(data, "ls", "--run", "doomed").stdout


def test_shutting_down_delivers_what_waits(start_kernel, data):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start closing")
    kernel.ok(SHOW["figure"])
    kernel.stop()
    assert not list((data / "spool").rglob("*.item"))


def test_an_unwritable_spool_is_one_line_and_breaks_no_cell(start_kernel, data):
    kernel = start_kernel()
    data.mkdir()
    (data / "spool").write_text("a file where the spool should be")
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r")
    result = kernel.run(SHOW["figure"])
    assert result.status == "ok"
    assert result.pictures
    assert "cannot be written" in result.text
    assert result.text.count("\n") == 1


def test_what_hooks_do_not_need_is_not_imported_before_it_is_asked_for():
    code = "import sys, mlart_jupyter.kernel.extension; print(*sys.modules)"
    found = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    late = {"mlflow", "pandas", "pyarrow", "matplotlib", "anywidget", "psutil"}
    late |= {f"mlart_jupyter.{name}" for name in ("uploads", "outgoing", "redaction", "browser", "renderers.frame")}
    assert found & late == set()
