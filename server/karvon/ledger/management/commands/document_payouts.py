"""Draw the states of payouts into their document."""

from __future__ import annotations

from karvon.kernel.drawing import DOCUMENTS, DrawingCommand
from karvon.ledger.diagrams import put_into


class Command(DrawingCommand):
    help = "Write the states of payouts into docs/ledger.md."
    document = DOCUMENTS / "ledger.md"

    def put_into(self, document: str) -> str:
        return put_into(document)
