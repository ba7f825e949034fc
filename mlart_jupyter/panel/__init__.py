"""The door to ipywidgets: the browser as a widget."""

from mlart_jupyter.panel.widget import ArtifactBrowser

__all__ = ["ArtifactBrowser"]
