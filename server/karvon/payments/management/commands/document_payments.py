"""Draw the states of payments and what providers can do into their document."""

from __future__ import annotations

from karvon.kernel.drawing import DOCUMENTS, DrawingCommand
from karvon.payments.diagrams import put_into


class Command(DrawingCommand):
    help = "Write the states of payments and the table of providers into docs/payments.md."
    document = DOCUMENTS / "payments.md"

    def put_into(self, document: str) -> str:
        return put_into(document)
