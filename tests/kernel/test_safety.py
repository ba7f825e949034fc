"""What the hooks must never do: raise into a cell, change it, keep things alive, leave things behind, cross a fork."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module", autouse=True)
def untraced() -> Iterator[None]:
    """Kernels without a tracer: an interrupt that strikes it inside its own lock leaves that locked for good."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS")]:
            patch.delenv(name)
        yield


FIGURE = "plt.figure(figsize=(1, 1)); plt.plot([1, 2])"

# -- never raises ---------------------------------------------------------------------------------

BREAK = {
    "renderer": "from mlart_jupyter.renderers import figure, SHOWN\nbefore = SHOWN.copy()\n"
    "def odd(*a): raise RuntimeError('odd')\nSHOWN.update({k: (v[0], odd) for k, v in SHOWN.items()})",
    "spool": "from mlart_jupyter.spool import Spool\nput = Spool.put\n"
    "def full(*a, **k):\n    from mlart_jupyter.errors import SpoolUnavailable\n"
    "    raise SpoolUnavailable('The spool is full', 'Free it')\nSpool.put = full",
    "choice of the run": "from mlart_jupyter.kernel.runs import RunChoice\nof = RunChoice.of\n"
    "def odd(*a): raise RuntimeError('odd')\nRunChoice.of = odd",
    "clear": "from mlart_jupyter.kernel.live import Live\ncleared = Live.cleared\n"
    "def odd(*a): raise RuntimeError('odd')\nLive.cleared = odd",
    "name": "from mlart_jupyter.kernel import cell\nhint = cell.hint\n"
    "def odd(*a, **k): raise RuntimeError('odd')\ncell.hint = odd",
    "births": "from mlart_jupyter.kernel import births\nactive_id = births.tracking.active_id\n"
    "def odd(*a): raise RuntimeError('odd')\nbirths.tracking.active_id = odd",
}
MEND = {
    "renderer": "SHOWN.update(before)",
    "spool": "Spool.put = put",
    "choice of the run": "RunChoice.of = of",
    "clear": "Live.cleared = cleared",
    "name": "cell.hint = hint",
    "births": "births.tracking.active_id = active_id",
}
SHOWS = (
    f"from IPython.display import clear_output\nh = display(pd.DataFrame({{'a': [1]}}), display_id=True)\n"
    f"h.update(pd.DataFrame({{'a': [2]}})); clear_output(wait=True); {FIGURE}; plt.show(); {FIGURE}\npd.Series([1])"
)


@pytest.mark.parametrize("part", BREAK)
def test_a_part_that_fails_breaks_no_cell(kernel, part):
    kernel.ok(BREAK[part])
    try:
        result = kernel.run(SHOWS)
    finally:
        kernel.ok(MEND[part])
    assert result.status == "ok"
    assert len(result.displays) == 5
    assert "Traceback" not in result.text


# -- never changes what the cell shows ------------------------------------------------------------

CELLS = [
    "import matplotlib.pyplot as plt, numpy as np, pandas as pd\nfrom IPython.display import *",
    f"{FIGURE}; plt.title('t');",
    f"{FIGURE}; plt.show(); print('after')",
    "fig = plt.figure(figsize=(1, 1)); plt.plot([1, 2])\nfig",
    "pd.DataFrame({'a': [1, 2]})",
    "display(pd.Series([1, 2]), pd.DataFrame({'a': ['x']}).style.set_uuid('u'))",
    "display({'text/plain': 'raw', 'text/html': '<b>raw</b>'}, raw=True, metadata={'mine': 1})",
    "h = display(pd.DataFrame({'a': [1]}), display_id='d'); h.update(pd.DataFrame({'a': [2]}))",
    "for i in range(3):\n    clear_output(wait=True); display(pd.DataFrame({'a': [i]}))",
    "class Own:\n    def _ipython_display_(self): display(HTML('<i>own</i>'))\nOwn()",
    "class Rich:\n    def _repr_mimebundle_(self, **k): return {'text/plain': 'r', 'text/html': 'R'}, {'x': 1}\nRich()",
    "class Broken:\n    def _repr_html_(self): raise ValueError('odd')\n    def __repr__(self): return 'odd'\nBroken()",
    "print('out'); import sys; print('err', file=sys.stderr); 1 / 0",
    "def f(:",
    "_, __, Out.keys() if False else len(Out)",
    "%%capture got\ndisplay(pd.DataFrame({'a': [1]})); print('x')",
    "got.show()",
    "5;",
    "display(HTML('<b>x</b>'), Markdown('# m'), JSON({'a': 1}), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))",
    "get_ipython().display_formatter.format(pd.DataFrame({'a': [1]}))",
]


DIFFERS = ("mlart", "execution_count", "traceback")
"""How many lines around an error IPython 8 shows is not ours to keep equal; its name and words are."""


def told(result):
    """What a front end got, without what differs from kernel to kernel, and without our mark."""
    return [(output["msg_type"], plain(output["content"])) for output in result.outputs]


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in DIFFERS}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return re.sub(r"0x[0-9a-f]+|In\[\d+\]|ipykernel_\d+/\d+", "…", value) if isinstance(value, str) else value


def test_a_cell_shows_the_same_with_and_without_us(start_kernel):
    without, with_us = start_kernel("without"), start_kernel("with")
    with_us.ok("%load_ext mlart_jupyter\n%mlart start same")
    without.ok("pass")
    marks = 0
    for cell in CELLS:
        ours = with_us.run(cell)
        assert told(ours) == told(without.run(cell))
        marks += len(ours.marks)
    assert marks >= 10


# -- never keeps anything alive -------------------------------------------------------------------

ALIVE = {
    "shown": "plt.show(); display(df)",
    "swallowed": "get_ipython().run_cell_magic('capture', 'got', 'plt.show(); display(df)')",
    "last expression": "plt.show()\ndf",
    "redrawn": "for x in (fig, df): h = display(x, display_id=True); h.update(x)\nx = None; plt.close()",
}


@pytest.mark.parametrize("way", ALIVE)
def test_nothing_is_kept_alive_after_its_delivery(kernel, way):
    kernel.ok(
        "import gc, weakref\nfig = plt.figure(figsize=(1, 1)); plt.plot([1, 2])\n"
        f"df = pd.DataFrame(np.zeros((200_000, 2))); refs = weakref.ref(fig), weakref.ref(df)\n{ALIVE[way]}"
    )
    kernel.ok("%mlart flush")
    # IPython's own names for the last expressions go first.
    kernel.ok("del fig, df; Out.clear(); _ = __ = ___ = _i = None; get_ipython().displayhook.flush(); plt.close('all')")
    kernel.ok("for name in [n for n in globals() if n[:1] == '_' and n[1:].isdigit()]: del globals()[name]")
    kernel.ok("_ = gc.collect()")
    assert kernel.evaluate("[ref() is None for ref in refs]") == "[True, True]"


# -- leaves nothing behind ------------------------------------------------------------------------

STATE = """
import os, sys, threading, warnings
def state(ip=get_ipython()):
    import matplotlib
    return (
        [sorted({*vars(x)} - {"msg"}) for x in (ip.display_formatter, ip.display_pub, ip.displayhook)],
        sorted(ip.magics_manager.magics["line"]), sorted(ip.magics_manager.magics["cell"]),
        {e: list(c) for e, c in ip.events.callbacks.items()},
        list(ip.configurables), sorted(ip.magics_manager.registry), list(sys.meta_path), dict(matplotlib.rcParams),
        sorted(ip.strdispatchers["complete_command"].strs) if "complete_command" in ip.strdispatchers else [],
        sorted(t.name for t in threading.enumerate() if t.name.startswith("mlart")), list(warnings.filters),
        sys.excepthook, sys.displayhook, sys.stdout, sys.stderr, threading.excepthook,
        list(ip.input_transformers_cleanup),
        {k: v for k, v in os.environ.items() if k.startswith(("MLART", "MPL", "PYTHON"))},
    )
"""


def test_unloading_after_use_leaves_nothing_behind(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext autoreload\nimport pandas as pd, matplotlib.pyplot as plt, mlflow; plt.plot([1]); plt.show()")
    kernel.ok(f"{STATE}\nbefore = state()")
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r")
    kernel.ok("import gc, weakref; from mlart_jupyter.kernel import extension\nshell = get_ipython()")
    kernel.ok("gone = weakref.ref(extension._loaded[id(shell)]); fig = plt.figure(); plt.plot([1])")
    kernel.ok(SHOWS)
    kernel.ok("%%log_artifact\nopen('x.txt', 'w').write('x')")
    kernel.ok("mlflow.end_run()\n%unload_ext mlart_jupyter")
    kernel.ok("for t in threading.enumerate(): t.name.startswith('mlart') and t.join(60)")
    assert eval(kernel.evaluate("[a == b for a, b in zip(before, state())]")) == [True] * 18
    assert kernel.evaluate("fig.stale_callback is None") == "True"
    kernel.ok("_ = gc.collect()")
    assert kernel.evaluate("gone() is None") == "True"
    assert kernel.evaluate("__import__('mlart_jupyter.kernel.gather').kernel.gather._watcher is None") == "True"


def test_a_wrapper_that_another_tool_laid_over_ours_goes_on(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\nimport pandas as pd")
    kernel.ok(
        "pub = get_ipython().display_pub; inner = pub.publish; count = []\n"
        "def outer(*a, **k):\n    count.append(1); return inner(*a, **k)\npub.publish = outer"
    )
    kernel.ok("%unload_ext mlart_jupyter")
    result = kernel.ok("display(pd.DataFrame({'a': [1]}))\nlen(count)")
    assert (len(result.displays), result.marks, result.value) == (2, [], "1")


# -- survives -------------------------------------------------------------------------------------


def test_a_reset_changes_nothing(kernel, stored):
    kernel.ok("keep = 1\n%reset -f")
    kernel.ok(
        "import matplotlib.pyplot as plt, pandas as pd, numpy as np, mlflow, mlart_jupyter\nrun = mlflow.active_run()"
    )
    kernel.ok(f"{FIGURE}; plt.title('t')\npd.DataFrame({{'a': [1]}})")
    assert len(stored()) == 2


def test_reloading_the_module_and_the_extension_keeps_once(kernel, stored):
    kernel.ok("import importlib; _ = importlib.reload(mlart_jupyter)")
    kernel.ok(f"{FIGURE}; plt.title('one')")
    kernel.ok("%mlart flush")  # a slow machine may need longer than the unloading waits
    kernel.ok("%reload_ext mlart_jupyter\n%load_ext mlart_jupyter")
    kernel.ok(f"{FIGURE}; plt.title('two')")
    figures = [path for path in stored() if path.startswith("figures/")]
    assert figures == ["figures/one.png", "figures/two.png"]


INTERRUPTS = """
import os, random, signal
from mlart_jupyter.kernel.extension import _loaded
[extension] = _loaded.values()
seen, hits = extension.capture._seen, 0
def struck(*args):
    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.00005, 0.003))
        return seen(*args)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0); signal.signal(signal.SIGALRM, before)
fig = plt.figure(figsize=(1, 1)); [line] = plt.plot([1, 2]); plt.title('struck'); plt.close(fig)
extension.capture._seen = struck
for i in range(100):
    line.set_ydata([i, 1])
    try:
        display(fig)
    except KeyboardInterrupt:
        hits += 1
extension.capture._seen = seen
"""


def test_interrupts_inside_a_capture_tear_nothing(kernel, stored, read):
    result = kernel.ok(INTERRUPTS)
    assert int(kernel.evaluate("hits")) > 0
    last = kernel.ok("line.set_ydata([-1, 1]); display(fig)").pictures
    kept = {read(path) for path in stored()}
    assert {*result.pictures, *last} <= kept
    kernel.ok("spool = __import__('mlart_jupyter.services').services.current().spool")
    assert kernel.evaluate("spool.check()") == "[]"
    assert kernel.evaluate("{file.suffix for file in (spool.root / 'tmp').iterdir()} <= {'.spare'}") == "True"  # empty
    assert kernel.evaluate("signal.getsignal(signal.SIGINT) is signal.default_int_handler") == "True"


def test_what_was_interrupted_is_kept_when_it_is_shown_again(kernel, stored):
    kernel.ok(
        "from mlart_jupyter.spool import Spool\nput = Spool.put\n"
        "def struck(*a, **k): raise KeyboardInterrupt\nSpool.put = struck"
    )
    show = "fig = plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.title('t'); plt.close(fig)\ndisplay(fig)"
    assert "KeyboardInterrupt" in kernel.run(show).error
    kernel.ok("Spool.put = put")
    kernel.ok("display(fig)")
    assert stored() == ["figures/t.png"]


FORKS = {
    "os.fork": (
        "import os\npid = os.fork()\nif pid == 0:\n    try:\n        show('child')\n    finally:\n        os._exit(0)\n"
        "assert os.waitpid(pid, 0)[1] == 0"
    ),
    "multiprocessing": (
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    pool.map(show, ['child', 'other child'])"
    ),
    "joblib": (
        "import joblib\njoblib.Parallel(2, backend='multiprocessing')(joblib.delayed(show)('child') for i in range(2))"
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", FORKS)
def test_a_forked_child_keeps_nothing_and_the_parent_goes_on(kernel, stored, way):
    pytest.importorskip("joblib")  # scikit-learn brings it
    kernel.ok("import warnings; warnings.simplefilter('ignore')")
    kernel.ok(
        "import mlart_jupyter\ndef show(word):\n"
        "    plt.figure(figsize=(1, 1)); plt.plot([1, 2]); plt.title(word); plt.show()\n"
        "    display(pd.DataFrame({word: [1]}), display_id='f'); display(pd.DataFrame({word: [2]}), display_id='f')\n"
        "show('parent')"
    )
    assert kernel.run(FORKS[way]).status == "ok"
    kernel.ok("show('after')")
    assert not [path for path in stored() if "child" in path]
    assert len([path for path in stored() if path.startswith("figures/")]) == 2


def test_what_a_forked_child_logs_by_hand_is_not_lost(kernel, stored):
    kernel.ok(
        "display(pd.DataFrame({'a': [1]}))\nspool = __import__('mlart_jupyter.services').services.current().spool"
    )
    kernel.ok(
        "import os, warnings; warnings.simplefilter('ignore')\npid = os.fork()\nif pid == 0:\n    try:\n"
        "        mlart_jupyter.log({'a': 1}, 'child.json', run=run.info.run_id); os._exit(0)\n"
        "    finally:\n        os._exit(1)\nassert os.waitpid(pid, 0)[1] == 0"
    )
    waits = int(kernel.evaluate("len([name for name in spool.waiting() if name.owner != spool.owner.token])"))
    assert waits + stored().count("child.json") >= 1


# -- the right cell, on every IPython -------------------------------------------------------------


def test_each_artifact_names_its_cell_and_its_number(kernel):
    results = {
        f"cell-{way}": kernel.ok(code, f"cell-{way}")
        for way, code in {
            "show": f"{FIGURE}; plt.title('show'); plt.show()",
            "flush": f"{FIGURE}; plt.title('flush')",
            "result": "pd.DataFrame({'result': [1]})",
            "live": "h = display(pd.DataFrame({'live': [1]}), display_id=True)\nh.update(pd.DataFrame({'live': [2]}))",
        }.items()
    }
    kernel.ok("%mlart flush")
    kernel.ok("entries = [row.entry for row in mlart_jupyter.artifacts(run.info.run_id).walk() if row.entry]")
    found = eval(kernel.evaluate("[(entry.cell_id, entry.execution_count) for entry in entries]"))
    assert len(found) == 5
    assert set(found) == {(cell, result.count) for cell, result in results.items()}
