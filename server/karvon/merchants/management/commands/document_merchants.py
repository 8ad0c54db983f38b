"""Draw rights and states of merchants into their document."""

from __future__ import annotations

from karvon.kernel.drawing import DOCUMENTS, DrawingCommand
from karvon.merchants.diagrams import put_into


class Command(DrawingCommand):
    help = "Write the tables of rights and the states of shops and papers into docs/merchants.md."
    document = DOCUMENTS / "merchants.md"

    def put_into(self, document: str) -> str:
        return put_into(document)
