"""What keeps shown things out of a run, and the receipt that says so."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel

SHOWS = "plt.plot([1]); plt.title('seen'); plt.show()\npd.DataFrame({'a': [1]})"


@pytest.mark.parametrize("first", ["#mlart: off", "# mlart: OFF ", "\n#mlart:off"])
def test_a_cell_that_says_so_keeps_nothing(kernel, stored, first):
    kernel.ok(f"{first}\n{SHOWS}")
    assert stored() == []
    kernel.ok(SHOWS)
    assert len(stored()) == 2


def test_only_the_first_line_switches_a_cell_off(kernel, stored):
    kernel.ok(f"{SHOWS}\n#mlart: off")
    kernel.ok(f"# mlart: offset\n{SHOWS}")
    assert "figures/seen.png" in stored()


def test_the_cell_magic_keeps_what_the_switch_would_not(kernel, stored):
    kernel.ok(f"%%log_artifact forced\n#mlart: off\n{SHOWS}")
    assert "forced/seen.png" in stored()


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        ("figures = False", ["parquet"]),
        ("frames = False", ["png"]),
        ("enabled = False", []),
        ("largest_bytes = 5000", ["parquet"]),
        ("off_notebooks = ['*/scratch*.ipynb']", []),
        ("off_notebooks = ['other.ipynb']", ["parquet", "png"]),
    ],
)
def test_settings_keep_things_out(kernel, stored, setting, kept):
    name = setting.partition(" ")[0]
    kernel.ok("__vsc_ipynb_file__ = 'work/scratch-1.ipynb'")
    before = kernel.evaluate(f"get_ipython().magics_manager.registry['MlartMagics']._services.config.{name}")
    kernel.ok(f"%config Mlart.{setting}")
    try:
        kernel.ok(SHOWS)
        assert sorted(path.rpartition(".")[2] for path in stored()) == kept
    finally:
        kernel.ok(f"%config Mlart.{name} = {before}\ndel __vsc_ipynb_file__")


def test_the_status_tells_what_each_cell_kept_and_why_not(kernel):
    kernel.ok(SHOWS)
    kernel.ok(f"#mlart: off\n{SHOWS}")
    kernel.ok(SHOWS)
    text = kernel.ok("%mlart status --cells 3").text
    assert " ms  figures/seen.png  " in text
    assert "not kept: Figure (the cell says #mlart: off)" in text
    assert "not kept: figures/seen.png (already in the run)" in text


def test_config_lists_every_setting_with_its_help(kernel):
    from mlart_jupyter.config import Mlart

    text = kernel.ok("%config Mlart").text
    for name, trait in Mlart.class_traits(config=True).items():
        if name not in ("config", "parent", "log"):
            assert f"Mlart.{name}=" in text
            assert trait.help


def test_the_status_says_that_it_tells_of_the_last_cells_only(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r\nfrom IPython.display import HTML, Javascript, display")
    for number in range(3):
        kernel.ok(f"HTML('<p>{number}</p>')")
    assert "… 1 earlier cells (%mlart status --cells 3 tells of them)" in kernel.ok("%mlart status --cells 2").text
    assert "earlier" not in kernel.ok("%mlart").text
    assert "not kept: a script, which" in kernel.ok("display(Javascript('1'))\n%mlart").text


def test_the_status_says_what_the_delivery_of_a_frame_has_found_out(start_kernel):
    kernel = start_kernel()
    kernel.ok("%load_ext mlart_jupyter\n%mlart start r\nimport pandas as pd")
    kernel.ok("pd.DataFrame({'o': [1, 'a']})")
    assert "(stored as JSON text: o)" in kernel.ok("%mlart flush\n%mlart").text
