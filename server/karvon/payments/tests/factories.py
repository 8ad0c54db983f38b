"""Orders that wait for a payment, and accounts with providers, for tests of this room and those above."""

from __future__ import annotations

from typing import Any

from karvon.kernel import clock
from karvon.merchants.models import Merchant
from karvon.orders.models import Order
from karvon.orders.tests.factories import make_order
from karvon.payments.booking.differences import note_difference
from karvon.payments.models import (
    Difference,
    DifferenceKind,
    Payment,
    PaymentAttempt,
    ProviderAccount,
    ProviderEvent,
    ReconciliationRun,
    Refund,
)
from karvon.payments.secrets import seal

BANK = {"HOLDER": "Karvon LLC", "BANK": "National Bank", "NUMBER": "20208000900123456001"}


def make_account(provider: str, merchant: Merchant | None = None, **values: str) -> ProviderAccount:
    """A contract with a provider: the platform's, or a merchant's own."""
    return ProviderAccount.objects.create(provider=provider, merchant=merchant, secrets=seal(values))


def bank_account() -> ProviderAccount:
    """Where bank transfers of the platform go."""
    return make_account("bank_transfer", **BANK)


def make_unpaid(method: str, *items: Any, **fields: Any) -> Order:
    """A customer's order that waits to be paid this way."""
    return make_order(*items, payment_method=method, **fields)


def compare_something() -> Difference:
    """A day that was compared, and a charge that nobody here knows."""
    ReconciliationRun.objects.create(
        provider="stripe", day="2026-11-20", currency="USD", their_count=1, their_total=5
    )
    note_difference(
        None,
        DifferenceKind.MISSING_HERE,
        reference="ch_1",
        ours="",
        theirs="5 USD",
        provider="stripe",
    )
    return Difference.objects.get(reference="ch_1")


def pay_and_return(order: Order) -> Refund:
    """A payment of this order with one row of everything: an attempt, a message of the provider, a refund by hand."""
    payment = Payment.objects.create(
        order=order, provider="stripe", state="paid", amount=order.total, currency=order.currency,
        reference=f"cs_{order.pk}", charge_reference=f"ch_{order.pk}", paid_at=clock.now(),
    )  # fmt: skip
    PaymentAttempt.objects.create(
        payment=payment, provider="stripe", reference=f"pi_{order.pk}", state="paid", amount=order.total,
        currency=order.currency, begun_at=clock.now(), finished_at=clock.now(),
    )  # fmt: skip
    ProviderEvent.objects.create(
        provider="stripe", event_id=f"evt_{order.pk}", kind="checkout.session.completed", payment=payment,
        headers={"content-type": "application/json"}, body=b'{"amount": 1.10, "note": "<b>\\u202e"}', is_verified=True,
        outcome="applied", answer_status=200, answer=b"{}",
    )  # fmt: skip
    return Refund.objects.create(
        payment=payment, amount=order.total, currency=order.currency, state="manual", reason="called_off"
    )
