"""What the ledger does on the order book's news."""

from __future__ import annotations

from uuid import UUID

from karvon.kernel.events import handles
from karvon.ledger.entries import posting_of
from karvon.ledger.posting import post
from karvon.orders.events import MoneyMoved


@handles(MoneyMoved, name="ledger.post_money")
def post_money(event: MoneyMoved, *, event_id: UUID) -> None:
    """One transaction for each event, however often it arrives and in whatever order."""
    post(posting_of(event, key=f"event:{event_id}"))
