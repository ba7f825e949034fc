"""Light, dark and high contrast: whoever needs a theme can read the sidebar and the panel in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jupyterlab.commands import get_app_dir
from playwright.sync_api import expect

from .accessible import serious

SIDEBAR, PANEL = "#mlart-browser", ".mlart-Panel"
CONTRAST = "JupyterLab Dark High Contrast"
HAS_CONTRAST = Path(get_app_dir(), "themes/@jupyterlab/theme-dark-high-contrast-extension").is_dir()
# the light one is what the other tests look at
THEMES = [CONTRAST] * HAS_CONTRAST + ["JupyterLab Dark", "JupyterLab Light"] * (os.environ.get("MLART_LONG") == "1")
CHANGE = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
RATIO = """([one, other]) => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const light = color => {
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
      .map(part => part / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}"""
LOOK = """selector => {
  const style = getComputedStyle(document.querySelector(selector));
  const { outlineStyle, outlineWidth, outlineColor, borderTopColor } = style;
  const around = getComputedStyle(document.querySelector('#mlart-browser .mlart-Browser')).backgroundColor;
  return { outline: outlineStyle === 'none' ? 0 : parseFloat(outlineWidth), outlineColor, borderTopColor, around };
}"""
LOGGED = r"""
import mlart_jupyter
mlart_jupyter.log({"rate": 0.1, "deep": {"x": [1, None, True, "word"]}}, "files/config.json")
mlart_jupyter.log("\x1b[31mred\x1b[0m \x1b[34mblue\x1b[0m \x1b[32mgreen\x1b[0m \x1b[33myellow\x1b[0m\n", "files/a.log")
mlart_jupyter.log("import os  # words\nprint('text', 1)\n", "files/code.py")
"""
CELLS = [
    "%load_ext mlart_jupyter\n%mlart start themes\nimport matplotlib.pyplot as plt, pandas as pd",
    "for height in (2, 3):\n    plt.plot([1, height]); plt.title('loss'); plt.show()",
    "table = pd.DataFrame({'n': range(50), 'word': ['a', 'b'] * 25})\ntable",
    LOGGED,
    "%mlart flush\n%mlart browse",
]
SEEN = {
    "loss_v2.png": ".mlart-Versions",
    "table.parquet": "[role=table]",
    "config.json": ".mlart-Value-key",
    "a.log": ".mlart-token-ansi-red",
    "code.py": ".mlart-token-keyword",
}


def contrast(page, color, other):
    """How much two colours differ (WCAG 2.2, section 1.4.11): 1 to 21."""
    return page.evaluate(RATIO, [color, other])


def standing_out(page):
    """In high contrast what is selected or focused has a ring, what can be filled a border, as bright as it takes."""
    page.locator(f"{SIDEBAR} .mlart-Search").focus()  # the selected row is not the focused one
    ringed = [f"{SIDEBAR} .mlart-Search", f"{SIDEBAR} .mlart-Row[aria-selected='true']"]
    for selector in ringed:
        look = page.evaluate(LOOK, selector)
        assert look["outline"] >= 1, selector
        assert contrast(page, look["outlineColor"], look["around"]) >= 3, (selector, look)
    for selector in (".mlart-Search", ".mlart-Select", ".mlart-Footer"):
        look = page.evaluate(LOOK, f"{SIDEBAR} {selector}")
        assert contrast(page, look["borderTopColor"], look["around"]) >= 3, (selector, look)
    for button in ("Download file", "Close preview"):
        page.keyboard.press("Tab")  # by keys, or there is no ring
        page.locator(SIDEBAR).get_by_label(button).focus()
        look = page.evaluate(LOOK, f"{SIDEBAR} .mlart-IconButton:focus-visible")
        assert look["outline"] >= 2, look
        assert contrast(page, look["outlineColor"], look["around"]) >= 3, look


@pytest.mark.lab
@pytest.mark.skipif(not THEMES, reason="this JupyterLab has no theme of high contrast")
def test_all_is_readable_in_each_theme(server, driver, page, write_notebook):
    driver.open(write_notebook(f"themes-{server.app}.ipynb", *CELLS))
    driver.command("mlart:open")
    driver.command("notebook:run-all-cells")
    sidebar, panel = page.locator(SIDEBAR), page.locator(PANEL)
    panel.wait_for(timeout=120_000)
    panel.scroll_into_view_if_needed()
    panel.get_by_role("treeitem", name="figures").click(timeout=60_000)
    panel.get_by_role("treeitem", name="loss_v2.png").click()
    for folder in ("figures", "frames", "files"):
        row = sidebar.get_by_role("treeitem", name=folder)
        row.wait_for(timeout=60_000)
        if row.get_attribute("aria-expanded") == "false":
            row.click()
    for theme in THEMES:
        page.evaluate(CHANGE, theme)
        page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached", timeout=30_000)
        for name, shown in SEEN.items():
            sidebar.get_by_role("treeitem", name=name).click()
            expect(sidebar.locator(".mlart-Preview").locator(shown).first).to_be_visible(timeout=60_000)
            assert serious(page, SIDEBAR) == [], f"{name} in {theme}"
        expect(panel.locator(".mlart-Versions")).to_be_visible(timeout=60_000)
        assert serious(page, PANEL) == [], theme
        sidebar.get_by_role("treeitem", name="loss_v2.png").click()
        if theme == CONTRAST:
            standing_out(page)
        driver.shot(f"18-{theme.lower().replace(' ', '-')}")
