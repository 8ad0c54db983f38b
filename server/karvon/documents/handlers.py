"""What is written on the order book's news, and made of what was written."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from karvon.documents import services
from karvon.documents.events import DocumentIssued
from karvon.documents.tasks import hand_over
from karvon.kernel.events import handles
from karvon.orders.events import MoneyMoved, OrderConfirmed


@handles(OrderConfirmed, name="documents.write_invoice")
def write_invoice(event: OrderConfirmed, *, event_id: UUID) -> None:
    """Of each of the order's merchants; with the receipt where it is paid already."""
    services.issue_documents(order_id=event.order_id)


@handles(MoneyMoved, name="documents.follow_money")
def follow_money(event: MoneyMoved, *, event_id: UUID) -> None:
    """A receipt once a merchant's share is paid, a credit note for what is given back."""
    if event.kind == "paid":
        services.issue_documents(order_id=event.order_id)
    elif event.kind == "refunded":
        services.issue_credit_note(event=event, event_id=event_id)


@handles(DocumentIssued, name="documents.make_file", queue="reports")
def make_file_of_document(event: DocumentIssued, *, event_id: UUID) -> None:
    """Not here, where a transaction is open: a task of its own. Should that be lost, the first who asks makes the file."""
    transaction.on_commit(lambda: hand_over(event.document_id))
