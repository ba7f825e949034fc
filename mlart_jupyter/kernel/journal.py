"""What became of each cell's showings, and what the cell paid: the receipts that ``%mlart`` prints."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mlart_jupyter.models import Cell, Entry, Receipt

MOST_CELLS = 500
MOST_RECEIPTS = 1000
"""Per cell: a loop may show things for hours."""


@dataclass
class Page:
    """One cell's receipts; `paid` are the milliseconds that it spent in our hooks."""

    cell: Cell
    paid: float = 0.0
    receipts: list[Receipt] = field(default_factory=list)
    more: int = 0

    @property
    def label(self) -> str:
        """How a user tells the cell: by the number beside it."""
        count = self.cell.execution_count
        return f"[{count}]" if count is not None else "[ ]"


class Journal:
    """The pages of a session's last cells, oldest first."""

    def __init__(self) -> None:
        self._pages: deque[Page] = deque([Page(Cell())], maxlen=MOST_CELLS)
        self._early: dict[str, Receipt] = {}
        self._notes: dict[str, str] = {}
        self.paid = 0.0

    def begin(self, cell: Cell) -> None:
        """Open a page for a cell; one that showed nothing gives its place."""
        if not self._pages[-1].receipts:
            self._pages.pop()
        self._pages.append(Page(cell))

    def pay(self, milliseconds: float) -> None:
        """Add to what the running cell, and all cells, have paid."""
        self._pages[-1].paid += milliseconds
        self.paid += milliseconds

    def add(self, receipt: Receipt) -> None:
        """Note what became of a showing."""
        page, receipt = self._pages[-1], self._noted(self._early.pop(receipt.mark.get("item", ""), receipt))
        if len(page.receipts) < MOST_RECEIPTS:
            page.receipts.append(receipt)
        else:
            page.more += 1

    def settle(self, receipt: Receipt) -> None:
        """Replace the receipt of a snapshot by that of the written item; from any thread."""
        item, receipt = receipt.mark["item"], self._noted(receipt)
        for page in reversed(list(self._pages)):
            for i, before in enumerate(page.receipts):
                if before.mark.get("item") == item:
                    page.receipts[i] = receipt
                    return
        self._early[item] = receipt  # the writer was faster than the cell

    def noted(self, entries: Iterable[Entry]) -> None:
        """Tell what only the delivery of an item has found out; from any thread."""
        found = [entry for entry in entries if entry.note]
        for entry in found:
            self._notes.setdefault(entry.item, entry.note or "")  # that of the first file, which holds the most
        while len(self._notes) > MOST_RECEIPTS:
            self._notes.pop(next(iter(self._notes)))
        for page in list(self._pages) if found else ():
            page.receipts[:] = map(self._noted, page.receipts)

    def _noted(self, receipt: Receipt) -> Receipt:
        """The receipt with the note of its delivery, which may be there before the receipt is."""
        note = self._notes.get(receipt.mark.get("item", ""))
        return dataclasses.replace(receipt, reason=note) if note else receipt

    @property
    def count(self) -> int:
        """How many cells have shown something, as far as is remembered."""
        return sum(bool(page.receipts) for page in self._pages)

    def last(self, number: int) -> Iterator[Page]:
        """The last cells that showed something, oldest first."""
        pages = [page for page in self._pages if page.receipts]
        yield from pages[-number:] if number else []
