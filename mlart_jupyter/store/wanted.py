"""Which runs are looked for, and the same in MLflow's words."""

from __future__ import annotations

from dataclasses import dataclass

TAG = "tag:"
STATUSES = ("RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a page is of.

    Attributes
    ----------
    search
        A part of a run's name, a run's id, or ``tag:name=value``.
    experiment
        The id of one; ``""`` is all.
    status
        One of `STATUSES`; any other is all.
    """

    search: str = ""
    experiment: str = ""
    status: str = ""

    @property
    def is_id(self) -> bool:
        """Whether one run is named."""
        return len(self.search) == 32 and self.search.isalnum()

    @property
    def filter(self) -> str:
        """The same in MLflow's words.

        >>> Wanted("tag:kind=demo", status="FAILED").filter
        "tags.`kind` = 'demo' AND attributes.status = 'FAILED'"
        """
        status = f"attributes.status = '{self.status}'" if self.status in STATUSES else ""
        return " AND ".join(filter(None, (self._named, status)))

    @property
    def _named(self) -> str:
        if self.search.startswith(TAG):
            name, _, value = (_quotable(part.strip()) for part in self.search.removeprefix(TAG).partition("="))
            return f"tags.`{name}` = '{value}'" if name else ""
        words = _quotable(self.search)
        return f"attributes.run_name ILIKE '%{words}%'" if words else ""


def _quotable(text: str) -> str:
    """Words without what would end or widen the quotation that they stand in."""
    return text.translate(dict.fromkeys(map(ord, "'`%\\")))
