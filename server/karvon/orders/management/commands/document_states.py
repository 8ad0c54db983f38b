"""Draw the states of orders into their document."""

from __future__ import annotations

from karvon.kernel.drawing import DOCUMENTS, DrawingCommand
from karvon.orders.diagrams import put_into


class Command(DrawingCommand):
    help = "Write diagrams and tables of the states of orders into docs/orders.md."
    document = DOCUMENTS / "orders.md"

    def put_into(self, document: str) -> str:
        return put_into(document)
