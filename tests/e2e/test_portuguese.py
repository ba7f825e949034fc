"""JupyterLab in Brazilian Portuguese: the sidebar speaks it, too."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .conftest import TOKEN, Driver, Server

SHOW = """async () => {
  await window.jupyterapp.restored;
  await window.jupyterapp.commands.execute('mlart:open');
  return window.jupyterapp.commands.label('mlart:open');
}"""


@pytest.fixture
def portuguese(tmp_path):
    """A JupyterLab whose user has chosen the language."""
    folder = tmp_path / "settings" / "@jupyterlab" / "translation-extension"
    folder.mkdir(parents=True)
    (folder / "plugin.jupyterlab-settings").write_text(json.dumps({"locale": "pt_BR"}))
    server = Server("lab", tmp_path)
    yield server
    server.stop()


@pytest.mark.long
def test_the_sidebar_speaks_the_language_of_jupyterlab(portuguese, page):
    page.goto(f"{portuguese.base}/lab?token={TOKEN}")
    page.wait_for_function("() => window.jupyterapp", timeout=60_000)
    assert page.evaluate(SHOW) == "Mostrar artefatos"
    sidebar = page.locator("#mlart-browser")
    expect(sidebar.get_by_role("button", name="Outras execuções")).to_be_visible(timeout=30_000)
    expect(sidebar.get_by_text("Abra um notebook para ver o que as execuções dele guardam")).to_be_visible(
        timeout=30_000
    )
    expect(sidebar.get_by_text("0 em espera · 0 guardados · 0 com falha")).to_be_visible(timeout=30_000)
    Driver(portuguese, page).shot("13-portuguese")
