"""Takes secrets out of what leaves the machine: notebooks, texts, logs, sources.

Works in a process of its own (`Scanner`), so that no cell shares an interpreter with the search.
"""

from mlart_jupyter.redaction.known import known_secrets
from mlart_jupyter.redaction.models import Finding, Redacted, Rules
from mlart_jupyter.redaction.scanner import Scanner, is_scanned

__all__ = ["Finding", "Redacted", "Rules", "Scanner", "is_scanned", "known_secrets"]
