"""What axe-core finds in a page that keeps somebody from using it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
# JupyterLab's page is no pixel high and hides what is beyond it: to axe nothing in it would be visible
SEEN = "html, body { height: 100% !important }"
RUN = """async place => {
  const found = await axe.run(place);
  const ratios = found.passes.filter(rule => rule.id === 'color-contrast')
    .flatMap(rule => rule.nodes).map(node => node.any[0]?.data?.contrastRatio);
  const serious = found.violations.filter(rule => ['serious', 'critical'].includes(rule.impact));
  const told = rule => rule.nodes.map(node => [rule.id, node.html, node.failureSummary]);
  return { measured: ratios.filter(Boolean).length, serious: serious.flatMap(told) };
}"""


def serious(page: Page, place: str = "#mlart-browser") -> list[list[str]]:
    """Look at one place of the page; each finding is its rule, the element and what would mend it."""
    page.add_style_tag(content=SEEN)
    page.evaluate(AXE.read_text())
    found = page.evaluate(RUN, place)
    assert found["measured"], "axe has seen no text: it says nothing of its colours"
    faults: list[list[str]] = found["serious"]
    return faults
