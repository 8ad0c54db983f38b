"""What the ledger does on the order book's news."""

from __future__ import annotations

from uuid import UUID

from karvon.kernel.events import handles
from karvon.ledger.entries import posting_of, surplus_posting
from karvon.ledger.posting import post
from karvon.orders.events import MoneyMoved
from karvon.payments.events import SurplusMoved


@handles(MoneyMoved, name="ledger.post_money")
def post_money(event: MoneyMoved, *, event_id: UUID) -> None:
    """One transaction for each event, however often it arrives and in whatever order."""
    post(posting_of(event, key=f"event:{event_id}"))


@handles(SurplusMoved, name="ledger.post_surplus")
def post_surplus(event: SurplusMoved, *, event_id: UUID) -> None:
    """Money that no order needed is the customer's all the time. In a merchant's own account it is none of ours."""
    if not event.is_merchants:
        post(surplus_posting(event, key=f"event:{event_id}"))
